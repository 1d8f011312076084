/** Private key files that users have: taken in through the contract, or refused with the reason, and then nothing is stored. */
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { caseFile, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { clearOf } from '../fixtures/clearKey.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
let count = 0;

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
});
afterAll(() => t.close());

const purposeOf: Partial<Record<Algorithm, Purpose>> = { x25519: 'key-agreement', 'aes-128': 'data-encryption', 'aes-256': 'data-encryption' };

interface More {
  readonly password?: string;
  readonly algorithm?: Algorithm;
  readonly secretForm?: 'hex' | 'base64' | 'raw';
}

const requestOf = (name: string, file: string, { algorithm, secretForm }: More) => ({
  name: `case ${++count}`,
  file: t.files.read(caseFile(name, file)),
  purpose: (algorithm === undefined ? undefined : purposeOf[algorithm]) ?? 'signature',
  exportable: true,
  ...(algorithm === undefined ? {} : { algorithm }),
  ...(secretForm === undefined ? {} : { secretForm }),
});

async function taken(name: string, file: string, more: More = {}) {
  t.answers.filePassword = more.password ?? 'none was expected';
  return await t.call('key.import', requestOf(name, file, more));
}

/** Refused: nothing stored, the reason in one sentence, none of the password or the key in it, and an entry in the log. */
async function refused(name: string, file: string, more: More = {}) {
  t.answers.filePassword = more.password ?? 'none was expected';
  const before = await t.call('vault.info', {});
  const error = await t.refused('key.import', requestOf(name, file, more));
  const after = await t.call('vault.info', {});
  expect(after.keys).toBe(before.keys);
  expect(after.logEntries).toBe(before.logEntries + 1);
  if ((more.password ?? '').length > 1) expect(JSON.stringify(error)).not.toContain(more.password);
  return error;
}

/** The private half as python3-cryptography reads it out of what the vault lets go: its PKCS#8 under AES-KWP, and the KEK that the test brought. */
async function publicOf(key: string): Promise<{ spki: Buffer; sha256: string }> {
  const { spki } = await t.call('key.public', { key });
  return { spki: Buffer.from(spki, 'hex'), sha256: createHash('sha256').update(Buffer.from(spki, 'hex')).digest('hex') };
}

const sha256OfSpki = async (key: string) => (await publicOf(key)).sha256;

describe.runIf(casesAreHere)('reports/01: EC keys without what is optional', () => {
  const { a1, a2 } = casesAreHere ? expectedOf<Record<'a1' | 'a2', { spki_sha256: string; point: string }>>('reports/01') : ({} as never);
  test.each([['a1-p384-pkcs8-no-public.pem', 'ec-p384', () => a1], ['a2-p256-sec1-explicit.pem', 'ec-p256', () => a2]] as const)('%s', async (file, algorithm, expected) => {
    const { key } = await taken('reports/01', file);
    expect(key.algorithm).toBe(algorithm);
    const { spki, sha256 } = await publicOf(key.name);
    expect(sha256).toBe(expected().spki_sha256);
    expect(spki.toString('hex').endsWith(expected().point)).toBe(true);
    // The private half that leaves is in the named form, with its public point: openssl reads it.
    const clear = await clearOf(t, key.name);
    expect(createHash('sha256').update(createPublicKey(createPrivateKey({ key: clear, format: 'der', type: 'pkcs8' })).export({ format: 'der', type: 'spki' })).digest('hex')).toBe(expected().spki_sha256);
  });

  test('a3: a foreign public point', async () => {
    expect(await refused('reports/01', 'a3-p256-sec1-foreign-public.pem')).toMatchObject({ code: 'input-malformed', message: expect.stringMatching(/public key in the file does not belong to the private key/) });
  });
});

