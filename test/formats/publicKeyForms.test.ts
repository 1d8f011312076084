/** Public halves as files, read by OpenSSL, ssh-keygen, jose and Node; and OpenSSH lines that come in. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { readSpki, writeEcSpki, writeSpki } from '../../electron/vault/crypto/spki.ts';
import { jwkThumbprint, publicJwk } from '../../electron/vault/formats/jwk.ts';
import { publicKeyFile } from '../../electron/vault/formats/publicKeyFile.ts';
import { readSshPublicKey, sshBlob, sshFingerprint } from '../../electron/vault/formats/sshPublicKey.ts';
import { ProgramFolder, ecTestKey, ed25519TestKey, mlDsaTestKey, rsaTestKey } from '../fixtures/documentSigners.ts';

const folder = new ProgramFolder();
afterAll(() => folder.remove());

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const x25519 = new Uint8Array(generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' }));
const mlKem = writeSpki('ml-kem-768', ml_kem768.keygen().publicKey);

const ssh: readonly [string, Uint8Array, string][] = [
  ['RSA', rsaTestKey(3072).spki, '3072'],
  ['P-256', ecTestKey('P-256').spki, '256'],
  ['P-384', ecTestKey('P-384').spki, '384'],
  ['P-521', ecTestKey('P-521').spki, '521'],
  ['Ed25519', ed25519TestKey().spki, '256'],
];
const everywhere: readonly [string, Uint8Array][] = [...ssh.map(([name, spki]): [string, Uint8Array] => [name, spki]), ['X25519', x25519], ['ML-DSA-65', mlDsaTestKey().spki], ['ML-KEM-768', mlKem]];

describe.each(everywhere)('%s', (_, spki) => {
  test('PEM and DER are read by another program, to the same bytes', () => {
    folder.write('k.pem', publicKeyFile(spki, 'pem', 'name'));
    folder.write('k.der', publicKeyFile(spki, 'der', 'name'));
    // OpenSSL 3.5 in Node knows ML-DSA and ML-KEM; the one of the command line may be older.
    for (const [name, format] of [['k.pem', 'pem'], ['k.der', 'der']] as const) {
      const key = format === 'pem' ? createPublicKey(text(folder.read(name))) : createPublicKey({ key: Buffer.from(folder.read(name)), format, type: 'spki' });
      expect(new Uint8Array(key.export({ type: 'spki', format: 'der' }))).toEqual(spki);
    }
    expect(writeSpki(readSpki(spki)?.kind ?? 'rsa', readSpki(spki)?.raw ?? new Uint8Array(0))).toEqual(spki);
  });
});

describe.each(everywhere.slice(0, 6))('%s', (_, spki) => {
  test('PEM is what OpenSSL writes', () => {
    folder.write('k.der', spki);
    expect(folder.run('openssl', 'pkey', '-pubin', '-inform', 'DER', '-in', 'k.der')).toBe(text(publicKeyFile(spki, 'pem', 'name')));
  });

  test('JWK is read by Node, has its members at full length without padding, and the thumbprint is jose\'s', async () => {
    const jwk = JSON.parse(text(publicKeyFile(spki, 'jwk', 'schlüssel 1'))) as Record<string, string>;
    expect(jwk['kid']).toBe('schlüssel 1');
    expect(Object.values(jwk).join('')).not.toContain('=');
    expect(new Uint8Array(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' }))).toEqual(spki);
    expect(jwkThumbprint(spki)).toBe(await calculateJwkThumbprint(jwk as never));
  });
});

test('an EC coordinate that begins with zero stands at its full length', () => {
  for (;;) {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
    const { raw } = readSpki(spki) ?? { raw: new Uint8Array(0) };
    if (raw[1] !== 0) continue;
    expect(Buffer.from(publicJwk(spki)['x'] ?? '', 'base64url')).toHaveLength(32);
    expect(writeEcSpki('ec-p256', raw.subarray(2, 33), raw.subarray(33))).toEqual(spki);
    return;
  }
});

/** RFC 7638 §3.1 and RFC 8037 appendix A.3. */
test.each([
  [{ kty: 'RSA', e: 'AQAB', n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw' }, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
  [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
])('the thumbprint of a standard\'s own key', (key, thumbprint) => {
  expect(jwkThumbprint(new Uint8Array(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' })))).toBe(thumbprint);
});

test('ML-DSA and ML-KEM are keys of the type AKP, as Node has them', () => {
  const spki = mlDsaTestKey().spki;
  const theirs = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({ format: 'jwk' });
  expect(publicJwk(spki)).toEqual(theirs);
  expect(publicJwk(mlKem)).toMatchObject({ kty: 'AKP', alg: 'ML-KEM-768' });
});

describe('OpenSSH lines', () => {
  test.each(ssh)('of %s are what ssh-keygen makes of the key, with its fingerprint, and are read back', (name, spki, bits) => {
    const line = text(publicKeyFile(spki, 'openssh', 'name of key'));
    folder.write('k.pem', publicKeyFile(spki, 'pem', 'name'));
    folder.write('k.pub', line);
    // ssh-keygen takes no PKCS#8 of Ed25519; of it the fingerprint speaks
    if (name !== 'Ed25519') expect(folder.run('ssh-keygen', '-i', '-m', 'PKCS8', '-f', 'k.pem').trim()).toBe(line.split(' ').slice(0, 2).join(' '));
    expect(folder.run('ssh-keygen', '-l', '-f', 'k.pub')).toMatch(new RegExp(`^${bits} ${sshFingerprint(sshBlob(spki)).replace(/[+/]/g, '\\$&')} name-of-key \\(`));
    expect(readSshPublicKey(line.split(' ')[1] ?? '')).toEqual(spki);
  });

  test.each([['X25519', x25519], ['ML-KEM-768', mlKem]])('of %s there are none', (_, spki) => {
    expect(() => publicKeyFile(spki, 'openssh', 'name')).toThrow(expect.objectContaining({ code: 'request-invalid', field: 'form' }));
  });

  const blobOf = (spki: Uint8Array) => Buffer.from(sshBlob(spki));
  const ec = ssh[1]?.[1] ?? x25519;
  const ed = ssh[4]?.[1] ?? x25519;
  const rsa = ssh[0]?.[1] ?? x25519;
  test.each<[string, () => Buffer, string]>([
    ['another curve in the key', () => Buffer.from(blobOf(ec).toString('latin1').replace('nistp256\0\0\0A', 'nistp384\0\0\0A'), 'latin1'), 'one curve'],
    ['a compressed point', () => Buffer.from(blobOf(ec).with(39, 2)), 'an uncompressed point'],
    ['31 bytes', () => Buffer.from(blobOf(ed).toString('latin1').replace('\0\0\0 ', '\0\0\0\x1f').slice(0, -1), 'latin1'), '32 bytes of Ed25519'],
    ['bytes behind', () => Buffer.concat([blobOf(ed), Buffer.alloc(1)]), 'something behind'],
    ['a padded exponent', () => Buffer.from(blobOf(rsa).toString('latin1').replace('\0\0\0\x03\x01\0\x01', '\0\0\0\x04\0\x01\0\x01'), 'latin1'), 'without padding in "exponent"'],
    ['a security key', () => Buffer.from(blobOf(ed).toString('latin1').replace('ssh-ed25519', 'sk-ssh-ed25'), 'latin1'), 'got sk-ssh-ed25'],
    ['a cut', () => blobOf(ed).subarray(0, 20), 'ends before'],
  ])('with %s are refused', (_, blob, reason) => {
    expect(() => readSshPublicKey(blob().toString('base64'))).toThrow(reason);
  });

  test('in another alphabet are refused', () => expect(() => readSshPublicKey('AAAA_-==')).toThrow('expected base64'));
});
