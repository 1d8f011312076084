/** Every reader of key files against changed, cut and invented bytes: a refusal of ours or a key, never another error, and never for long. */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { readKeyFile } from '../../electron/vault/formats/keyFile/readKeyFile.ts';
import { readPublicKeyFile } from '../../electron/vault/formats/readPublicKeyFile.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { makeDesk } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';

const password = 'mutation-5';
const samples = new Map<string, Uint8Array>();
let desk: Desk;

beforeAll(() => {
  desk = makeDesk();
  const keep = (name: string) => void samples.set(name, new Uint8Array(desk.read(name)));
  const pass = `pass:${password}`;
  for (const [name, options] of [['rsa', ['RSA', '-pkeyopt', 'rsa_keygen_bits:1024']], ['ec', ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256']], ['ed', ['ed25519']]] as const) {
    desk.openssl('genpkey', '-algorithm', ...options, '-out', `${name}.pem`);
    desk.openssl('pkey', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.der`);
    desk.openssl('pkey', '-in', `${name}.pem`, '-pubout', '-outform', 'DER', '-out', `${name}.pub`);
    for (const file of [`${name}.pem`, `${name}.der`, `${name}.pub`]) keep(file);
  }
  desk.openssl('pkcs8', '-topk8', '-in', 'ec.pem', '-outform', 'DER', '-iter', '10', '-passout', pass, '-out', 'encrypted.der');
  desk.openssl('rsa', '-traditional', '-in', 'rsa.pem', '-aes128', '-passout', pass, '-out', 'traditional.pem');
  desk.openssl('ec', '-in', 'ec.pem', '-param_enc', 'explicit', '-outform', 'DER', '-out', 'explicit.der');
  desk.openssl('req', '-x509', '-key', 'ec.pem', '-subj', '/CN=x', '-days', '9', '-out', 'ec.crt');
  desk.openssl('x509', '-in', 'ec.crt', '-outform', 'DER', '-out', 'crt.der');
  desk.openssl('pkcs12', '-export', '-inkey', 'ec.pem', '-in', 'ec.crt', '-iter', '10', '-passout', pass, '-out', 'mac.p12');
  desk.openssl('pkcs12', '-export', '-inkey', 'ec.pem', '-in', 'ec.crt', '-nomac', '-keypbe', 'NONE', '-certpbe', 'NONE', '-passout', 'pass:', '-out', 'bare.p12');
  desk.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', desk.path('ssh'));
  desk.run('ssh-keygen', '-q', '-t', 'ecdsa', '-N', password, '-a', '1', '-f', desk.path('ssh-encrypted'));
  desk.write('jwk', JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })));
  for (const file of ['encrypted.der', 'traditional.pem', 'explicit.der', 'crt.der', 'ec.crt', 'mac.p12', 'bare.p12', 'ssh', 'ssh.pub', 'ssh-encrypted', 'jwk']) keep(file);
}, 30_000);
afterAll(() => desk.clear());

/** Reads, and wipes. @throws whatever is no refusal of ours, or says what it may not */
async function tolerates(bytes: Uint8Array): Promise<void> {
  const began = Date.now();
  try {
    const { entries } = await readKeyFile(bytes, { password: async () => SecretBytes.own(new Uint8Array(Buffer.from(password))) });
    for (const { material } of entries) material.wipe();
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
    expect(error.message).not.toContain(password);
    expect(error.message.length).toBeLessThan(600);
  }
  try {
    readPublicKeyFile(bytes);
  } catch (error) {
    if (!isStrongroomError(error)) throw error;
  }
  expect(Date.now() - began).toBeLessThan(5000);
}

/** One byte, a few bytes, a cut, a piece twice, a piece gone. */
const changes = fc.array(fc.record({ kind: fc.constantFrom('set', 'cut', 'twice', 'gone', 'insert'), at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), value: fc.nat(255), length: fc.nat(20) }), { minLength: 1, maxLength: 4 });

function changed(bytes: Uint8Array, list: readonly { kind: string; at: number; value: number; length: number }[]): Uint8Array {
  return list.reduce((current, { kind, at, value, length }) => {
    const index = Math.floor(at * current.length);
    const [front, piece, rest] = [current.subarray(0, index), current.subarray(index, index + length), current.subarray(index + length)];
    if (kind === 'set') return current.map((byte, where) => (where === index ? value : byte));
    if (kind === 'cut') return front.length === 0 ? current : front;
    if (kind === 'twice') return new Uint8Array([...front, ...piece, ...piece, ...rest]);
    return kind === 'gone' ? new Uint8Array([...front, ...rest]) : new Uint8Array([...front, ...new Uint8Array(length).fill(value), ...piece, ...rest]);
  }, bytes);
}

describe('a changed file', () => {
  test.each(['rsa.pem', 'rsa.der', 'rsa.pub', 'ec.pem', 'ec.der', 'ec.pub', 'ed.pem', 'ed.der', 'ed.pub', 'encrypted.der', 'traditional.pem', 'explicit.der', 'crt.der', 'ec.crt', 'mac.p12', 'bare.p12', 'ssh', 'ssh.pub', 'ssh-encrypted', 'jwk'])(
    '%s is refused or read',
    async (name) => {
      const sample = samples.get(name) ?? new Uint8Array(0);
      expect(sample.length).toBeGreaterThan(30);
      await fc.assert(fc.asyncProperty(changes, async (list) => tolerates(changed(sample, list))), { numRuns: 150 });
    },
    120_000,
  );

  test.each(['ed.der', 'ec.der', 'bare.p12', 'ssh', 'encrypted.der'])('%s cut at every byte', async (name) => {
    const sample = samples.get(name) ?? new Uint8Array(0);
    for (let length = 1; length < sample.length; length++) await tolerates(sample.subarray(0, length));
  }, 60_000);

  test('one bit anywhere in a signed PKCS#12 is seen', async () => {
    const sample = samples.get('mac.p12') ?? new Uint8Array(0);
    for (let index = 0; index < sample.length; index += 7) {
      const flipped = sample.map((byte, where) => (where === index ? byte ^ 1 : byte));
      const read = await readKeyFile(flipped, { password: async () => SecretBytes.own(new Uint8Array(Buffer.from(password))) }).catch((error: unknown) => error);
      expect(isStrongroomError(read), `byte ${index}`).toBe(true);
    }
  }, 60_000);
});

describe('invented bytes', () => {
  test('of any kind', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), tolerates), { numRuns: 300 });
  }, 60_000);

  test('that begin like something', async () => {
    const begins = ['0', '\x30\x82', '\x30\x80', '{', '{"kty":"EC","d":', '-----BEGIN PRIVATE KEY-----\n', 'openssh-key-v1\0', 'ssh-ed25519 ', '\xff\xfe', '\xef\xbb\xbf', 'PuTTY-User-Key-File-', '0x'].map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...begins), fc.uint8Array({ maxLength: 200 }), async (begin, rest) => tolerates(new Uint8Array([...begin, ...rest]))), { numRuns: 400 });
  }, 60_000);

  test('JSON of any shape', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.dictionary(fc.constantFrom('kty', 'crv', 'd', 'x', 'y', 'k', 'n', 'e', 'p', 'q', 'keys', 'alg', 'priv', '__proto__'), fc.oneof(fc.constantFrom('EC', 'OKP', 'RSA', 'oct', 'AKP', 'P-256', 'Ed25519', 'AQAB'), fc.jsonValue())), fc.jsonValue()), async (value) => tolerates(new TextEncoder().encode(` ${JSON.stringify(value)}`))), { numRuns: 400 });
  }, 60_000);
});
