/** MACs, derivation and agreement against Wycheproof's verdicts. */
import { describe, expect, test } from 'vitest';
import { aesCmac } from '../../electron/vault/crypto/aesMac.ts';
import { ecdhSecret } from '../../electron/vault/crypto/ecPrivate.ts';
import { cbcDecrypt } from '../../electron/vault/crypto/foreignCiphers.ts';
import { pbkdf2Key } from '../../electron/vault/crypto/passwordKeys.ts';
import { equalSecret, hkdfFor, hmac } from '../../electron/vault/crypto/hashes.ts';
import { mlKemDecapsulate, publicKeyOfSeed } from '../../electron/vault/crypto/postQuantum.ts';
import { fixedLength, readSpki } from '../../electron/vault/crypto/spki.ts';
import { x25519Secret } from '../../electron/vault/crypto/x25519.ts';
import { hex, wycheproof, wycheproofIsHere } from '../fixtures/wycheproof.ts';
import type { VectorGroup, VectorTest } from '../fixtures/wycheproof.ts';

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** The result, or undefined where it is refused. */
function attempt(make: () => Uint8Array): string | undefined {
  try {
    return toHex(make());
  } catch {
    return undefined;
  }
}

const each = (file: string) => wycheproof(file).flatMap((group) => group.tests.map((vector) => [vector, group] as const));

function holds(file: string, least: { valid: number; invalid: number }, check: (vector: VectorTest, group: VectorGroup) => boolean): void {
  const counts = { valid: 0, invalid: 0, acceptable: 0 };
  for (const [vector, group] of each(file)) {
    counts[vector.result] += 1;
    if (vector.result !== 'acceptable') expect(check(vector, group), `${file} ${vector.tcId} ${vector.comment}`).toBe(vector.result === 'valid');
  }
  expect(counts.valid).toBeGreaterThanOrEqual(least.valid);
  expect(counts.invalid).toBeGreaterThanOrEqual(least.invalid);
}

describe.runIf(wycheproofIsHere)('Wycheproof', () => {
  /** Ours have their full length; shorter tags are compared with its beginning. */
  const fits = (make: () => Uint8Array, tag: unknown) => attempt(make)?.slice(0, String(tag).length) === tag;

  test.each([['hmac_sha256_test.json', 'sha256'], ['hmac_sha384_test.json', 'sha384'], ['hmac_sha512_test.json', 'sha512']] as const)('HMAC: %s', (file, name) => {
    holds(file, { valid: 60, invalid: 100 }, ({ key, msg, tag }) => fits(() => hmac(name, hex(key), hex(msg)), tag));
  });

  test('AES-CMAC', () => {
    holds('aes_cmac_test.json', { valid: 60, invalid: 200 }, ({ key, msg, tag }) => fits(() => aesCmac(hex(key), hex(msg)), tag));
  });

  test('HKDF-SHA-256', () => {
    holds('hkdf_sha256_test.json', { valid: 80, invalid: 3 }, ({ ikm, salt, info, size, okm, result }) => {
      const got = attempt(() => hkdfFor('sha256', hex(ikm), hex(salt), hex(info), Number(size)));
      return result === 'valid' ? got === okm : got !== undefined;
    });
  });

  test('ECDH on P-256: what is not a point of the named curve in its one form is refused', () => {
    holds('ecdh_secp256r1_test.json', { valid: 300, invalid: 50 }, ({ public: peer, private: own, shared }) => {
      const found = readSpki(hex(peer));
      return found?.kind === 'ec-p256' && attempt(() => ecdhSecret('ec-p256', fixedLength(hex(own), 32), found.raw)) === shared;
    });
  });

  test('ECDH on P-256: what is acceptable to some is refused, or right', () => {
    for (const [{ public: peer, private: own, shared, result, tcId }] of each('ecdh_secp256r1_test.json')) {
      const found = result === 'acceptable' ? readSpki(hex(peer)) : undefined;
      if (found?.kind === 'ec-p256') expect(attempt(() => ecdhSecret('ec-p256', fixedLength(hex(own), 32), found.raw)), String(tcId)).toBeOneOf([undefined, shared]);
    }
  });

  test('X25519: right, and never an all-zero secret', () => {
    let zeros = 0;
    for (const [{ public: peer, private: own, shared, flags = [], tcId }] of each('x25519_test.json')) {
      const zero = flags.includes('ZeroSharedSecret');
      zeros += zero ? 1 : 0;
      expect(attempt(() => x25519Secret(hex(own), hex(peer))), String(tcId)).toBe(zero ? undefined : shared);
    }
    expect(zeros).toBeGreaterThan(5);
  });

  test('ML-KEM-768: keys from seeds, and decapsulation', () => {
    holds('mlkem_768_test.json', { valid: 150, invalid: 40 }, ({ seed, ek, c, K }) => {
      if (attempt(() => mlKemDecapsulate(hex(seed), hex(c))) !== K) return false;
      if (ek !== undefined) expect(toHex(publicKeyOfSeed('ml-kem-768', hex(seed)))).toBe(ek);
      return true;
    });
  });
});

test('authenticators are compared at full length', () => {
  expect(equalSecret(hex('0011'), hex('0011'))).toBe(true);
  for (const other of ['0010', '00', '001100', '']) expect(equalSecret(hex('0011'), hex(other))).toBe(false);
});

test.runIf(wycheproofIsHere)('PBES2: PBKDF2 with HMAC-SHA-1, then AES-256-CBC with PKCS#7 padding, by passwords of any bytes', async () => {
  let opened = 0;
  for (const [{ tcId, comment, password, salt, iterationCount, iv, ct, msg, result }] of each('pbes2_hmacsha1_aes_256_test.json')) {
    const key = await pbkdf2Key('sha1', hex(password), hex(salt), Number(iterationCount), 32);
    const plain = cbcDecrypt('aes-256-cbc', key, hex(iv), hex(ct), true);
    expect(plain !== undefined && toHex(plain) === msg, `${tcId} ${comment}`).toBe(result === 'valid');
    opened += 1;
  }
  expect(opened).toBe(84);
}, 60_000);