describe.runIf(casesAreHere)('reports/03: RSA', () => {
  test('a1: p smaller than q', async () => {
    const { key } = await taken('reports/03', 'a1-p-less-than-q.pem');
    expect(await sha256OfSpki(key.name)).toBe(expectedOf<{ a1: { spki_sha256: string } }>('reports/03').a1.spki_sha256);
    writeFileSync(t.path('mended.der'), await clearOf(t, key.name));
    expect(execFileSync('openssl', ['rsa', '-check', '-noout', '-inform', 'DER', '-in', t.path('mended.der')]).toString()).toContain('RSA key ok');
  });

  test('a2: exponent 3 is taken with a warning', async () => {
    const { key, notes } = await taken('reports/03', 'a2-e3-pkcs8.pem');
    expect(await sha256OfSpki(key.name)).toBe(expectedOf<{ a2: { spki_sha256: string } }>('reports/03').a2.spki_sha256);
    expect(notes.join()).toContain('public exponent 3');
  });

  test('a3: CRT values that a swap left behind', async () => {
    expect(await refused('reports/03', 'a3-primes-swapped-crt-left.pem')).toMatchObject({ code: 'input-malformed', message: expect.stringContaining('CRT values do not belong to p and q') });
  });
});

describe.runIf(casesAreHere)('reports/05: Ed25519', () => {
  test.each([['a1', 'a1-v2-implicit-public.pem'], ['a2', 'a2-v2-explicit-bitstring-public.pem'], ['a3', 'a3-raw64-seed-then-public.b64']] as const)('%s', async (name, file) => {
    const expected = expectedOf<Record<string, { public: string; seed: string }>>('reports/05')[name];
    const { key } = await taken('reports/05', file);
    expect(key.algorithm).toBe('ed25519');
    expect((await publicOf(key.name)).spki.toString('hex').slice(-64)).toBe(expected?.public);
    const clear = await clearOf(t, key.name);
    expect(clear).toHaveLength(48);
    expect(clear.toString('hex').slice(-64)).toBe(expected?.seed);
  });
});

describe.runIf(casesAreHere)('reports/07: encrypted PKCS#8', () => {
  const { password } = casesAreHere ? expectedOf<{ password: string }>('reports/07') : { password: '' };
  test.each([['a1', 'a1-prf-sha1-named.pem'], ['a2', 'a2-prf-absent-keylength-32.pem'], ['a3', 'a3-prf-sha512-no-null-aes128.pem']] as const)('%s', async (name, file) => {
    const { key } = await taken('reports/07', file, { password });
    expect(await sha256OfSpki(key.name)).toBe(expectedOf<Record<string, { spki_sha256: string }>>('reports/07')[name]?.spki_sha256);
  });

  test('a4: a length that contradicts the cipher is no wrong password', async () => {
    const error = await refused('reports/07', 'a4-keylength-16-but-aes256.pem', { password });
    expect(error).toMatchObject({ code: 'input-malformed', message: expect.stringMatching(/key length 16 for AES-256/) });
  });

  test('a wrong password is called that', async () => {
    expect(await refused('reports/07', 'a1-prf-sha1-named.pem', { password: 'south-window-17' })).toMatchObject({ code: 'wrong-file-password' });
  });
});

describe.runIf(casesAreHere)('reports/09: PKCS#12', () => {
  test.each([['a1', 'a1-empty-two-zero-bytes.p12'], ['a2', 'a2-empty-zero-length.p12'], ['a3', 'a3-polish-password.p12'], ['a4', 'a4-no-mac-encrypted-bag.p12']] as const)('%s', async (name, file) => {
    const expected = expectedOf<Record<string, { password: string; spki_sha256: string; friendlyName?: string; integrity?: string }>>('reports/09')[name];
    const { key } = await taken('reports/09', file, { password: expected?.password ?? '' });
    expect(await sha256OfSpki(key.name)).toBe(expected?.spki_sha256);
    if (expected?.friendlyName !== undefined) {
      t.answers.filePassword = expected.password;
      expect((await t.call('key.inspect', { file: t.files.read(caseFile('reports/09', file)) })).entries.map((entry) => entry.name)).toEqual([expected.friendlyName]);
    }
    if (expected?.integrity === 'none') expect(t.prompted.at(-1)).toContain('this file has no integrity check');
  });

  test.each(['a1-empty-two-zero-bytes.p12', 'a2-empty-zero-length.p12'])('%s: the empty password is not taken where another was set, nor another for it', async (file) => {
    expect(await refused('reports/09', file, { password: 'x' })).toMatchObject({ code: 'wrong-file-password' });
    expect(await refused('reports/09', 'a3-polish-password.p12', { password: '' })).toMatchObject({ code: 'wrong-file-password' });
  });
});

