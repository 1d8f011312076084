/** Key files as users have them, with the exact values of each case, or the refusal and its reason. */
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { aesKwpUnwrap } from '../../electron/vault/crypto/aesKeyWrap.ts';
import { caseFile, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { readOne, refusalOf } from '../fixtures/keyFiles.ts';

const fileOf = (name: string, file: string) => readFileSync(caseFile(name, file));
const rawPublic = (spki: Buffer, length: number) => spki.subarray(-length).toString('hex');

/** What a form holds, unwrapped under its key. */
function unwrapped(name: string): Uint8Array {
  const kek = Buffer.from(readFileSync(caseFile(name, 'kek.hex'), 'utf8').trim(), 'hex');
  return aesKwpUnwrap(kek, fileOf(name, 'wrapped.bin'));
}

describe.runIf(casesAreHere)('forms that came under a wrapping key', () => {
  test('17: six zero bytes behind the DER are dropped and said', async () => {
    const { what, notes } = await readOne(unwrapped('forms/17'));
    expect(what).toBe('ec-p256');
    expect(notes).toContain('6 zero bytes');
  });

  test.each([
    ['forms/18', '3 bytes follow'],
    ['forms/22', 'do not multiply to the modulus'],
    ['forms/24', 'halves do not belong together'],
    ['forms/26', 'not in 1 to n - 1'],
  ])('%s is refused: %s', async (name, said) => expect(await refusalOf(unwrapped(name))).toMatchObject({ code: 'input-malformed', message: expect.stringContaining(said) }));

  test.each([
    ['forms/23', 32, '80ff30a9be37406cbe1c11d7dc8a34cc6b3f1e171a211dfe445f7c04de3ab7e4'],
    ['forms/25', 65, '04b2c755cd606f3a87a6e627a79d0a08737f78430e5a53222e0e40b56dc69dfe4726d3e4f225e5016af50e194a1f543bf219f73f96e31ed391182793dfdf1b494f'],
    ['forms/27', 65, '0495985557e6db2fe6960fca8e6ebed61a99a9ed6f244267f8e3e897e38320da8c5ed6d87e295221749ee9701bb4a744f541ebe2de15a9124d22d7d09c51ac87d4'],
  ])('%s has the public key of the case', async (name, length, point) => expect(rawPublic((await readOne(unwrapped(name))).spki, length)).toBe(point));

  test('27: and what was padded is said', async () => expect((await readOne(unwrapped('forms/27'))).notes).toContain('has 31 bytes, P-256 wants 32'));
});

describe.runIf(casesAreHere)('reports', () => {
  test('01: no optional field, a curve in numbers, a foreign public point', async () => {
    const { a1, a2 } = expectedOf<Record<'a1' | 'a2', { spki_sha256: string; point: string }>>('reports/01');
    const first = await readOne(fileOf('reports/01', 'a1-p384-pkcs8-no-public.pem'));
    expect([first.what, first.spkiSha256, rawPublic(first.spki, 97)]).toEqual(['ec-p384', a1.spki_sha256, a1.point]);
    const second = await readOne(fileOf('reports/01', 'a2-p256-sec1-explicit.pem'));
    expect([second.what, second.spkiSha256, rawPublic(second.spki, 65)]).toEqual(['ec-p256', a2.spki_sha256, a2.point]);
    expect(second.notes).toContain('all equal to P-256');
    expect(second.material.includes(Buffer.from('06082a8648ce3d030107', 'hex'))).toBe(true);
    expect((await refusalOf(fileOf('reports/01', 'a3-p256-sec1-foreign-public.pem'))).message).toBe('the public key in the file does not belong to the private key');
  });

  test('03: p smaller than q, exponent 3, CRT values left behind', async () => {
    const { a1, a2 } = expectedOf<Record<'a1' | 'a2', { spki_sha256: string }>>('reports/03');
    const first = await readOne(fileOf('reports/03', 'a1-p-less-than-q.pem'));
    expect([first.what, first.spkiSha256]).toEqual(['rsa-2048', a1.spki_sha256]);
    expect(first.notes).toContain('p is smaller than q');
    const second = await readOne(fileOf('reports/03', 'a2-e3-pkcs8.pem'));
    expect(second.spkiSha256).toBe(a2.spki_sha256);
    expect(second.notes).toContain('public exponent 3');
    expect((await refusalOf(fileOf('reports/03', 'a3-primes-swapped-crt-left.pem'))).message).toContain('CRT values do not belong to p and q');
  });

  test('05: Ed25519 in three spellings', async () => {
    const expected = expectedOf<Record<'a1' | 'a2' | 'a3', { public: string; seed: string }>>('reports/05');
    for (const [name, file] of [['a1', 'a1-v2-implicit-public.pem'], ['a2', 'a2-v2-explicit-bitstring-public.pem'], ['a3', 'a3-raw64-seed-then-public.b64']] as const) {
      const { material, spki } = await readOne(fileOf('reports/05', file));
      expect(material).toHaveLength(48);
      expect([rawPublic(spki, 32), rawPublic(material, 32)]).toEqual([expected[name].public, expected[name].seed]);
    }
  });

  test('07: the PRF named, absent, without NULL; a key length that contradicts', async () => {
    const { password, ...expected } = expectedOf<{ password: string; a1: { spki_sha256: string }; a2: { spki_sha256: string }; a3: { spki_sha256: string } }>('reports/07');
    for (const [name, file] of [['a1', 'a1-prf-sha1-named.pem'], ['a2', 'a2-prf-absent-keylength-32.pem'], ['a3', 'a3-prf-sha512-no-null-aes128.pem']] as const) {
      expect((await readOne(fileOf('reports/07', file), password)).spkiSha256).toBe(expected[name].spki_sha256);
    }
    const refused = await refusalOf(fileOf('reports/07', 'a4-keylength-16-but-aes256.pem'), password);
    expect(refused).toMatchObject({ code: 'input-malformed', asked: 0, message: expect.stringContaining('key length 16 for AES-256') });
    expect(await refusalOf(fileOf('reports/07', 'a1-prf-sha1-named.pem'), 'south-window-71')).toMatchObject({ code: 'wrong-file-password', asked: 1 });
  });

  test('09: the empty password in two forms, accents, no integrity', async () => {
    const expected = expectedOf<Record<'a1' | 'a2' | 'a3' | 'a4', { password: string; spki_sha256: string; friendlyName?: string }>>('reports/09');
    for (const [name, file] of [['a1', 'a1-empty-two-zero-bytes.p12'], ['a2', 'a2-empty-zero-length.p12'], ['a3', 'a3-polish-password.p12'], ['a4', 'a4-no-mac-encrypted-bag.p12']] as const) {
      const { password, spki_sha256, friendlyName } = expected[name];
      const read = await readOne(fileOf('reports/09', file), password);
      expect(read.spkiSha256).toBe(spki_sha256);
      if (friendlyName !== undefined) expect(read.name).toBe(friendlyName);
      expect(read.certificates).toHaveLength(1);
      expect(read.asked[0]?.notes[0]).toContain(name === 'a4' ? 'this file has no integrity check' : 'MAC with SHA256');
      expect(await refusalOf(fileOf('reports/09', file), `${password}x`)).toMatchObject({ code: 'wrong-file-password' });
    }
  });

  test('11: editors and mail; a key that could be hex or raw is asked for, with both check values', async () => {
    const { a1, a2, a3 } = expectedOf<{ a1: { spki_sha256: string }; a2: { spki_sha256: string }; a3: Record<'as_hex' | 'as_raw_bytes', { cmac_kcv: string }> }>('reports/11');
    expect((await readOne(fileOf('reports/11', 'a1-bom-crlf-preamble-no-final-eol.pem'))).spkiSha256).toBe(a1.spki_sha256);
    expect((await readOne(fileOf('reports/11', 'a2-one-line-base64.pem'))).spkiSha256).toBe(a2.spki_sha256);
    const file = fileOf('reports/11', 'a3-aes-key-32-hex-chars.key');
    expect((await refusalOf(file)).message).toBe(`the file can be read in 2 ways: hex, 128 bits, KCV ${a3.as_hex.cmac_kcv} (CMAC); or raw, 256 bits, KCV ${a3.as_raw_bytes.cmac_kcv} (CMAC)`);
    expect((await readOne(file, undefined, { secretForm: 'hex' })).material.toString('hex')).toBe(file.toString('ascii').trim().toLowerCase());
    expect((await readOne(file, undefined, { secretForm: 'raw' })).material).toEqual(file);
    expect((await readOne(file, undefined, { secretBits: [128] })).what).toBe(128);
  });

  test('13: shortened members, "=", and an OpenSSH key under GCM', async () => {
    const { a1, a2, a3 } = expectedOf<{ a1: { spki_sha256: string; rfc7638: string }; a2: { spki_sha256: string; rfc7638: string }; a3: { passphrase: string; ssh_fingerprint: string; comment: string } }>('reports/13');
    const first = await readOne(fileOf('reports/13', 'a1-x-31-bytes.jwk'));
    expect(first.spkiSha256).toBe(a1.spki_sha256);
    expect(first.notes).toContain('x has 31 bytes, RFC 7518 wants 32');
    expect(first.notes).toContain(`thumbprint ${a1.rfc7638}`);
    const second = await readOne(fileOf('reports/13', 'a2-d-31-bytes-and-equals-signs.jwk'));
    expect(second.spkiSha256).toBe(a2.spki_sha256);
    expect(second.notes).toContain('d has 31 bytes, RFC 7518 wants 32');
    expect(second.notes).toContain(`thumbprint ${a2.rfc7638}`);
    const third = await readOne(fileOf('reports/13', 'a3-openssh-ed25519-aes256gcm'), a3.passphrase);
    expect(third.name).toBe(a3.comment);
    for (const fact of [a3.ssh_fingerprint, 'aes256-gcm@openssh.com', '24 rounds', a3.comment]) expect(third.notes).toContain(fact);
    expect(await refusalOf(fileOf('reports/13', 'a3-openssh-ed25519-aes256gcm'), 'copper lamp')).toMatchObject({ code: 'wrong-file-password' });
  });

  test('each pair that was read is one that the platform reads too', async () => {
    const { material, spki } = await readOne(fileOf('reports/01', 'a1-p384-pkcs8-no-public.pem'));
    const computed = createPublicKey({ key: `-----BEGIN PRIVATE KEY-----\n${material.toString('base64')}\n-----END PRIVATE KEY-----\n`, format: 'pem' });
    expect(createHash('sha256').update(computed.export({ format: 'der', type: 'spki' })).digest('hex')).toBe(createHash('sha256').update(spki).digest('hex'));
  });
});
