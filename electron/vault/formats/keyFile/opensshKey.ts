/** OpenSSH private keys, `openssh-key-v1` (PROTOCOL.key): every cipher that the platform has, bcrypt under a limit, the public half compared with the one outside. */
import { shortLine } from '../../../../shared/validation/shownLine.ts';
import { aesGcmOpen } from '../../crypto/aesGcm.ts';
import { bcryptKey } from '../../crypto/bcryptKey.ts';
import { concatBytes, equalBytes } from '../../crypto/bytes.ts';
import { cbcCiphers, cbcDecrypt, ctrCiphers, ctrDecrypt } from '../../crypto/foreignCiphers.ts';
import { ecPair } from '../../crypto/keyForms/ecKey.ts';
import { namedCurves } from '../../crypto/keyForms/namedCurves.ts';
import { ed25519Curve, octetPair } from '../../crypto/keyForms/octetKey.ts';
import type { ReadPair } from '../../crypto/keyForms/readKey.ts';
import { rsaPair } from '../../crypto/keyForms/rsaKey.ts';
import { malformed } from '../../crypto/malformed.ts';
import { readSshBlob, sshFingerprint } from '../sshPublicKey.ts';
import { SshReader } from '../sshWire.ts';
import type { DerivationCost } from './derivationCost.ts';
import { wrongPassword } from './keyFileEntry.ts';
import type { KeyFileEntry, KeyFileQuestions } from './keyFileEntry.ts';
import { latin1ToBytes } from './textBytes.ts';
import { withPassword } from './typedPassword.ts';

const form = 'OpenSSH private key';
const magic = latin1ToBytes('openssh-key-v1\0');

export function isOpenSshKey(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, magic.length), magic);
}

interface SshCipher {
  readonly key: number;
  readonly iv: number;
  readonly block: number;
  /** Bytes of the tag that follows. */
  readonly tag: number;
  /** @returns undefined where it does not open */
  open(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, tag: Uint8Array): Uint8Array | undefined;
}

function cbc(cipher: keyof typeof cbcCiphers): SshCipher {
  const { key, iv } = cbcCiphers[cipher];
  return { key, iv, block: iv, tag: 0, open: (k, v, bytes) => cbcDecrypt(cipher, k, v, bytes, false) };
}

function ctr(cipher: keyof typeof ctrCiphers): SshCipher {
  const { key, iv } = ctrCiphers[cipher];
  return { key, iv, block: iv, tag: 0, open: (k, v, bytes) => ctrDecrypt(cipher, k, v, bytes) };
}

function gcmOpen(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
  try {
    return aesGcmOpen(key, iv, new Uint8Array(0), concatBytes(bytes, tag));
  } catch {
    return undefined; // the caller says that the passphrase is wrong
  }
}

const none: SshCipher = { key: 0, iv: 0, block: 8, tag: 0, open: (_key, _iv, bytes) => new Uint8Array(bytes) };
const ciphers: Readonly<Record<string, SshCipher>> = {
  none,
  'aes128-cbc': cbc('aes-128-cbc'),
  'aes192-cbc': cbc('aes-192-cbc'),
  'aes256-cbc': cbc('aes-256-cbc'),
  '3des-cbc': cbc('des-ede3-cbc'),
  'aes128-ctr': ctr('aes-128-ctr'),
  'aes192-ctr': ctr('aes-192-ctr'),
  'aes256-ctr': ctr('aes-256-ctr'),
  'aes128-gcm@openssh.com': { key: 16, iv: 12, block: 16, tag: 16, open: gcmOpen },
  'aes256-gcm@openssh.com': { key: 32, iv: 12, block: 16, tag: 16, open: gcmOpen },
};

interface Envelope {
  readonly cipherName: string;
  readonly cipher: SshCipher;
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly publicBlob: Uint8Array;
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array;
}

const rewrite = 'ssh-keygen -p -Z aes256-ctr -f FILE';

function bcryptOptions(kdf: string, options: Uint8Array): { readonly salt: Uint8Array; readonly rounds: number } {
  if (kdf === 'none') return { salt: new Uint8Array(0), rounds: 0 };
  if (kdf !== 'bcrypt') throw malformed('the OpenSSH key derives its key by a way that is not known here: expected bcrypt', { nextStep: `convert it: ${rewrite}` });
  const reader = new SshReader(options, 'bcrypt options of the OpenSSH key');
  const salt = reader.string('salt');
  const rounds = reader.number('rounds');
  if (reader.rest().length > 0 || salt.length === 0 || salt.length > 1024) throw malformed('the file is inconsistent: the bcrypt options of the OpenSSH key expected a salt and the rounds');
  return { salt, rounds };
}

/** All that can be judged without the passphrase. @throws `input-malformed` */
function envelopeOf(bytes: Uint8Array, cost: DerivationCost): Envelope {
  const reader = new SshReader(bytes.subarray(magic.length), form);
  const [cipherName, kdf] = [reader.text('cipher'), reader.text('key derivation')];
  const { salt, rounds } = bcryptOptions(kdf, reader.string('options of the key derivation'));
  const cipher = Object.hasOwn(ciphers, cipherName) ? ciphers[cipherName] : undefined;
  if (cipher === undefined) throw malformed(`the OpenSSH key is encrypted with a cipher that is not read here (${shortLine(cipherName, 100)})`, { nextStep: `convert it: ${rewrite}` });
  if ((cipherName === 'none') !== (kdf === 'none')) throw malformed('the file is inconsistent: the OpenSSH key has a cipher without a key derivation, or the other way round');
  const count = reader.number('number of keys');
  if (count !== 1) throw malformed(`the OpenSSH file holds ${count} keys: expected one, as ssh-keygen writes it`);
  const publicBlob = reader.string('public key');
  const encrypted = reader.string('private keys');
  const tag = reader.rest();
  if (tag.length !== cipher.tag || encrypted.length === 0 || encrypted.length % cipher.block !== 0) throw malformed(`the file is inconsistent: the encrypted part of the OpenSSH key has ${encrypted.length} bytes, with ${tag.length} behind it`);
  if (kdf !== 'none') cost.bcrypt(rounds);
  return { cipherName, cipher, salt, rounds, publicBlob, bytes: encrypted, tag };
}

