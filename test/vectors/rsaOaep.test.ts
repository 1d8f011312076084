/** RSA-OAEP where hash and MGF1 hash differ, which no library does for us: both ways with openssl, and every fault of an encoding refused alike. */
import { execFileSync } from 'node:child_process';
import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes } from '../../electron/vault/crypto/bytes.ts';
import { hash as hashOf, hashLengths } from '../../electron/vault/crypto/hashes.ts';
import { rsaOaepUnwrap, rsaOaepWrap } from '../../electron/vault/crypto/rsaOaep.ts';
import { mgf1 } from '../../electron/vault/crypto/rsaVerify.ts';
import { oaepHashes } from '../../shared/model/terms.ts';
import type { OaepHash } from '../../shared/model/terms.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
const secret = new Uint8Array(32).fill(0xa5);
const label = new TextEncoder().encode('a label');
const combinations = oaepHashes.flatMap((hash) => oaepHashes.map((mgfHash) => [hash, mgfHash] as const));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-oaep-'));
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
});
afterAll(() => rmSync(folder, { recursive: true }));

function openssl(act: 'encrypt' | 'decrypt', hash: OaepHash, mgfHash: OaepHash, labelled: boolean, input: Uint8Array): Buffer {
  writeFileSync(join(folder, 'in'), input);
  const more = labelled ? ['-pkeyopt', `rsa_oaep_label:${Buffer.from(label).toString('hex')}`] : [];
  return execFileSync('openssl', ['pkeyutl', `-${act}`, '-inkey', 'key.pem', '-in', 'in', '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', `rsa_oaep_md:${hash}`, '-pkeyopt', `rsa_mgf1_md:${mgfHash}`, ...more], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

test.each(combinations)('%s with MGF1 over %s: openssl opens ours, and we open what openssl made', (hash, mgfHash) => {
  for (const labelled of [false, true]) {
    const scheme = { hash, mgfHash, ...(labelled ? { label } : {}) };
    expect(openssl('decrypt', hash, mgfHash, labelled, rsaOaepWrap(spki, scheme, secret)).equals(secret)).toBe(true);
    expect(rsaOaepUnwrap(pkcs8, scheme, new Uint8Array(openssl('encrypt', hash, mgfHash, labelled, secret)))).toEqual(secret);
  }
});

describe('an encoding with a fault', () => {
  const [hash, mgfHash] = ['sha256', 'sha1'] as const;
  const xor = (a: Uint8Array, mask: Uint8Array) => a.map((byte, index) => byte ^ (mask[index] ?? 0));

  /** EME-OAEP of any data block and first byte, under the raw public operation. */
  function crafted(db: Uint8Array, first = 0): Uint8Array {
    const seed = new Uint8Array(hashLengths[hash]).fill(7);
    const masked = xor(db, mgf1(mgfHash, seed, db.length));
    const block = concatBytes(Uint8Array.of(first), xor(seed, mgf1(mgfHash, masked, seed.length)), masked);
    return new Uint8Array(publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block));
  }

  const length = 256 - hashLengths[hash] - 1;
  const block = (padding: Uint8Array, rest: Uint8Array) => concatBytes(hashOf(hash, new Uint8Array(0)), padding, rest);
  const zeros = (count: number) => new Uint8Array(count);
  const good = block(zeros(length - 32 - 33), concatBytes(Uint8Array.of(1), secret));

  test('the crafted block without a fault opens', () => {
    expect(rsaOaepUnwrap(pkcs8, { hash, mgfHash }, crafted(good))).toEqual(secret);
    expect(rsaOaepUnwrap(pkcs8, { hash, mgfHash }, crafted(block(zeros(length - 33), Uint8Array.of(1))))).toHaveLength(0);
    expect(rsaOaepUnwrap(pkcs8, { hash, mgfHash }, crafted(block(zeros(0), concatBytes(Uint8Array.of(1), zeros(length - 33)))))).toHaveLength(length - 33);
  });

  test.each<[string, Uint8Array, number]>([
    ['its first byte is not zero', good, 1],
    ['no byte ends the padding', block(zeros(length - 32), zeros(0)), 0],
    ['the padding is not zero', good.map((byte, index) => (index === 40 ? 2 : byte)), 0],
    ['the padding ends with another byte', good.map((byte, index) => (index === length - 33 ? 3 : byte)), 0],
    ['the hash of the label is another', good.map((byte, index) => (index === 0 ? byte ^ 1 : byte)), 0],
    ['the hash of the label ends otherwise', good.map((byte, index) => (index === 31 ? byte ^ 0x80 : byte)), 0],
  ])('is refused: %s', (_, db, first) => {
    expect(() => rsaOaepUnwrap(pkcs8, { hash, mgfHash }, crafted(db, first))).toThrow('not wrapped by this scheme');
  });

  test.each(combinations)('%s, %s: no changed byte opens', (one, other) => {
    const wrapped = rsaOaepWrap(spki, { hash: one, mgfHash: other, label }, secret);
    for (let at = 0; at < wrapped.length; at += 37) expect(() => rsaOaepUnwrap(pkcs8, { hash: one, mgfHash: other, label }, wrapped.map((byte, index) => (index === at ? byte ^ 1 : byte)))).toThrow();
    for (const cut of [wrapped.slice(1), concatBytes(wrapped, wrapped), zeros(0)]) expect(() => rsaOaepUnwrap(pkcs8, { hash: one, mgfHash: other, label }, cut)).toThrow();
  });

  test.each(combinations)('%s, %s: a leading zero is part of it', (one, other) => {
    const scheme = { hash: one, mgfHash: other, label };
    let wrapped = rsaOaepWrap(spki, scheme, secret);
    while (wrapped[0] !== 0) wrapped = rsaOaepWrap(spki, scheme, secret);
    expect(rsaOaepUnwrap(pkcs8, scheme, wrapped)).toEqual(secret);
    expect(() => rsaOaepUnwrap(pkcs8, scheme, wrapped.slice(1))).toThrow('not wrapped by this scheme');
  });
});
