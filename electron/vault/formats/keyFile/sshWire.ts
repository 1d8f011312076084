/** Strings and numbers of SSH (RFC 4251 §5), and its public keys (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4). */
import { bytesToLatin1 } from './textBytes.ts';
import { ecSpki } from './ecKey.ts';
import { malformed } from './keyFileEntry.ts';
import { namedCurves, pointOf, uncompressed } from './namedCurves.ts';
import type { NamedCurve } from './namedCurves.ts';
import { ed25519Curve, octetSpki } from './octetKey.ts';
import { rsaSpkiOf } from './rsaKey.ts';

export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw malformed(`the ${this.#what} is cut short: a part expected ${length} bytes, got ${this.#bytes.length - this.#offset}`);
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }

  number(): number {
    const bytes = this.#take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }

  /** A view. */
  string(): Uint8Array {
    return this.#take(this.number());
  }

  /** A name in ASCII. */
  word(): string {
    return bytesToLatin1(this.string().subarray(0, 100));
  }

  /** An mpint that is not negative, without leading zeros. @throws `input-malformed` */
  unsigned(): Uint8Array {
    const bytes = this.string();
    if ((bytes[0] ?? 0) >= 0x80) throw malformed(`the ${this.#what} has a negative number`);
    const first = bytes.findIndex((byte) => byte !== 0);
    return first === -1 ? bytes.subarray(bytes.length) : bytes.subarray(first);
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#offset);
  }
}

/** @throws `input-malformed` */
export function sshCurve(name: string): NamedCurve {
  const curve = namedCurves.find(({ sshName }) => sshName === name);
  if (curve === undefined) throw malformed('the OpenSSH key names a curve that is not P-256, P-384 or P-521');
  return curve;
}

function spkiOfType(type: string, reader: SshReader): Uint8Array {
  if (type === 'ssh-rsa') {
    const e = reader.unsigned();
    return rsaSpkiOf(reader.unsigned(), e);
  }
  if (type === 'ssh-ed25519') {
    const raw = reader.string();
    if (raw.length !== 32) throw malformed(`the OpenSSH key expected 32 bytes, got ${raw.length}`);
    return octetSpki(ed25519Curve, raw);
  }
  if (type.startsWith('ecdsa-sha2-')) {
    const curve = sshCurve(reader.word());
    const point = pointOf(curve, reader.string());
    if (point === undefined || type !== `ecdsa-sha2-${curve.sshName}`) throw malformed(`the OpenSSH key is no point of the curve ${curve.name}`);
    return ecSpki(curve, uncompressed(curve, point));
  }
  throw malformed(type.startsWith('sk-') ? 'the OpenSSH key lives in a security key' : 'the OpenSSH key is of a type that is not known here');
}

/** DER SubjectPublicKeyInfo of an SSH public key. @throws `input-malformed` */
export function spkiOfSsh(blob: Uint8Array): Uint8Array {
  const reader = new SshReader(blob, 'OpenSSH public key');
  const spki = spkiOfType(reader.word(), reader);
  if (reader.rest().length > 0) throw malformed('the OpenSSH public key has bytes behind its end');
  return spki;
}
