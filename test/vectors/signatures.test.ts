/** Every signature mechanism against Wycheproof's verdicts, as a signature comes to us: its form is read, then it is verified. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
import type { AnySignatureMechanism } from '../../electron/vault/crypto/verifySignature.ts';
import type { CurveKind } from '../../electron/vault/crypto/spki.ts';
import { ecdsaToDer, ecdsaToP1363 } from '../../electron/vault/formats/signing/ecdsaSignature.ts';
import { hex, wycheproof, wycheproofIsHere } from '../fixtures/wycheproof.ts';
import type { VectorGroup, VectorTest } from '../fixtures/wycheproof.ts';

function attempt(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}

function runAll(file: string, verify: (vector: VectorTest, group: VectorGroup) => boolean): void {
  const counts = { valid: 0, invalid: 0, acceptable: 0 };
  for (const group of wycheproof(file)) {
    for (const vector of group.tests) {
      counts[vector.result] += 1;
      if (vector.result !== 'acceptable') expect(attempt(() => verify(vector, group)), `${vector.tcId} ${vector.comment}`).toBe(vector.result === 'valid');
    }
  }
  expect(counts.valid).toBeGreaterThan(5);
  expect(counts.invalid).toBeGreaterThan(20);
}

const digest = (name: string, message: unknown) => new Uint8Array(createHash(name).update(hex(message)).digest());

describe.runIf(wycheproofIsHere)('Wycheproof', () => {
  test.each([
    ['ecdsa_secp256r1_sha256_test.json', 'ec-p256', 'sha256'],
    ['ecdsa_secp384r1_sha384_test.json', 'ec-p384', 'sha384'],
    ['ecdsa_secp521r1_sha512_test.json', 'ec-p521', 'sha512'],
  ] as const)('%s', { timeout: 120_000 }, (file, curve: CurveKind, name) => {
    runAll(file, ({ msg, sig }, { publicKeyDer }) => {
      const p1363 = ecdsaToP1363(hex(sig), curve);
      expect(Buffer.from(ecdsaToDer(p1363, curve)).toString('hex')).toBe(sig);
      return verifySignature(hex(publicKeyDer), `ecdsa-${name}`, digest(name, msg), p1363).valid;
    });
  });

  test('ed25519_test.json', () => runAll('ed25519_test.json', ({ msg, sig }, { publicKeyDer }) => verifySignature(hex(publicKeyDer), 'ed25519', hex(msg), hex(sig)).valid));

  test('mldsa_65_verify_test.json', { timeout: 120_000 }, () =>
    runAll('mldsa_65_verify_test.json', ({ msg, sig, ctx }, { publicKeyDer }) => verifySignature(hex(publicKeyDer), 'ml-dsa-65', hex(msg), hex(sig), { context: hex(ctx ?? '') }).valid));

  test.each([
    ['rsa_pss_2048_sha256_mgf1_32_test.json', 'rsa-pss-sha256'],
    ['rsa_signature_2048_sha256_test.json', 'rsa-pkcs1-sha256'],
    ['rsa_signature_3072_sha256_test.json', 'rsa-pkcs1-sha256'],
  ] as const)('%s', (file, mechanism: AnySignatureMechanism) =>
    runAll(file, ({ msg, sig }, { publicKeyDer }) => verifySignature(hex(publicKeyDer), mechanism, digest('sha256', msg), hex(sig)).valid));
});

describe('verifySignature', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = new Uint8Array(rsa.publicKey.export({ type: 'spki', format: 'der' }));
  const message = Buffer.from('message');
  const sha256 = new Uint8Array(createHash('sha256').update(message).digest());

  test.each([0, 1, 20, 32, 222])('finds a PSS salt of %i bytes, and takes it only where it was asked for', (saltLength) => {
    const signature = new Uint8Array(sign('sha256', message, { key: rsa.privateKey, padding: 6, saltLength }));
    expect(verifySignature(spki, 'rsa-pss-sha256', sha256, signature, { saltLength: 'any' })).toEqual({ valid: true, saltLength });
    expect(verifySignature(spki, 'rsa-pss-sha256', sha256, signature, { saltLength })).toEqual({ valid: true, saltLength });
    expect(verifySignature(spki, 'rsa-pss-sha256', sha256, signature)).toEqual({ valid: saltLength === 32, saltLength });
    expect(verifySignature(spki, 'rsa-pss-sha256', sha256.toReversed(), signature, { saltLength: 'any' })).toEqual({ valid: false });
  });

  test('a key marked for PSS only (RFC 4055) verifies PSS and nothing else', () => {
    const pair = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    const marked = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
    const signature = new Uint8Array(sign('sha256', message, { key: pair.privateKey, padding: 6, saltLength: 32 }));
    expect(verifySignature(marked, 'rsa-pss-sha256', sha256, signature).valid).toBe(true);
    expect(() => verifySignature(marked, 'rsa-pkcs1-sha256', sha256, signature)).toThrow('expected one for rsa-pkcs1-sha256, got rsa-pss');
  });

  test.each(['ecdsa-sha256', 'ed25519', 'ml-dsa-65'] as const)('%s refuses an RSA key, bytes behind a key and a digest of another length', (mechanism) => {
    expect(() => verifySignature(spki, mechanism, sha256, new Uint8Array(64))).toThrow(`expected one for ${mechanism}, got rsa`);
    expect(() => verifySignature(new Uint8Array([...spki, 0]), mechanism, sha256, new Uint8Array(64))).toThrow('a key of an unknown kind');
    expect(() => verifySignature(spki, 'rsa-pkcs1-sha256', sha256.subarray(1), new Uint8Array(256))).toThrow('"digest" expected 32 bytes, got 31');
  });

  test.each(['P-256', 'P-384', 'P-521'])('%s verifies under every hash, as the mechanism names it', (namedCurve) => {
    const pair = generateKeyPairSync('ec', { namedCurve });
    const key = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));
    for (const name of ['sha256', 'sha384', 'sha512'] as const) {
      const signature = new Uint8Array(sign(name, message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
      const hashed = new Uint8Array(createHash(name).update(message).digest());
      expect(verifySignature(key, `ecdsa-${name}`, hashed, signature)).toEqual({ valid: true });
      expect(verifySignature(key, `ecdsa-${name}`, hashed, signature.with(8, (signature[8] ?? 0) ^ 1))).toEqual({ valid: false });
      expect(verifySignature(key, `ecdsa-${name}`, hashed, signature.subarray(1))).toEqual({ valid: false });
    }
  });
});