describe.runIf(casesAreHere)('reports/11: text files', () => {
  test.each([['a1', 'a1-bom-crlf-preamble-no-final-eol.pem'], ['a2', 'a2-one-line-base64.pem']] as const)('%s', async (name, file) => {
    const { key } = await taken('reports/11', file);
    expect(await sha256OfSpki(key.name)).toBe(expectedOf<Record<string, { spki_sha256: string }>>('reports/11')[name]?.spki_sha256);
  });

  test('a3: hex or raw is never guessed; both are said with their check values', async () => {
    const file = 'a3-aes-key-32-hex-chars.key';
    const { a3 } = expectedOf<{ a3: Record<'as_hex' | 'as_raw_bytes', { bits: number; cmac_kcv: string }> }>('reports/11');
    const error = await refused('reports/11', file, { algorithm: 'aes-128' });
    expect(error.code).toBe('choice-needed');
    for (const { bits, cmac_kcv: kcv } of [a3.as_hex, a3.as_raw_bytes]) expect(error.message).toMatch(new RegExp(`${bits} bits.*${kcv}`));
    expect((await taken('reports/11', file, { algorithm: 'aes-128', secretForm: 'hex' })).key.algorithm).toBe('aes-128');
    expect((await taken('reports/11', file, { algorithm: 'aes-256', secretForm: 'raw' })).key.algorithm).toBe('aes-256');
    expect(await refused('reports/11', file, { algorithm: 'aes-256', secretForm: 'hex' })).toMatchObject({ code: 'input-malformed' });
  });
});

describe.runIf(casesAreHere)('reports/13: JWK and OpenSSH', () => {
  test.each([['a1', 'a1-x-31-bytes.jwk'], ['a2', 'a2-d-31-bytes-and-equals-signs.jwk']] as const)('%s', async (name, file) => {
    const expected = expectedOf<Record<string, { spki_sha256: string; rfc7638: string }>>('reports/13')[name];
    const { key, notes } = await taken('reports/13', file);
    expect(await sha256OfSpki(key.name)).toBe(expected?.spki_sha256);
    expect(notes.join()).toMatch(/has 31 bytes, RFC 7518 wants 32/);
    const { text = '' } = await t.call('key.public', { key: key.name, format: 'jwk' });
    const script = "import { calculateJwkThumbprint } from 'jose'; let s=''; for await (const c of process.stdin) s+=c; console.log(await calculateJwkThumbprint(JSON.parse(s)))";
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { input: text, cwd: process.cwd() }).toString().trim()).toBe(expected?.rfc7638);
    expect(text).not.toContain('=');
  });

  test('a3: an OpenSSH key under AES-256-GCM', async () => {
    const { a3 } = expectedOf<{ a3: { passphrase: string; ssh_fingerprint: string; comment: string } }>('reports/13');
    const { key, notes } = await taken('reports/13', 'a3-openssh-ed25519-aes256gcm', { password: a3.passphrase });
    expect(notes.join()).toContain('aes256-gcm@openssh.com');
    expect(notes.join()).toContain('24');
    expect(notes.join()).toContain(a3.comment);
    expect(notes.join()).toContain(a3.ssh_fingerprint);
    const { text = '' } = await t.call('key.public', { key: key.name, format: 'openssh' });
    writeFileSync(t.path('a3.pub'), text);
    expect(execFileSync('ssh-keygen', ['-l', '-f', t.path('a3.pub')]).toString()).toContain(a3.ssh_fingerprint);
    expect(readFileSync(caseFile('reports/13', 'a3-openssh-ed25519-aes256gcm'), 'utf8')).toContain('OPENSSH');
  });
});
