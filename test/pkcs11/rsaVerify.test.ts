/** RSA signatures over digests: OpenSSL's are taken, in every mechanism and at odd lengths of the modulus, and Wycheproof's verdicts are ours. */
import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { rsaPublicNumbers, rsaSpki } from '../../electron/vault/crypto/rsaPublicNumbers.ts';
import { verifyRsaDigest } from '../../electron/vault/crypto/rsaVerify.ts';
import { signatureMechanisms } from '../../shared/model/terms.ts';
import type { SignatureMechanism } from '../../shared/model/terms.ts';

const message = new TextEncoder().encode('signed by openssl');

function digestOf(mechanism: SignatureMechanism, bytes: Uint8Array): Uint8Array {
  return createHash(mechanism.slice(-6)).update(bytes).digest();
}

describe.each([2048, 2049, 2055, 3072])('a modulus of %i bits', (modulusLength) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));

  test.each(signatureMechanisms.filter((mechanism) => mechanism.startsWith('rsa-')))('%s', (mechanism) => {
    const padding = mechanism.startsWith('rsa-pss') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
    const signature = new Uint8Array(sign(mechanism.slice(-6), message, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }));
    const digest = digestOf(mechanism, message);
    expect(verifyRsaDigest(spki, mechanism, digest, signature)).toBe(true);
    expect(verifyRsaDigest(spki, mechanism, digestOf(mechanism, Uint8Array.of(1)), signature)).toBe(false);
    for (const at of [0, 1, 100, signature.length - 1])
      expect(
        verifyRsaDigest(
          spki,
          mechanism,
          digest,
          signature.map((byte, index) => (index === at ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
    expect(verifyRsaDigest(spki, mechanism, digest, signature.slice(1))).toBe(false);
    expect(verifyRsaDigest(spki, mechanism, digest, new Uint8Array([0, ...signature]))).toBe(false);
    expect(verifyRsaDigest(spki, mechanism, digest, new Uint8Array(signature.length).fill(0xff)), 'a number above the modulus').toBe(false);
    expect(() => verifyRsaDigest(spki, mechanism, digest.subarray(1), signature)).toThrow('"digest" expected');
  });

  test('a signature of one mechanism is none of another', () => {
    const pss = new Uint8Array(sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }));
    expect(verifyRsaDigest(spki, 'rsa-pkcs1-sha256', digestOf('rsa-pss-sha256', message), pss)).toBe(false);
    const shortSalt = new Uint8Array(sign('sha256', message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 }));
    expect(verifyRsaDigest(spki, 'rsa-pss-sha256', digestOf('rsa-pss-sha256', message), shortSalt)).toBe(false);
  });

  test('a public key goes to its numbers and back, with or without leading zeros', () => {
    const { modulus, exponent } = rsaPublicNumbers(spki);
    expect(Buffer.from(rsaSpki({ modulus, exponent })).equals(spki)).toBe(true);
    expect(Buffer.from(rsaSpki({ modulus: new Uint8Array([0, ...modulus]), exponent: new Uint8Array([0, 0, ...exponent]) })).equals(spki)).toBe(true);
  });
});

interface Vectors {
  readonly testGroups: readonly {
    readonly publicKeyDer?: string;
    readonly publicKeyAsn?: string;
    readonly sLen?: number;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid' | 'acceptable';
    }[];
  }[];
}

const files: readonly (readonly [string, SignatureMechanism])[] = [
  ['rsa_signature_2048_sha256_test.json', 'rsa-pkcs1-sha256'],
  ['rsa_signature_3072_sha256_test.json', 'rsa-pkcs1-sha256'],
  ['rsa_pss_2048_sha256_mgf1_32_test.json', 'rsa-pss-sha256'],
];
const pathOf = (name: string) => fileURLToPath(new URL(`../../../shared/vectors/wycheproof/${name}`, import.meta.url));
const present = files.filter(([name]) => existsSync(pathOf(name)));
if (present.length < files.length) console.warn("Wycheproof's files are not beside the project: RSA signatures were checked against OpenSSL alone");

describe.each(present)('%s', (name, mechanism) => {
  const { testGroups } = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Vectors;

  test('every verdict is ours; what is merely acceptable is refused', () => {
    for (const { publicKeyDer, publicKeyAsn, tests } of testGroups) {
      const spki = new Uint8Array(Buffer.from(publicKeyDer ?? publicKeyAsn ?? '', 'hex'));
      for (const { tcId, comment, msg, sig, result } of tests) {
        const verdict = verifyRsaDigest(spki, mechanism, digestOf(mechanism, Buffer.from(msg, 'hex')), new Uint8Array(Buffer.from(sig, 'hex')));
        expect(verdict, `${tcId} ${comment}`).toBe(result === 'valid');
      }
    }
  });
});
