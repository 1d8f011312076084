/** Key files of the kinds that users have, in the spellings that editors, old programs and small libraries give them, with what a JWK says of itself held against its key. */
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, pbkdf2Sync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDesk, readOne, refusalOf } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const pairOf = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve });
const { privateKey, publicKey } = pairOf('P-256');
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const fingerprint = sha256(publicKey.export({ format: 'der', type: 'spki' }));
const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
const big = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());

let desk: Desk;
beforeAll(() => {
  desk = makeDesk();
});
afterAll(() => desk.clear());

describe('a PEM file that was copied about', () => {
  test.each<[string, Uint8Array]>([
    ['a zero byte behind it', utf8(`${pem}\0`)],
    ['the end mark of DOS behind it', utf8(`${pem}\x1a`)],
    ['UTF-16 without a byte order mark', new Uint8Array(Buffer.from(pem, 'utf16le'))],
    ['UTF-16, big-endian, without a byte order mark', big(pem)],
    ['bytes that are no text behind its block', utf8(`${pem}\x01\x02 garbage`)],
    ['bytes that are no text before its block', Uint8Array.of(0, 1, 2, 255, ...utf8(pem))],
  ])('%s', async (_, file) => expect((await readOne(file)).spkiSha256).toBe(fingerprint));

  test('one half in UTF-16 is no text, and zero bytes alone are none', async () => {
    expect((await refusalOf(Uint8Array.of(...Buffer.from(pem, 'utf16le'), ...Buffer.from('ab')))).code).toBe('input-malformed');
    expect((await readOne(new Uint8Array(32), undefined, { secretBits: [256] })).what).toBe(256);
  });
});

describe('PBKDF2 with the HMAC of SHA-512/256', () => {
  /** As OpenSSL writes it, with the name and the key of another HMAC put in: their lengths are the same. */
  function encrypted(): Uint8Array {
    const made = execFileSync('openssl', ['pkcs8', '-topk8', '-outform', 'DER', '-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-passout', 'pass:copper'], { input: pem });
    const at = made.indexOf(Buffer.from('2a864886f70d020b', 'hex'));
    made[at + 7] = 0x0d;
    return new Uint8Array(made);
  }

  test('is derived by that HMAC: what another one encrypted does not open, and that is a wrong password', async () => {
    expect(await refusalOf(encrypted(), 'copper')).toMatchObject({ code: 'wrong-file-password' });
    expect((await refusalOf(encrypted().map((byte, index, all) => (byte === 0x0d && all[index - 1] === 0x02 ? 0x0c : byte)), 'copper')).message).toContain('got 1.2.840.113549.2.12');
  });

  test('opens what an independent program encrypted', async () => {
    const script = `import sys
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
pem, salt, iv, key = sys.stdin.buffer.read(), b's' * 16, b'i' * 16, bytes.fromhex(sys.argv[1])
pad = 16 - len(pem) % 16
e = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
c = e.update(pem + bytes([pad]) * pad) + e.finalize()
t = lambda tag, b: bytes([tag]) + (bytes([len(b)]) if len(b) < 128 else b'\\x81' + bytes([len(b)]) if len(b) < 256 else b'\\x82' + len(b).to_bytes(2, 'big')) + b
oid = lambda h: t(6, bytes.fromhex(h))
kdf = t(0x30, oid('2a864886f70d01050c') + t(0x30, t(4, salt) + t(2, b'\\x08\\x00') + t(0x30, oid('2a864886f70d020d') + b'\\x05\\x00')))
sys.stdout.write(t(0x30, t(0x30, oid('2a864886f70d01050d') + t(0x30, kdf + t(0x30, oid('60864801650304012a') + t(4, iv)))) + t(4, c)).hex())`;
    const key = pbkdf2Sync('copper', Buffer.alloc(16, 's'), 2048, 32, 'sha512-256');
    // The derivation itself, by OpenSSL.
    const kdf = execFileSync('openssl', ['kdf', '-keylen', '32', '-kdfopt', 'digest:SHA512-256', '-kdfopt', 'pass:copper', '-kdfopt', `hexsalt:${Buffer.alloc(16, 's').toString('hex')}`, '-kdfopt', 'iter:2048', '-binary', 'PBKDF2']);
    expect(key).toEqual(kdf);
    const hex = execFileSync('python3', ['-c', script, kdf.toString('hex')], { input: privateKey.export({ format: 'der', type: 'pkcs8' }) }).toString();
    const read = await readOne(new Uint8Array(Buffer.from(hex, 'hex')), 'copper');
    expect(read.spkiSha256).toBe(fingerprint);
  });
});

describe('the alg of a JWK', () => {
  const jwk = (curve: string) => pairOf(curve).privateKey.export({ format: 'jwk' });
  const oct = (length: number) => ({ kty: 'oct', k: randomBytes(length).toString('base64url') });
  const okp = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const file = (value: object) => utf8(JSON.stringify(value));

  test.each<[string, object]>([
    ['ES256', jwk('P-256')],
    ['ES512', jwk('P-521')],
    ['ECDH-ES+A256KW', jwk('P-384')],
    ['EdDSA', okp],
    ['A128GCM', oct(16)],
    ['A256CBC-HS512', oct(64)],
    ['HS256', oct(20)],
    ['something new', oct(16)],
  ])('%s goes with its key, and is said', async (alg, key) => expect((await readOne(file({ ...key, alg }))).notes).toContain(`marked for ${alg}`));

  test.each<[string, object]>([
    ['RS256', jwk('P-256')],
    ['ES512', jwk('P-256')],
    ['ES256', jwk('P-521')],
    ['ES256', okp],
    ['A128GCM', oct(32)],
    ['A256KW', oct(16)],
    ['HS256', jwk('P-256')],
    ['RSA-OAEP', oct(32)],
  ])('%s contradicts its key', async (alg, key) => {
    const { code, message } = await refusalOf(file({ ...key, alg }));
    expect([code, message]).toEqual(['input-malformed', expect.stringContaining(`"alg" of the JWK is ${alg}`)]);
  });
});

describe('bytes without a form where a pair is meant', () => {
  let t: TestCore;
  beforeAll(async () => {
    t = makeTestCore();
    await t.create();
  });
  afterAll(() => t.close());

  async function refused(bytes: string | Uint8Array, more: object = {}) {
    writeFileSync(t.path('given'), bytes);
    const before = await t.call('vault.info', {});
    const error = await t.refused('key.import', { name: 'given', file: t.read('given'), purpose: 'signature', ...more });
    const after = await t.call('vault.info', {});
    expect([after.keys, after.logEntries]).toEqual([before.keys, before.logEntries + 1]);
    return error;
  }

  test.each(['raw', 'hex', 'base64'] as const)('64 bytes whose halves are of two pairs, %s', async (form) => {
    const joined = randomBytes(64);
    const error = await refused(form === 'raw' ? joined : joined.toString(form), { algorithm: 'ed25519' });
    expect(error).toMatchObject({ code: 'input-malformed', message: expect.stringContaining('does not belong to the private key') });
  });

  test('a web page and an empty page are no key, and the log has an entry', async () => {
    for (const page of ['<html>not found</html>', '\n\n']) expect(await refused(page)).toMatchObject({ code: 'input-malformed', message: expect.stringContaining('no form that is known here') });
  });

  test('an algorithm that is not that of the file is in the log too', async () => {
    expect(await refused(pem, { algorithm: 'ec-p384' })).toMatchObject({ code: 'request-invalid' });
  });
});
