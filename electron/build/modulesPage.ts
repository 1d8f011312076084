/** The page about PKCS#11 modules, made from what the provider suite found on each: one table, module × operation. */

export const outcomes = ['works', 'refused by the module', 'refused by us', 'not there'] as const;
export type Outcome = (typeof outcomes)[number];

export interface ModuleColumn {
  readonly module: string;
  /** The library's own words: manufacturer, description, version; and the token's model and firmware. */
  readonly versions: string;
  readonly operations: Readonly<Record<string, Outcome>>;
  /** What was found of each attribute that forbids something. */
  readonly guards: Readonly<Record<string, GuardOutcome>>;
}

export const guardOutcomes = ['stored and enforced', 'stored, not enforced', 'stored, not tried', 'not stored', 'not tried'] as const;
export type GuardOutcome = (typeof guardOutcomes)[number];

const short: Readonly<Record<Outcome, string>> = { works: 'works', 'refused by the module': 'module refuses', 'refused by us': 'we refuse', 'not there': '–' };
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

const opening = `# PKCS#11 modules that this product was run on

Made by \`npm run modules\` from what the provider suite (\`test/contract/\`) finds on each module; each run of the tests holds this page against the module.
A virtual card is a program of the tests (\`test/fixtures/virtualPivCard.ts\`), not a card.

- **works**: done, and its result checked in software.
- **module refuses**: the module answered with an error, to the call or to the trial with throw-away keys before it.
- **we refuse**: this product does not do it on a token, or not with such a key.
- **–**: the module lists no mechanism for it.
`;

/** One row for each name that any column has. */
function table(corner: string, columns: readonly ModuleColumn[], cells: (column: ModuleColumn) => Readonly<Record<string, string>>): string {
  const names = [...new Set(columns.flatMap((column) => Object.keys(cells(column))))];
  return [
    row([corner, ...columns.map(({ module }) => module)]),
    row(['---', ...columns.map(() => '---')]),
    ...names.map((name) => row([name, ...columns.map((column) => cells(column)[name] ?? '')])),
  ].join('\n');
}

/** @param columns in the order that they are shown */
export function modulesPage(columns: readonly ModuleColumn[]): string {
  const operations = table('operation', columns, (column) => Object.fromEntries(Object.entries(column.operations).map(([name, outcome]) => [name, short[outcome]])));
  const versions = columns.map((column) => `- **${column.module}**: ${column.versions}`);
  return `${opening}\n## Versions\n\n${versions.join('\n')}\n\n## Operations\n\n${operations}\n${guarded}\n${table('forbidden', columns, ({ guards }) => guards)}\n${known}`;
}

function columnIn(text: string, module: string): Readonly<Record<string, string>> {
  const rows = text.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | '));
  const at = rows[0]?.indexOf(module) ?? -1;
  if (at < 0) return {};
  return Object.fromEntries(rows.slice(2).flatMap((cells) => (cells[at] === '' || cells[at] === undefined ? [] : [[cells[0] ?? '', cells[at]]])));
}

/** One module's columns of the page. */
export function columnOf(page: string, module: string): { readonly operations: Readonly<Record<string, string>>; readonly guards: Readonly<Record<string, string>> } {
  const [operations = '', guards = ''] = page.split(guarded);
  const byWord = new Map<string, string>(outcomes.map((outcome) => [short[outcome], outcome]));
  return { operations: Object.fromEntries(Object.entries(columnIn(operations, module)).map(([name, word]) => [name, byWord.get(word) ?? word])), guards: columnIn(guards, module) };
}

const guarded = `
## What it stores, and what it enforces

An attribute that forbids something is set on a throw-away key, read back, and gone against; a key that allows it is the control. A token that takes no such key is not tried.
What a token does not enforce of CKA_EXTRACTABLE, of a key's one purpose and of CKA_ALWAYS_AUTHENTICATE, this product enforces before each use.
`;

const known = `
## What is behind it

- **SoftHSM** tells no length of an unwrapped key: it is measured by AES-KW. Through **p11-kit**, which hands on neither AES-KW nor GCM nor OAEP with SHA-2, it cannot be measured, and such a key is not kept.
- **NSS** stores CKA_EXTRACTABLE and does not heed it: the core does, before each wrap.
- **openCryptoki** stores what OAEP unwraps as not sensitive, whatever it is told: such a key is destroyed again. It tells no length of a key that it was given. Its PINs have 4 to 8 bytes.
- **tpm2-pkcs11** has no session pairs and lets no private key leave. It refuses a template that forbids decryption: a signature key decrypts too as far as the TPM goes, and this product has no such operation. One call at a time reaches it, as it does every module: each has a child process of its own. It makes P-521 pairs and cannot sign with them: they are not offered.
- **PIV cards** make keys for their management key alone: they are made by the card's own program, and adopted. Slot 9C wants the PIN before each use. A card's ECDH is not offered: it could not be tried with a pair that is thrown away. Rows of curves and sizes that the card has no key of say that it makes none.
- **OpenSC** loses its login in the middle of its work: a signature that it refused for that is asked for once more, after a new login. It keeps session objects when their session closes: throw-away keys are destroyed one by one.
`;
