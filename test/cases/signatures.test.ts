/** Signatures and requests that users had trouble with elsewhere, through the one door, each with the one right answer of its case. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { readCertificateRequest } from '../../electron/vault/formats/signing/certificateRequest.ts';
import { sha256 } from '../../electron/vault/crypto/hashes.ts';
import { toHex } from '../../electron/vault/crypto/bytes.ts';
import type { RequestInput } from '../../shared/ipc/contract.ts';
import { caseFile, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
beforeAll(() => {
  t = makeTestCore();
});
afterAll(() => t.close());

describe.runIf(casesAreHere)('reports/29: ECDSA of a long curve, in both encodings, and PSS with the longest salt', () => {
  const request = (file: string, by: string, more: Partial<RequestInput<'signature.verify'>> = {}) => ({ in: t.files.read(caseFile('reports/29', 'message.txt')), signature: t.files.read(caseFile('reports/29', file)), by: t.files.read(caseFile('reports/29', by)), ...more });

  test('a1 and a2 verify in the encoding that they have, and in no other', async () => {
    expect(await t.call('signature.verify', request('a1-signature.der', 'a1-p521-public.pem'))).toMatchObject({ valid: true, mechanism: 'ecdsa-sha512' });
    expect(await t.call('signature.verify', request('a2-signature.p1363', 'a2-p256-public.pem', { encoding: 'p1363' }))).toMatchObject({ valid: true, mechanism: 'ecdsa-sha256' });
    expect((await t.refused('signature.verify', request('a2-signature.p1363', 'a2-p256-public.pem'))).code).toBe('input-malformed');
  });

  test('a3 verifies with its salt shown; a policy of the hash length refuses it by name', async () => {
    const { a3 } = expectedOf<{ a3: { salt: number; say: string } }>('reports/29');
    expect(await t.call('signature.verify', request('a3-signature-pss-salt222.bin', 'a3-rsa-public.pem'))).toMatchObject({ saltLength: a3.salt, notes: [expect.stringContaining(a3.say)] });
    expect(await t.refused('signature.verify', request('a3-signature-pss-salt222.bin', 'a3-rsa-public.pem', { saltLength: 32 }))).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('salt of 222 bytes') });
  });
});

describe.runIf(casesAreHere)('reports/31: requests with missing and odd attributes, and an SSH signature for another namespace', () => {
  const read = (file: string) => readCertificateRequest(new Uint8Array(readFileSync(caseFile('reports/31', file))));

  test('a1 to a3 are read with what is odd about them', () => {
    const { a1, a2, a3 } = expectedOf<Record<'a1' | 'a2', { spki_sha256: string }> & { a3: { san: string[]; warn: string } }>('reports/31');
    expect(read('a1-no-attributes-field.csr').warnings).toEqual([expect.stringContaining('attributes field missing')]);
    expect(read('a2-empty-attributes.csr').warnings).toEqual([]);
    for (const [file, expected] of [['a1-no-attributes-field.csr', a1], ['a2-empty-attributes.csr', a2]] as const) expect(toHex(sha256(read(file).spki))).toBe(expected.spki_sha256);
    const odd = read('a3-challenge-password-and-san.csr');
    expect([odd.alternativeNames.map(({ value }) => value), odd.warnings, odd.keyUsages, odd.keyUsagesCritical]).toEqual([a3.san, [a3.warn], ['digitalSignature'], true]);
  });

  test('a4 is valid for its namespace, and refused for another with both names', async () => {
    const request = (more: Partial<RequestInput<'signature.verify'>> = {}) => ({ in: t.files.read(caseFile('reports/31', 'message.txt')), signature: t.files.read(caseFile('reports/31', 'a4-message.sig')), by: t.files.read(caseFile('reports/31', 'allowed_signers')), ...more });
    expect(await t.call('signature.verify', request())).toMatchObject({ format: 'sshsig', namespace: 'file', vouched: true });
    expect(await t.refused('signature.verify', request({ namespace: 'git' }))).toMatchObject({ code: 'signature-invalid', message: 'signature is for namespace file, not git' });
  });
});
