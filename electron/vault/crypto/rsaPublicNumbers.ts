/** RSA public keys between their two forms: DER SubjectPublicKeyInfo (RFC 8017 appendix A.1.1) and their numbers. */
import { derTags, readDer, readDerList, unsignedOf } from './derValue.ts';
import { encodeDer, integer, sequence } from './derWriter.ts';
import { readSpki, writeSpki } from './spki.ts';

export interface RsaPublicNumbers {
  /** Big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/** @param numbers big-endian; leading zeros are dropped */
export function rsaSpki({ modulus, exponent }: RsaPublicNumbers): Uint8Array {
  return writeSpki('rsa', encodeDer(sequence(integer(modulus), integer(exponent))));
}

/** @throws Error for what is not an RSA public key */
export function rsaPublicNumbers(spki: Uint8Array): RsaPublicNumbers {
  const key = readSpki(spki);
  const values = key?.kind === 'rsa' ? readDerList(readDer(key.raw, derTags.sequence) ?? new Uint8Array(0)) : undefined;
  const [modulus, exponent] = (values ?? []).map(({ tag, content }) => (tag === derTags.integer ? unsignedOf(content) : undefined));
  if (modulus === undefined || exponent === undefined || values?.length !== 2) throw new Error('"publicKey" expected RSA');
  return { modulus, exponent };
}
