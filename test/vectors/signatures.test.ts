/** Every signature mechanism against Wycheproof's verdicts, as a signature comes to us: its form is read, then it is verified. */
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
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
  ] as const)('%s', (file, mechanism: SignatureMechanism) =>
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

describe('signatures of other programs', () => {
  const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  const message = Buffer.from('order 29: release nothing before noon\n');
  const hashed = (name: string) => new Uint8Array(createHash(name).update(message).digest());

  test('P-521: 132 bytes of r and s from DER whose numbers are short, and back', () => {
    const key = base64('MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQATKJrZWsBqd1qdP9Fq9Boen3bf6njiXyZBJPUe4ifAI8RkC80v0ur13c4rYtXuYSOvuMeCpHO7IsPGlpsXmO2ur4AIV4+gL8BJP7CvMb0HqrtFo8x3YLGiQg4eJyXRqn1H27akilsCNHyYwdL7hVihTBvHaW1IR6uHuRd6ajHwsMlQA0=');
    const der = base64('MIGFAkBtcQLSvdX1SXO+pgfLgkGjdjkhAqhB5aPnd+IEV0lSeHn/FpFswMYFa2YaJPHkgGmheDnEs4q9jvyPRmQxFrLLAkFKkpQ47Z641LBgbwWPNbH2Fep+caVxgqfxy6TJs68LtiqgBhwMsXRfsaHc4W3W3c3rKP1CT6IaEJYlfyI7djsQ/w==');
    const p1363 = ecdsaToP1363(der, 'ec-p521');
    expect(Buffer.from(p1363).toString('hex')).toBe('00006d7102d2bdd5f54973bea607cb8241a376392102a841e5a3e777e2045749527879ff16916cc0c6056b661a24f1e48069a17839c4b38abd8efc8f46643116b2cb004a929438ed9eb8d4b0606f058f35b1f615ea7e71a57182a7f1cba4c9b3af0bb62aa0061c0cb1745fb1a1dce16dd6ddcdeb28fd424fa21a1096257f223b763b10ff');
    expect(ecdsaToDer(p1363, 'ec-p521')).toEqual(der);
    expect(['sha256', 'sha384', 'sha512'].some((name) => verifySignature(key, `ecdsa-${name}` as SignatureMechanism, hashed(name), p1363).valid)).toBe(true);
  });

  test('P-256: DER of 71 bytes from r and s of which one begins with zero', () => {
    const key = base64('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu27qP9cKJy/vEIIPsqSd/x5EZFGSwV9Wn/VyRDwdQMzWLYO/qVqRc4rvU0drJTnZ8XCQ/dj9x5iAu+G9fiHD3g==');
    const p1363 = base64('AN4+V2Rzf/WdqOPl8DVvShmwxg1nWlS/8RwpQBYuq+7kSFWrlJvBz+d8/HczdRcVpTancPP15NphtVoihCf9zg==');
    expect(Buffer.from(ecdsaToDer(p1363, 'ec-p256')).toString('hex')).toBe('3045022000de3e5764737ff59da8e3e5f0356f4a19b0c60d675a54bff11c2940162eabee022100e44855ab949bc1cfe77cfc7733751715a536a770f3f5e4da61b55a228427fdce');
    expect(verifySignature(key, 'ecdsa-sha256', hashed('sha256'), p1363).valid).toBe(true);
  });

  test('PSS with the longest salt: valid where any is taken, and its length is said', () => {
    const key = base64('MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl/tjJST7thVsJTYyVwYuszHiMam1QJJtEeudj1C/MuyXw0zr94b7V9jQeAxbwfV01IYRS0A85jsrnmVsiJ6jIEKqa5u3GjCQRqFh5x/QxbKOd1t1cHCvgAIq+LrSOrWu+QjRZXOpKsnmGchmMcFypyklrxkNql9tPchyttPxkMt9ioMXj6f55xg4KUqxWNv6tFEwhWhjEB6ve1BfE3sCR3XesX8vY1Q5Jwi3Nn6H67Ksc2ZI6t255aJJVaMs++cyMTH/DVk0F1Tmr1tfeVIWpqB8C5HGG43sneouacioT8K4E7VMjc8R9g0JXeNbF2YkWt2IprLpZD+NFmXVv0g0dQIDAQAB');
    const signature = base64('A9gKa+uSoVbppIS8Sbj8aaqR7hkR1pgPxEx86b9WjvDPtt76CjnTkPeWbY02YhyHGB+GkidHfOyB5LnhiaUkT9Bie8L92lCXe7VdzG6dqRbjll4yA8qFIwhYe4hLlI5qZJvlgueVhZJHLVd+MspmNUgag1qzuKY5JH5uEmmBgm4Fs24R595yzdhh86bFaQ4qy+LOQd0XYjVh8WMsAGIqV7j0gV4luoAb7bH0EhzJE02VNFP1//9UV4Yt4ISQPcrDg+vdfzU/vy69jDIa45nNr094h9/Y0NGwjO9je/H5mteoFw1Iu9O4462yy/+8l5H75z5XYDjjUGtlzMqipFtkPg==');
    expect(verifySignature(key, 'rsa-pss-sha256', hashed('sha256'), signature, { saltLength: 'any' })).toEqual({ valid: true, saltLength: 222 });
    expect(verifySignature(key, 'rsa-pss-sha256', hashed('sha256'), signature)).toEqual({ valid: false, saltLength: 222 });
  });

  test.each([
    ['a zero', '3006020100020101'],
    ['a negative number', '3006020180020101'],
    ['a padded number', '300702020001020101'],
    ['a long length', '308106020101020101'],
    ['an indefinite length', '30800201010201010000'],
    ['bytes behind', '300602010102010100'],
    ['three numbers', '3009020101020101020101'],
    ['one number', '3003020101'],
    ['33 bytes', `3026022101${'00'.repeat(32)}020101`],
    ['another tag', '3006030101020101'],
    ['nothing', ''],
  ])('DER with %s is refused', (_, der) => {
    expect(() => ecdsaToP1363(hex(der), 'ec-p256')).toThrow(expect.objectContaining({ code: 'input-malformed', field: 'signature' }));
  });

  test('r and s of another length, or zero, are refused', () => {
    expect(() => ecdsaToDer(new Uint8Array(63).fill(1), 'ec-p256')).toThrow('expected 64 bytes for ec-p256, got 63');
    expect(() => ecdsaToDer(new Uint8Array(64).fill(1, 0, 32), 'ec-p256')).toThrow('got a zero');
  });
});
