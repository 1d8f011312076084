/** How a key is handed over: to whom, in which form, with what else belongs to the form. */
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import type { OaepHash, WrapFormat } from '../../shared/model/terms.ts';
import { isTwoSteps, oaepLimit } from '../../shared/model/wrapFormats.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { newestOf } from '../keys/KeyDetail.tsx';
import { isPair } from '../parts/algorithmText.ts';
import type { Option } from '../parts/Choices.tsx';
import { oaepRequest, usualOaep } from './OaepFields.tsx';
import type { Oaep } from './OaepFields.tsx';

export type Recipient = WindowReply<'recipient.list'>['recipients'][number];
export type Sent = WindowReply<'key.export'>;

/** A recipient, or a key-wrapping key of this vault. */
export type Target = { readonly kind: 'recipient'; readonly recipient: Recipient } | { readonly kind: 'key'; readonly name: string };

export interface Plan {
  readonly target: Target | undefined;
  readonly format: WrapFormat | undefined;
  readonly oaep: Oaep;
  /** Where the AES key of RSA-AES-KWP is made. */
  readonly ephemeralKey: 'place' | 'computer';
  readonly accepted: boolean;
}

export const noPlan: Plan = { target: undefined, format: undefined, oaep: usualOaep, ephemeralKey: 'place', accepted: false };

/** What fits without another thought. */
export function planFor(target: Target, { key }: KeyShown): Plan {
  const format = target.kind === 'key' ? 'aes-kwp' : isPair(key.algorithm) ? 'rsa-aes-kwp-sha256' : 'rsa-oaep-sha256';
  return { ...noPlan, target, format };
}

export function usesEphemeral(format: WrapFormat | undefined): boolean {
  return format !== undefined && isTwoSteps(format);
}

/** Why OAEP does not take the key, RFC 8017 §7.1.1; undefined where it does. */
function oaepRefusal(shown: KeyShown, { modulusBits }: Recipient, hash: OaepHash): string | undefined {
  if (isPair(shown.key.algorithm)) return 'A private key is longer than it takes: choose RSA-AES-KWP.';
  const bytes = Math.ceil((newestOf(shown)?.bits ?? algorithmFacts[shown.key.algorithm].bits) / 8);
  const most = oaepLimit(Math.ceil(modulusBits / 8), hash);
  return bytes <= most ? undefined : `Under this recipient's key it takes ${most} bytes, and the key has ${bytes}.`;
}

const underKey = (pair: boolean): readonly Option<WrapFormat>[] => [
  { value: 'aes-kwp', title: 'AES-KWP', why: 'RFC 5649: takes a key of any length, private keys too.' },
  { value: 'aes-kw', title: 'AES-KW', why: 'RFC 3394: what older systems know.', no: pair ? 'It takes only lengths that 8 divides, and a private key has any: choose AES-KWP.' : undefined },
];

export function formatOptions(target: Target, shown: KeyShown): readonly Option<WrapFormat>[] {
  if (target.kind === 'key') return underKey(isPair(shown.key.algorithm));
  const oaep = (hash: OaepHash, why: string, heading?: string) => ({ value: `rsa-oaep-${hash}` as const, title: `RSA-OAEP with ${hash.replace('sha', 'SHA-')}`, why, no: oaepRefusal(shown, target.recipient, hash), heading });
  return [
    oaep('sha256', 'RFC 8017. What a current system takes.', 'The key itself under RSA'),
    oaep('sha384', 'Where the other side asks for it.'),
    oaep('sha512', 'Where the other side asks for it.'),
    oaep('sha1', 'Only where a token or a cloud insists: SoftHSM does.'),
    { value: 'rsa-aes-kwp-sha256', title: 'RSA-AES-KWP with SHA-256', why: 'An AES-256 key of one use wraps the key, and travels under RSA before it. Private keys too; what clouds import.', heading: 'With a key of one use between' },
    { value: 'rsa-aes-kwp-sha1', title: 'RSA-AES-KWP with SHA-1', why: 'The same, where a token or a cloud insists on SHA-1.' },
  ];
}

/** Asks where the file goes, then the core, which asks for the approval. */
export async function handOver(name: string, { target, format, oaep, ephemeralKey }: Plan, acceptStrength: number | undefined, control: CallControl): Promise<Sent> {
  if (target === undefined || format === undefined) throw new Error('nothing was chosen');
  const out = (await call('host.chooseFile', { use: 'export-key', name: `${name}.${format}` })).grant;
  if (target.kind === 'key') return await call('key.wrap', { key: name, under: target.name, format: format as 'aes-kw', out }, control);
  const accepts = acceptStrength === undefined ? {} : { acceptStrength };
  const more = usesEphemeral(format) ? { ephemeralKey } : {};
  return await call('key.export', { key: name, to: target.recipient.name, format: format as 'rsa-oaep-sha1', ...oaepRequest(format, oaep), ...more, out, ...accepts }, control);
}
