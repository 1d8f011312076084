/** Secret keys as bare bytes, hex or base64: where a file can be read in several ways, none is guessed; each is named with its length and its check value. */
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../../crypto/bytes.ts';
import { ed25519PublicKey } from '../../crypto/ed25519.ts';
import { cmacKeyCheckValue } from '../../crypto/keyCheckValue.ts';
import { ed25519Curve, octetPair } from '../../crypto/keyForms/octetKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import type { KeyFileEntry } from './keyFileEntry.ts';
import { base64Of, hexOf, textOf, trimmed } from './textBytes.ts';

export const secretForms = ['hex', 'base64', 'raw'] as const;
export type SecretForm = (typeof secretForms)[number];

/** The longest secret in bytes, where the person says that it is one. */
const longest = 1024;
/** The same for a file of which nobody said what it is: the block of SHA-512, beyond which no HMAC key is longer (RFC 2104 §3). */
const longestUnsaid = 128;

interface Reading {
  readonly form: SecretForm;
  /** Owned here until it is an entry. */
  readonly bytes: Uint8Array;
}

function wipe(readings: readonly Reading[]): void {
  for (const { bytes } of readings) bytes.fill(0); // SECURITY: what is not taken is not kept
}

/** All readings of a file. Base64 is none where all letters are hex digits: a random key would have others. */
function readingsOf(bytes: Uint8Array): readonly Reading[] {
  const text = textOf(bytes)?.text;
  const raw: Reading = { form: 'raw', bytes: new Uint8Array(bytes) };
  if (text === undefined) return [raw];
  const hex = hexOf(trimmed(text));
  const base64 = hex === undefined ? base64Of(trimmed(text)) : undefined;
  return [...(hex === undefined ? [] : [{ form: 'hex', bytes: hex } as const]), ...(base64 === undefined ? [] : [{ form: 'base64', bytes: base64 } as const]), raw];
}

/** For people to compare: bits, and the KCV where the bytes could be an AES key. */
function described({ form, bytes }: Reading): string {
  const kcv = [16, 24, 32].includes(bytes.length) ? `, KCV ${toHex(cmacKeyCheckValue(bytes))} (CMAC)` : '';
  return `${form}, ${bytes.length * 8} bits${kcv}`;
}

function ambiguous(readings: readonly Reading[]): Error {
  return new StrongroomError('choice-needed', `the file can be read in ${readings.length} ways: ${readings.map(described).join('; or ')}`, { field: 'secretForm', nextStep: `compare the check value with the one of the key's maker, and say which with --secret-form ${readings.map(({ form }) => form).join(' or ')}` });
}

function chosen(bytes: Uint8Array, form: SecretForm): Reading {
  if (form === 'raw') return { form, bytes: new Uint8Array(bytes) };
  const text = textOf(bytes)?.text;
  const read = text === undefined ? undefined : form === 'hex' ? hexOf(trimmed(text)) : base64Of(trimmed(text));
  if (read === undefined) throw malformed(`the file expected ${form}, got something else`, { field: 'secretForm' });
  return { form, bytes: read };
}

export interface SecretOptions {
  /** The person's choice among readings. */
  readonly secretForm?: SecretForm;
  /** Lengths that the caller can use, in bits; readings of another length are none. */
  readonly secretBits?: readonly number[];
}

function oneReading(bytes: Uint8Array, { secretForm, secretBits }: SecretOptions): Reading {
  const all = secretForm === undefined ? readingsOf(bytes) : [chosen(bytes, secretForm)];
  const limit = secretForm === undefined ? longestUnsaid : longest;
  const fits = ({ bytes: read }: Reading) => read.length > 0 && read.length <= limit && (secretBits === undefined || secretBits.includes(read.length * 8));
  const [first, ...others] = all.filter(fits);
  if (first !== undefined && others.length === 0) {
    wipe(all.filter((reading) => reading !== first));
    return first;
  }
  const refusal =
    first === undefined
      ? malformed(`the file is of no form that is known here; as a bare secret it expected ${secretBits === undefined ? `1 to ${limit} bytes` : `${secretBits.join(' or ')} bits`}, got ${all.map(({ form, bytes: read }) => `${read.length * 8} bits read as ${form}`).join(', or ')}`)
      : ambiguous([first, ...others]);
  wipe(all);
  throw refusal;
}

/** One secret. @throws `input-malformed` where it can be read in several ways, or in none */
export function readSecretFile(bytes: Uint8Array, options: SecretOptions): KeyFileEntry {
  const { form, bytes: secret } = oneReading(bytes, options);
  return { kind: 'secret', name: 'entry 1', bits: secret.length * 8, material: SecretBytes.own(secret), notes: [form === 'raw' ? 'read as bare bytes' : `read as ${form}`, ...(form === 'raw' && isPrintable(secret) ? [printable] : [])] };
}

const printable = 'all of its bytes are printable text: a random key is none, and a passphrase is no key';

function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** Ed25519 as seed and public key in 64 bytes, bare or in base64 or hex: told by the public key, which a secret does not have by chance. */
export function readJoinedPair(bytes: Uint8Array): KeyFileEntry | undefined {
  const readings = readingsOf(bytes);
  try {
    const joined = readings.find(({ bytes: read }) => read.length === 64 && equalBytes(ed25519PublicKey(read.subarray(0, 32)), read.subarray(32)));
    return joined === undefined ? undefined : { ...octetPair(ed25519Curve, joined.bytes, undefined), name: 'entry 1' };
  } finally {
    wipe(readings);
  }
}
