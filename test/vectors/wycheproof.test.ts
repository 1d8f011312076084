/** Every algorithm of the product against Wycheproof's verdicts: `valid` is taken, `invalid` refused. */
import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { aesGcmOpen, aesGcmSeal } from '../../electron/vault/crypto/aesGcm.ts';
import { aesKwpUnwrap, aesKwpWrap, aesKwUnwrap, aesKwWrap } from '../../electron/vault/crypto/aesKeyWrap.ts';
import { concatBytes } from '../../electron/vault/crypto/bytes.ts';
import { rsaOaepUnwrap } from '../../electron/vault/crypto/rsaOaep.ts';
import { hex, wycheproof, wycheproofIsHere } from '../fixtures/wycheproof.ts';
import type { VectorGroup, VectorTest } from '../fixtures/wycheproof.ts';

/** The result of `open`, or undefined where it refuses. */
function attempt(open: () => Uint8Array): string | undefined {
  try {
    return Buffer.from(open()).toString('hex');
  } catch {
    return undefined;
  }
}

function runAll(groups: readonly VectorGroup[], open: (vector: VectorTest, group: VectorGroup) => Uint8Array): void {
  const counts = { valid: 0, invalid: 0, acceptable: 0 };
  for (const group of groups) {
    for (const vector of group.tests) {
      const got = attempt(() => open(vector, group));
      counts[vector.result] += 1;
      if (vector.result === 'valid') expect(got, `${vector.tcId} ${vector.comment}`).toBe(String(vector.msg));
      if (vector.result === 'invalid') expect(got, `${vector.tcId} ${vector.comment}`).toBeUndefined();
    }
  }
  expect(counts.valid, 'vectors that must be taken').toBeGreaterThan(5);
  expect(counts.invalid, 'vectors that must be refused').toBeGreaterThan(3);
}

describe.runIf(wycheproofIsHere)('Wycheproof', () => {
  /** We offer 96-bit IVs and 128-bit tags only. */
  const gcm = () => wycheproof('aes_gcm_test.json').filter((group) => group.ivSize === 96 && group.tagSize === 128);

  test('AES-GCM opens', () => {
    runAll(gcm(), ({ key, iv, aad, ct, tag }) => aesGcmOpen(hex(key), hex(iv), hex(aad), concatBytes(hex(ct), hex(tag))));
  });

  test('AES-GCM seals', () => {
    for (const group of gcm()) {
      for (const { key, iv, aad, msg, ct, tag } of group.tests.filter(({ result }) => result === 'valid'))
        expect(Buffer.from(aesGcmSeal(hex(key), hex(iv), hex(aad), hex(msg))).toString('hex')).toBe(`${String(ct)}${String(tag)}`);
    }
  });

  test('XChaCha20-Poly1305, as the sealed blobs use it', () => {
    runAll(
      wycheproof('xchacha20_poly1305_test.json').filter((group) => group.ivSize === 192),
      ({ key, iv, aad, ct, tag }) => xchacha20poly1305(hex(key), hex(iv), hex(aad)).decrypt(concatBytes(hex(ct), hex(tag))),
    );
  });

  test('AES-KW unwraps (RFC 3394)', () => {
    runAll(wycheproof('aes_wrap_test.json'), ({ key, ct }) => aesKwUnwrap(hex(key), hex(ct)));
  });

  test('AES-KWP unwraps (RFC 5649)', () => {
    runAll(wycheproof('aes_kwp_test.json'), ({ key, ct }) => aesKwpUnwrap(hex(key), hex(ct)));
  });

  test('AES-KW and AES-KWP wrap', () => {
    for (const [file, wrap] of [['aes_wrap_test.json', aesKwWrap], ['aes_kwp_test.json', aesKwpWrap]] as const) {
      const vectors = wycheproof(file).flatMap(({ tests }) => tests.filter(({ result }) => result === 'valid'));
      for (const { key, msg, ct } of vectors) expect(Buffer.from(wrap(hex(key), hex(msg))).toString('hex')).toBe(ct);
      expect(vectors.length).toBeGreaterThan(20);
    }
  });

  test.each([
    ['rsa_oaep_2048_sha1_mgf1sha1_test.json', 'sha1'],
    ['rsa_oaep_2048_sha256_mgf1sha256_test.json', 'sha256'],
    ['rsa_oaep_3072_sha256_mgf1sha256_test.json', 'sha256'],
    ['rsa_oaep_4096_sha256_mgf1sha256_test.json', 'sha256'],
  ] as const)('RSA-OAEP opens: %s', (file, hash) => {
    runAll(wycheproof(file), ({ ct, label }, group) => {
      const pkcs8 = new Uint8Array(createPrivateKey({ key: Buffer.from(hex(group.privateKeyPkcs8)), format: 'der', type: 'pkcs8' }).export({ format: 'der', type: 'pkcs8' }));
      return rsaOaepUnwrap(pkcs8, { hash, label: hex(label) }, hex(ct));
    });
  });

  test('RSA-OAEP with a label does not open without it', () => {
    const labelled = wycheproof('rsa_oaep_2048_sha256_mgf1sha256_test.json').flatMap((group) => group.tests.filter(({ label, result }) => label !== '' && result === 'valid').map((vector) => [vector, group] as const));
    for (const [{ ct }, group] of labelled) expect(attempt(() => rsaOaepUnwrap(hex(group.privateKeyPkcs8), { hash: 'sha256' }, hex(ct)))).toBeUndefined();
    expect(labelled.length).toBeGreaterThan(2);
  });
});
