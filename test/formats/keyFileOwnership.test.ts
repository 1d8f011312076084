/** Whose bytes a key is: what is read out of a file is a copy of its own, also where the caller's bytes are a Buffer, whose slices are views. */
import { afterAll, describe, expect, test } from 'vitest';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latticePkcs8 } from '../../electron/vault/crypto/keyForms/privateKeyWriter.ts';
import { readMaterial, readPkcs8 } from '../../electron/vault/crypto/pkcs8.ts';
import { readKeyFile } from '../../electron/vault/formats/keyFile/readKeyFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-own-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nobody = { password: () => Promise.reject(new Error('nobody is asked')) };

function sshKey(): Buffer {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'ssh')]);
  const pem = readFileSync(join(folder, 'ssh'), 'utf8');
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

const aesInPkcs8 = () => Buffer.concat([Buffer.from('3021020100300a060860864801650304010410', 'hex'), randomBytes(16)]);

describe('a key of a Buffer', () => {
  test.each<[string, () => Buffer]>([
    ['bare bytes', () => randomBytes(33)],
    ['PKCS#8 of EC', () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ format: 'der', type: 'pkcs8' })],
    ['PKCS#8 of Ed25519', () => generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })],
    ['PKCS#8 of ML-KEM-768', () => Buffer.from(latticePkcs8('ml-kem-768', randomBytes(64)))],
    ['PKCS#8 of ML-DSA-65', () => Buffer.from(latticePkcs8('ml-dsa-65', randomBytes(32)))],
    ['PKCS#8 of a secret key, as Java writes it', aesInPkcs8],
    ['OpenSSH without a passphrase', sshKey],
  ])('%s: outlives the bytes that it was read from, and leaves them alone', async (_, make) => {
    const bytes = make();
    const [before, twin] = [Buffer.from(bytes), Buffer.from(bytes)];
    const { entries: [entry] } = await readKeyFile(bytes, nobody);
    expect(bytes.equals(before), 'the file is the caller\'s').toBe(true);
    bytes.fill(0);
    const { entries: [other] } = await readKeyFile(twin, nobody);
    expect(entry?.material.expose().some((byte) => byte !== 0)).toBe(true);
    expect(Buffer.from(entry?.material.expose() ?? []).equals(other?.material.expose() ?? new Uint8Array(0))).toBe(true);
  });

  test('wrapped or in the form of the vault: the same', () => {
    const seed = randomBytes(32);
    for (const pair of [readMaterial('ml-dsa-65', seed), readPkcs8(Buffer.from(latticePkcs8('ml-dsa-65', Buffer.from(seed))))]) {
      const kept = Buffer.from(pair.material.expose());
      expect(kept.equals(seed)).toBe(true);
    }
    const { material } = readMaterial('ml-dsa-65', seed);
    seed.fill(0);
    expect(material.expose().some((byte) => byte !== 0)).toBe(true);
  });
});