async function opened({ cipher, salt, rounds, bytes, tag }: Envelope, passphrase: Uint8Array): Promise<Uint8Array | undefined> {
  const derived = await bcryptKey(passphrase, salt, rounds, cipher.key + cipher.iv);
  try {
    return cipher.open(derived.subarray(0, cipher.key), derived.subarray(cipher.key), bytes, tag);
  } finally {
    derived.fill(0); // SECURITY: a key of one use
  }
}

function rsaOf(reader: SshReader): ReadPair {
  const [n, e, d, qi, p, q] = ['n', 'e', 'd', 'iqmp', 'p', 'q'].map((name) => reader.unsigned(name)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  return rsaPair({ n, e, d, p, q, qi });
}

function pairOf(type: string, reader: SshReader): ReadPair {
  if (type === 'ssh-rsa') return rsaOf(reader);
  if (type.startsWith('ecdsa-sha2-')) {
    const name = reader.text('curve');
    const curve = namedCurves.find(({ sshName }) => sshName === name);
    if (curve === undefined) throw malformed('the OpenSSH key names a curve that is not P-256, P-384 or P-521');
    const publicPoint = reader.string('public key');
    const scalar = new Uint8Array(curve.size); // an mpint has no fixed length: here a short one is no oddity
    const bare = reader.unsigned('private key');
    if (bare.length > curve.size) throw malformed(`the private number is not in 1 to n - 1 of the curve ${curve.name}`);
    scalar.set(bare, curve.size - bare.length);
    try {
      return ecPair({ curve, scalar, publicPoint });
    } finally {
      scalar.fill(0); // SECURITY: it is in the material now
    }
  }
  if (type === 'ssh-ed25519') {
    const raw = reader.string('public key');
    const joined = reader.string('private key'); // seed and public key, RFC 8032 §5.1.5 with what the program adds
    if (joined.length !== 64 || !equalBytes(joined.subarray(32), raw)) throw malformed('the halves of the OpenSSH key do not belong together', { nextStep: 'do not use this file; ask its maker for the pair again' });
    return octetPair(ed25519Curve, joined.subarray(0, 32), raw);
  }
  throw malformed(type.startsWith('sk-') ? 'the OpenSSH key lives in a security key: the file holds no private key' : 'the OpenSSH key is of a type that the vault does not keep', { nextStep: 'leave it with the program that made it' });
}

/** Padding is 1, 2, 3… to the end of a block (PROTOCOL.key); some writers add a whole block. */
function requirePadding(padding: Uint8Array, block: number): void {
  if (padding.length > block || padding.some((byte, index) => byte !== index + 1)) throw malformed('the OpenSSH key has other bytes behind its end than its padding');
}

function readPlain(plain: Uint8Array, { publicBlob, cipher, cipherName, rounds }: Envelope): KeyFileEntry {
  const reader = new SshReader(plain, form);
  const [first, second] = [reader.number('check number'), reader.number('check number')];
  if (first !== second) throw cipherName === 'none' ? malformed('the OpenSSH key is damaged: its two check numbers differ') : wrongPassword(form);
  const pair = pairOf(reader.text('type'), reader);
  try {
    const comment = shortLine(new TextDecoder().decode(reader.string('comment')), 100);
    requirePadding(reader.rest(), cipher.block);
    // SECURITY: the half outside is what people compared; it must be the half of the key inside
    if (!equalBytes(readSshBlob(publicBlob), pair.publicKey)) throw malformed('the public key in the file does not belong to the private key', { nextStep: 'do not use this file; ask its maker for the pair again' });
    const facts = [`cipher ${cipherName}`, ...(rounds === 0 ? ['not encrypted'] : [`bcrypt, ${rounds} rounds`]), `fingerprint ${sshFingerprint(publicBlob)}`, `comment "${comment}"`];
    return { ...pair, name: comment === '' ? 'entry 1' : comment, notes: [...pair.notes, ...facts] };
  } catch (error) {
    pair.material.wipe();
    throw error;
  }
}

/** @param bytes that begin with the magic @throws `wrong-file-password`, `input-malformed` */
export async function readOpenSshKey(bytes: Uint8Array, ask: KeyFileQuestions, cost: DerivationCost): Promise<KeyFileEntry> {
  const envelope = envelopeOf(bytes, cost);
  const { cipherName, rounds } = envelope;
  const plain =
    cipherName === 'none'
      ? new Uint8Array(envelope.bytes)
      : await withPassword(ask, { form, notes: [`encrypted with ${cipherName} under bcrypt, ${rounds} rounds`] }, (password) => opened(envelope, password.utf8));
  if (plain === undefined) throw wrongPassword(form);
  try {
    return readPlain(plain, envelope);
  } finally {
    plain.fill(0); // SECURITY: the key lives in its entry now
  }
}
