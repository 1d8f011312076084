/** The recovery sheet: one page of HTML that needs nothing else, to be printed and put away. It is a secret as long as it is a file. */
import encodeQr from 'qr';
import { wordsOf } from '../../../shared/words/pgpWords.ts';

export interface RecoverySheet {
  readonly words: readonly string[];
  /** The name of the vault's file. */
  readonly vaultName: string;
  readonly person: string;
  /** Lower-case hex. */
  readonly genesisFingerprint: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

/** SECURITY: the page loads and runs nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const style = `body { font: 12pt/1.5 sans-serif; max-width: 18cm; margin: 1.5cm auto; color: #000; background: #fff }
h1 { font-size: 18pt; margin: 0 } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em } dt { font-weight: bold } dd { margin: 0 }
ol { columns: 2; font: 14pt/1.9 monospace; border: 1pt solid; padding: .5em 1em .5em 3em } svg { width: 4.5cm; height: 4.5cm; float: right }
li { break-inside: avoid }`;

/** The words again, for a camera: as they are typed. */
function qrOf(words: readonly string[]): string {
  return encodeQr(words.join(' ').toLowerCase(), 'svg', { ecc: 'medium', optimize: false });
}

/** HTML, UTF-8. */
export function recoverySheet({ words, vaultName, person, genesisFingerprint, at }: RecoverySheet): string {
  const date = new Date(at).toISOString().slice(0, 10);
  const genesis = wordsOf(genesisFingerprint.slice(0, 24)).join(' ');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>Recovery sheet of ${escaped(vaultName)}</title><style>${style}</style></head>
<body>
${qrOf(words)}
<h1>Recovery sheet</h1>
<p>Whoever has this sheet and a copy of the vault's file opens the vault. Print it, put it where you would put a key to the safe, and delete this file.</p>
<dl><dt>Vault</dt><dd>${escaped(vaultName)}</dd><dt>Person</dt><dd>${escaped(person)}</dd><dt>Made</dt><dd>${date} (UTC)</dd><dt>Genesis</dt><dd>${genesis}</dd></dl>
<ol>
${words.map((word) => `<li>${word}</li>`).join('\n')}
</ol>
<p>To recover: <code>strongroom vault recover --vault FILE</code>, or "Recover with the sheet" where the window asks for the passphrase. All ${words.length} words are typed in this order; the last two are a checksum of the others, so that a slip is found. A recovery asks for a new passphrase, begins a new epoch and makes this sheet worthless: make a new one afterwards.</p>
</body>
</html>
`;
}
