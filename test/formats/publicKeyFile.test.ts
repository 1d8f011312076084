/** Public keys of others in every form: one key, in its one encoding, or a refusal that says what was found. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPublicKeyFile } from '../../electron/vault/formats/readPublicKeyFile.ts';
import { readRecipientKey } from '../../electron/vault/formats/recipientKey.ts';
import { caseFile, caseFolder, casesAreHere } from '../fixtures/cases.ts';
import { makeDesk } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';

let desk: Desk;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const read = (bytes: Uint8Array | string) => readPublicKeyFile(new Uint8Array(Buffer.from(bytes as string)));
const said = (bytes: Uint8Array | string) => {
  try {
    read(bytes);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the file was read, and should have been refused');
};
const kinds = ['rsa', 'p256', 'p384', 'p521', 'ed25519', 'x25519'] as const;
const options = { rsa: ['RSA', '-pkeyopt', 'rsa_keygen_bits:3072'], p256: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], p384: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], p521: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], ed25519: ['ed25519'], x25519: ['x25519'] } as const;
const algorithms = { rsa: 'rsa-3072', p256: 'ec-p256', p384: 'ec-p384', p521: 'ec-p521', ed25519: 'ed25519', x25519: 'x25519' } as const;

beforeAll(() => {
  desk = makeDesk();
  for (const kind of kinds) {
    desk.openssl('genpkey', '-algorithm', ...options[kind], '-out', `${kind}.pem`);
    desk.openssl('pkey', '-in', `${kind}.pem`, '-pubout', '-out', `${kind}.pub`);
    desk.openssl('pkey', '-in', `${kind}.pem`, '-pubout', '-outform', 'DER', '-out', `${kind}.spki`);
  }
}, 60_000);
afterAll(() => desk.clear());

test('SECURITY: a text that begins thousands of blocks and ends one is looked through once', () => {
  const began = performance.now();
  expect(said(`${'-----BEGIN PRIVATE KEY-----'.repeat(38_000)}-----END PRIVATE KEY-----`)).toContain('holds a private key');
  expect(said(`${'-----BEGIN PRIVATE KEY-----'.repeat(2)}-----END PRIVATE KEY-----${'-----BEGIN PRIVATE KEY-----'}`)).toContain('does not end');
  expect(performance.now() - began).toBeLessThan(4000);
});

describe('one key, whatever its form', () => {
  test.each(kinds)('%s in PEM, DER and base64', (kind) => {
    for (const file of [desk.read(`${kind}.pub`), desk.read(`${kind}.spki`), Buffer.from(desk.read(`${kind}.spki`).toString('base64'))]) {
      const { spki, algorithm, notes } = read(file);
      expect([sha256(spki), algorithm, notes]).toEqual([sha256(desk.read(`${kind}.spki`)), algorithms[kind], []]);
    }
  });

  test.each(['compressed', 'hybrid'])('a %s point is kept uncompressed', (form) => {
    for (const kind of ['p256', 'p384', 'p521'] as const) {
      const { spki, notes } = read(desk.openssl('ec', '-pubin', '-in', `${kind}.pub`, '-conv_form', form));
      expect([sha256(spki), notes.join()]).toEqual([sha256(desk.read(`${kind}.spki`)), expect.stringContaining('kept uncompressed')]);
    }
  });

  test.each(['p256', 'p384', 'p521'] as const)('%s with its curve in numbers; with one number changed', (kind) => {
    const der = desk.openssl('ec', '-pubin', '-in', `${kind}.pub`, '-param_enc', 'explicit', '-outform', 'DER');
    const { spki, notes } = read(der);
    expect([sha256(spki), notes.join()]).toEqual([sha256(desk.read(`${kind}.spki`)), expect.stringContaining('written out in numbers')]);
    der[60] = (der[60] ?? 0) ^ 1;
    expect(said(der)).toMatch(/not those of P-256|broken/);
  });

  test.each(kinds)('%s as JWK, with shortened members and "="', (kind) => {
    const { publicKey } = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : kind.startsWith('p') ? generateKeyPairSync('ec', { namedCurve: kind.replace('p', 'P-') }) : generateKeyPairSync(kind as 'ed25519');
    const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>;
    const spki = sha256(publicKey.export({ format: 'der', type: 'spki' }));
    expect(sha256(read(JSON.stringify(jwk)).spki)).toBe(spki);
    expect(sha256(read(JSON.stringify({ keys: [{ ...jwk, kid: 'a' }] })).spki)).toBe(spki);
    if (kind === 'rsa') expect(sha256(read(JSON.stringify({ ...jwk, n: Buffer.concat([Buffer.of(0), Buffer.from(jwk['n'] ?? '', 'base64url')]).toString('base64') })).spki)).toBe(spki);
  });

  test.each(['rsa', 'ecdsa', 'ed25519'])('an OpenSSH line of %s, with options and a comment', (type) => {
    desk.run('ssh-keygen', '-q', '-t', type, '-N', '', '-C', 'ada@büro', '-f', desk.path(`s-${type}`));
    const line = desk.read(`s-${type}.pub`).toString();
    const { spki, form } = read(`command="ls \\"x\\"",no-pty ${line}`);
    expect(form).toBe('OpenSSH public key');
    if (type === 'ed25519') expect(Buffer.from(spki).subarray(-32)).toEqual(Buffer.from(line.split(' ')[1] ?? '', 'base64').subarray(-32));
    else {
      desk.write('s.pem', desk.run('ssh-keygen', '-e', '-m', 'PKCS8', '-f', `s-${type}.pub`));
      expect(sha256(spki)).toBe(sha256(desk.openssl('pkey', '-pubin', '-in', 's.pem', '-outform', 'DER')));
    }
  });
});

describe('what is no public key', () => {
  test('a private key in any form is named, and nothing of it is said', () => {
    const jwk = JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
    desk.openssl('pkcs12', '-export', '-inkey', 'p256.pem', '-nocerts', '-passout', 'pass:x', '-out', 'k.p12');
    const files = [desk.read('p256.pem'), desk.openssl('pkey', '-in', 'p256.pem', '-outform', 'DER'), desk.openssl('rsa', '-traditional', '-in', 'rsa.pem', '-outform', 'DER'), desk.openssl('ec', '-in', 'p384.pem', '-outform', 'DER'), desk.openssl('pkcs8', '-topk8', '-in', 'rsa.pem', '-outform', 'DER', '-passout', 'pass:x'), desk.read('k.p12'), jwk, Buffer.from(desk.openssl('pkey', '-in', 'p256.pem', '-outform', 'DER').toString('base64'))];
    for (const file of files) expect(said(file)).toBe('the file holds a private key: expected a public key or a certificate');
  });

  test('several keys, a point off the curve, bytes behind, other kinds', () => {
    expect(said(Buffer.concat([desk.read('p256.pub'), desk.read('rsa.pub')]))).toContain('2 keys');
    expect(said(JSON.stringify({ keys: [{ kty: 'OKP' }, { kty: 'OKP' }] }))).toContain('2 keys');
    const off = desk.read('p256.spki');
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    expect(said(off)).toContain('no point of the curve');
    expect(said(Buffer.concat([desk.read('p256.spki'), Buffer.of(0)]))).toContain('1 bytes follow');
    desk.openssl('genpkey', '-algorithm', 'ed448', '-out', 'e.pem');
    expect(said(desk.openssl('pkey', '-in', 'e.pem', '-pubout'))).toContain('not known here');
    expect(said('hello')).toContain('got something else');
  });
});

describe.runIf(casesAreHere)('the cases', () => {
  const recipient = (name: string) => {
    const file = readdirSync(caseFolder(name)).find((entry) => entry !== 'case.md') ?? '';
    return new Uint8Array(readFileSync(caseFile(name, file)));
  };

  test.each([
    ['forms/01', '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77'],
    ['forms/02', '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77'],
    ['forms/03', '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77'],
    ['forms/08', 'b92a30fbaff97463df57dfc5145e05579d6ebbc94bdce7de5c0b142220162ea0'],
    ['forms/11', '3185e9f1329623b3cffb623c952180a9b6b943f94ebfa547feafe16989cd8f01'],
  ])('%s has the fingerprint of the case', (name, fingerprint) => expect(sha256(readPublicKeyFile(recipient(name)).spki)).toBe(fingerprint));

  test.each([
    ['forms/04', '2 keys'],
    ['forms/05', 'private key'],
    ['forms/06', '1024'],
    ['forms/07', 'got 3'],
    ['forms/09', 'signatures only'],
    ['forms/10', 'keyEncipherment'],
    ['forms/11', '2023-01-01'],
  ])('%s is no recipient: %s', (name, reason) => expect(() => readRecipientKey(recipient(name), { acceptExpired: false, now: Date.now() })).toThrow(reason));

  test('reports/33: a certificate whose dates are question marks is damaged, never valid, not even by a decision', () => {
    const file = new Uint8Array(readFileSync(caseFile('reports/33', 'a2-cert-dates-are-question-marks.der')));
    expect(said(file)).toContain('damaged');
    expect(() => readRecipientKey(file, { acceptExpired: true, now: Date.now() })).toThrow('damaged');
  });
});

test('a certificate with a day that there is not, or without a zone, is damaged', () => {
  desk.openssl('req', '-x509', '-key', 'rsa.pem', '-subj', '/CN=x', '-days', '9', '-outform', 'DER', '-out', 'c.der');
  const good = desk.read('c.der');
  expect(read(good).certificate?.validity.subject).toBe('CN=x');
  const at = good.indexOf(Buffer.from([0x17, 0x0d])) + 2;
  for (const [offset, text] of [[2, '13'], [4, '32'], [2, '0230'], [6, '24'], [12, '+'], [0, '??']] as const) {
    const bad = Buffer.from(good);
    bad.write(text, at + offset, 'latin1');
    expect(said(bad), text).toContain('damaged');
  }
});
