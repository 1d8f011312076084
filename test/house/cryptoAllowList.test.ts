/** Nothing is asked of the platform's cryptography that the allow-list does not have: not by our code, and not by the libraries while they run. */
import { execFileSync } from 'node:child_process';
import { getCiphers, getCurves, getHashes } from 'node:crypto';
import * as nodeCrypto from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { algorithms, encodings, nodeCryptoNames, ownWords, paddings, webCrypto } from '../../electron/build/cryptoAllowList.ts';
import type { Reasons } from '../../electron/build/cryptoAllowList.ts';
import { codeFiles, parseSource } from '../../electron/build/sourceTree.ts';
import { askedOf, cryptoFaults, importsCrypto } from './cryptoUse.ts';
import type { Asked } from './cryptoUse.ts';
import { recordWebCrypto } from './recordedWebCrypto.ts';
import type { Recording } from './recordedWebCrypto.ts';

const cryptoFolder = 'electron/vault/crypto/';
/** Tests, the build and the demo's recipient never run in Electron. */
const shipped = codeFiles().filter((file) => !/^(test|electron\/build|electron\/cli\/demo)\//.test(file.path) && (file.path.startsWith(cryptoFolder) || importsCrypto(file)));
const faults = (source: string) => cryptoFaults(parseSource(`${cryptoFolder}new.ts`, source));

describe('our code', () => {
  test('asks only for what is listed', () => {
    expect(shipped.length).toBeGreaterThan(15);
    expect(shipped.flatMap(cryptoFaults)).toEqual([]);
  });

  test('every entry of the list is asked for, and has its reason', () => {
    const asked = shipped.flatMap(askedOf);
    const stale = (list: Reasons, ...kinds: Asked['kind'][]) => Object.keys(list).filter((word) => !asked.some((one) => kinds.includes(one.kind) && one.word === word));
    expect(stale(nodeCryptoNames, 'name')).toEqual([]);
    expect(stale(algorithms, 'algorithm', 'mention')).toEqual([]);
    expect(stale(ownWords, 'mention')).toEqual([]);
    expect(stale(encodings, 'argument')).toEqual([]);
    expect(stale(paddings, 'constant')).toEqual([]);
    expect(Object.values({ ...nodeCryptoNames, ...algorithms, ...paddings, ...webCrypto }).filter((why) => why.length < 5)).toEqual([]);
  });

  test('every entry of the list is in the OpenSSL of this Node', () => {
    const known = new Set([...getHashes(), ...getCiphers(), ...getCurves(), 'rsa']);
    expect(Object.keys(nodeCryptoNames).filter((name) => !(name in nodeCrypto))).toEqual([]);
    expect(Object.keys(algorithms).filter((name) => !known.has(name))).toEqual([]);
    expect(Object.keys(paddings).filter((name) => !(name in nodeCrypto.constants))).toEqual([]);
  });

  test.each([
    [`import { scryptSync } from 'node:crypto';`, 'name "scryptSync"'],
    [`import { createHash as h } from 'node:crypto'; h('rmd160');`, 'algorithm "rmd160"'],
    [`import { createHash } from 'node:crypto'; createHash('sha3-256');`, 'algorithm "sha3-256"'],
    [`import { createHash } from 'node:crypto'; createHash('SHA256');`, 'algorithm "SHA256"'],
    [`import { createHash } from 'node:crypto'; type Name = 'sha256' | 'ripemd160'; export const h = (n: Name) => createHash(n);`, 'mention "ripemd160"'],
    [`import { createCipheriv } from 'node:crypto'; createCipheriv('id-aes256-wrap', k, v);`, 'algorithm "id-aes256-wrap"'],
    [`import { createCipheriv } from 'node:crypto'; const name = { 16: 'aes-128-ccm' }[16]; createCipheriv(name, k, v);`, 'mention "aes-128-ccm"'],
    [`import { createCipheriv } from 'node:crypto'; createCipheriv(\`aes-\${bits}-gcm\`, k, v);`, 'unreadable'],
    [`import { generateKeyPair } from 'node:crypto'; const generate = promisify(generateKeyPair); generate('rsa-pss', {});`, 'algorithm "rsa-pss"'],
    [`import { generateKeyPair } from 'node:crypto'; const make = generateKeyPair; make('ec', { namedCurve: 'secp256k1' });`, 'algorithm "secp256k1"'],
    [`import { publicEncrypt } from 'node:crypto'; publicEncrypt({ key, oaepHash: 'sha512-224' }, x);`, 'algorithm "sha512-224"'],
    [`import { constants } from 'node:crypto'; export const p = constants.RSA_X931_PADDING;`, 'constant "RSA_X931_PADDING"'],
    [`import { createPublicKey } from 'node:crypto'; createPublicKey({ key, format: 'raw-public' });`, 'argument "raw-public"'],
    [`import * as all from 'node:crypto';`, 'the whole of node:crypto'],
    [`import all from 'node:crypto';`, 'the whole of node:crypto'],
    [`const all = await import('node:crypto');`, 'import()'],
  ])('an invented file is caught: %s', (source, expected) => expect(faults(source).join('\n')).toContain(expected));

  test('and one that keeps to the list is not', () => {
    expect(faults(`import { createHash, type KeyObject } from 'node:crypto'; import type { Cipher } from 'node:crypto'; createHash('sha256').update('text').digest('hex');`)).toEqual([]);
  });
});

describe('libraries, while they run', () => {
  let recording: Recording;
  beforeAll(() => {
    recording = recordWebCrypto();
  });
  afterAll(() => recording.stop());

  test('a vault is made and opened, keys are made, used, wrapped out and taken back, a certificate is read: all that WebCrypto was asked is listed', async () => {
    const { makeTestCore } = await import('../fixtures/testCore.ts'); // after the recorder is in place: libraries keep what they find
    const t = makeTestCore();
    try {
      await t.create();
      await t.call('vault.lock', {});
      await t.unlock();
      const subject = ['-subj', '/CN=bank', '-addext', 'keyUsage=critical,keyEncipherment', '-days', '2'];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-keyout', 'bank.pem', '-out', 'bank.crt', ...subject], { cwd: t.folder, stdio: 'ignore' });
      t.now = Date.now() + 60_000; // the certificate is younger than the vault
      await t.call('recipient.add', { name: 'bank', key: t.read('bank.crt') });
      await t.call('key.generate', { name: 'data', purpose: 'data-encryption', algorithm: 'aes-256', exportable: true });
      await t.call('key.generate', { name: 'kek', purpose: 'key-wrapping', algorithm: 'aes-256' });
      await t.call('key.generate', { name: 'signing', purpose: 'signature', algorithm: 'rsa-2048' });
      await t.call('key.export', { key: 'data', to: 'bank', out: t.write('data.oaep'), acceptStrength: 128 });
      await t.call('key.wrap', { key: 'data', under: 'kek', out: t.write('data.kwp') });
      await t.call('key.unwrap', { name: 'back', purpose: 'data-encryption', algorithm: 'aes-256', with: 'kek', format: 'aes-kwp', in: t.read('data.kwp') });
      writeFileSync(t.path('plain'), 'plain');
      await t.call('key.encrypt', { key: 'data', in: t.read('plain'), out: t.write('plain.sr') });
      await t.call('key.decrypt', { in: t.read('plain.sr'), out: t.write('plain.out') });
      await t.call('key.sign', { key: 'signing', files: [t.read('plain')] });
      await t.call('key.rotate', { key: 'data' });
      expect([...recording.calls].sort()).toEqual(Object.keys(webCrypto).sort());
    } finally {
      await t.close();
    }
  });

  test('HPKE was among them: its HMAC and its AEAD', () => {
    expect([...recording.calls].some((call) => /HMAC/.test(call))).toBe(true);
  });

  test('the recorder sees a library that asks for AES-KW, and the list does not have it', async () => {
    const { subtle } = globalThis.crypto;
    const key = await subtle.generateKey({ name: 'AES-KW', length: 256 }, true, ['wrapKey', 'unwrapKey']);
    const data = await subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: { name: 'SHA-256' } }, true, ['sign']);
    await subtle.wrapKey('raw', data, key, 'AES-KW');
    expect([...recording.calls]).toEqual(expect.arrayContaining(['generateKey AES-KW', 'wrapKey AES-KW', 'importKey HMAC/SHA-256']));
    expect(Object.keys(webCrypto)).not.toContain('wrapKey AES-KW');
    expect(Object.keys(webCrypto)).not.toContain('generateKey AES-KW');
  });
});
