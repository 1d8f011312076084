/** CMS signatures: ours verified by OpenSSL, OpenSSL's verified by us, and every way in which one is not what it says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { childrenOf, firstValue } from '../../electron/vault/crypto/derReader.ts';
import { readDer, readDerList } from '../../electron/vault/crypto/derValue.ts';
import { writeDer } from '../../electron/vault/crypto/derWriter.ts';
import { writePem } from '../../electron/vault/formats/pem.ts';
import { berToDer } from '../../electron/vault/formats/signing/berToDer.ts';
import { cmsDigestAlgorithm, makeCms } from '../../electron/vault/formats/signing/makeCms.ts';
import { cmsNotChecked, verifyCms } from '../../electron/vault/formats/signing/verifyCms.ts';
import type { CmsTrust, CmsVerdict } from '../../electron/vault/formats/signing/verifyCms.ts';
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { ProgramFolder, digestsOf, ecTestKey, ed25519TestKey, mlDsaTestKey, rsaTestKey } from '../fixtures/documentSigners.ts';
import type { TestKey } from '../fixtures/documentSigners.ts';

const folder = new ProgramFolder();
afterAll(() => folder.remove());

const keys = { rsa: rsaTestKey(), p256: ecTestKey('P-256'), p384: ecTestKey('P-384'), p521: ecTestKey('P-521'), ed25519: ed25519TestKey() } as const;
type KeyName = keyof typeof keys;
const content = Buffer.from('line one\nline two\r\n\0binary');
let time = 0;
const nobody: CmsTrust = { keys: [], certificates: [] };

beforeAll(() => {
  folder.write('content', content);
  for (const [name, { pem }] of Object.entries(keys)) {
    folder.write(`${name}.pem`, pem);
    folder.run('openssl', 'req', '-x509', '-new', '-key', `${name}.pem`, '-subj', `/C=DE/CN=${name}`, '-days', '9', '-set_serial', '0x00f1', '-out', `${name}.crt`);
    folder.run('openssl', 'x509', '-in', `${name}.crt`, '-outform', 'DER', '-out', `${name}.der`);
  }
  time = Date.now() + 1000; // the certificates are older
});

async function made(key: TestKey, mechanism: SignatureMechanism, certificates: readonly Uint8Array[]): Promise<Uint8Array> {
  const digestAlgorithm = cmsDigestAlgorithm(mechanism);
  return makeCms({ digest: await digestsOf(content)(digestAlgorithm), digestAlgorithm, certificates, time }, key.signer(mechanism));
}

function verdictOn(cms: Uint8Array, trust = nobody, of: Uint8Array = content): Promise<CmsVerdict> {
  return verifyCms(cms, { digest: digestsOf(of) }, trust);
}

describe('a signature that is made here', () => {
  test.each<[KeyName, SignatureMechanism]>([
    ['rsa', 'rsa-pkcs1-sha256'],
    ['rsa', 'rsa-pkcs1-sha512'],
    ['rsa', 'rsa-pss-sha256'],
    ['rsa', 'rsa-pss-sha384'],
    ['rsa', 'rsa-pss-sha512'],
    ['p256', 'ecdsa-sha256'],
    ['p384', 'ecdsa-sha384'],
    ['p521', 'ecdsa-sha512'],
  ])('by %s with %s is verified by OpenSSL, and here', async (name, mechanism) => {
    folder.write('s.der', await made(keys[name], mechanism, [folder.read(`${name}.der`), folder.read('p521.der')]));
    expect(folder.run('sh', '-c', `openssl cms -verify -binary -content content -inform DER -in s.der -CAfile ${name}.crt -purpose any -out out 2>&1`)).toContain('CMS Verification successful');
    expect(Buffer.from(folder.read('out')).equals(content)).toBe(true);
    expect(() => folder.run('sh', '-c', `openssl cms -verify -binary -content ${name}.pem -inform DER -in s.der -CAfile ${name}.crt -purpose any -out out`)).toThrow();
    const verdict = await verdictOn(folder.read('s.der'), { keys: [keys[name].spki], certificates: [] });
    expect(verdict).toMatchObject({ valid: true, signers: [{ valid: true, trusted: true, mechanism, hash: cmsDigestAlgorithm(mechanism), certificateBound: true, timeWithinCertificate: true, claimedTime: Math.floor(time / 1000) * 1000, certificate: { subject: `CN=${name},C=DE` } }] });
    expect(cmsNotChecked.join()).toMatch(/chain.*time.*unsigned/);
    expect((await verdictOn(folder.read('s.der'))).signers[0]).toMatchObject({ valid: true, trusted: false });
  });

  test('by Ed25519 has SHA-512 without parameters (RFC 8419), and its attributes are verified by OpenSSL', async () => {
    const cms = await made(keys.ed25519, 'ed25519', [folder.read('ed25519.der')]);
    folder.write('s.der', cms);
    const text = folder.run('openssl', 'cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', 's.der'); // OpenSSL 3.0 prints such a CMS, and verifies none
    for (const attribute of ['contentType', 'messageDigest', 'signingTime', 'id-smime-aa-signingCertificateV2']) expect(text).toContain(`object: ${attribute}`);
    expect(text).toMatch(/digestAlgorithm: \s+algorithm: sha512 .*\s+parameter: <ABSENT>/);
    expect(text).toMatch(/signatureAlgorithm: \s+algorithm: ED25519 .*\s+parameter: <ABSENT>/);
    const start = Buffer.from(cms).lastIndexOf(Buffer.from('300b0609608648016503040203', 'hex')) + 13;
    const attributes = firstValue(cms.subarray(start)).whole;
    folder.write('attributes', attributes.with(0, 0x31));
    folder.write('signature', cms.subarray(cms.length - 64));
    expect(folder.run('openssl', 'pkeyutl', '-verify', '-inkey', 'ed25519.pem', '-rawin', '-in', 'attributes', '-sigfile', 'signature')).toContain('Verified Successfully');
    expect((await verdictOn(cms)).signers[0]).toMatchObject({ valid: true, mechanism: 'ed25519', hash: 'sha512', certificateBound: true });
  });

  test('with ML-DSA-65 is verified here with the key alone (RFC 9882)', async () => {
    const key = mlDsaTestKey();
    const der = Buffer.from(folder.read('ed25519.der'));
    const at = der.indexOf(keys.ed25519.spki);
    // A certificate of the ML-DSA key: our own body, which nobody verifies here.
    const [body, ...rest] = readDerList(readDer(new Uint8Array(der), 0x30) ?? new Uint8Array(0)) ?? [];
    const offset = at - der.indexOf(body?.content ?? Buffer.from('none'));
    const changed = writeDer(0x30, (body?.content ?? new Uint8Array(0)).subarray(0, offset), key.spki, (body?.content ?? new Uint8Array(0)).subarray(offset + keys.ed25519.spki.length));
    const certificate = writeDer(0x30, changed, ...rest.map(({ whole }) => whole));
    const verdict = await verdictOn(await made(key, 'ml-dsa-65', [certificate]), { keys: [key.spki], certificates: [] });
    expect(verdict.signers).toEqual([expect.objectContaining({ valid: true, trusted: true, mechanism: 'ml-dsa-65', hash: 'sha512' })]);
  });

  test('is not made without a certificate of the key, nor with another digest', async () => {
    await expect(made(keys.p256, 'ecdsa-sha256', [folder.read('rsa.der')])).rejects.toMatchObject({ code: 'input-malformed', field: 'certificates' });
    const certificates = [folder.read('p256.der')];
    await expect(makeCms({ digest: new Uint8Array(32), digestAlgorithm: 'sha256', certificates, time }, keys.p256.signer('ecdsa-sha384'))).rejects.toThrow('"digestAlgorithm" expected sha384');
    await expect(makeCms({ digest: new Uint8Array(31), digestAlgorithm: 'sha256', certificates, time }, keys.p256.signer('ecdsa-sha256'))).rejects.toThrow('"digest" expected 32 bytes');
  });
});

describe('a signature from OpenSSL', () => {
  test.each<[string, KeyName, readonly string[], object]>([
    ['RSA', 'rsa', [], { mechanism: 'rsa-pkcs1-sha256' }],
    ['PSS', 'rsa', ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:20'], { mechanism: 'rsa-pss-sha256', saltLength: 20 }],
    ['PSS with the longest salt', 'rsa', ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:max'], { mechanism: 'rsa-pss-sha256', saltLength: 222 }],
    ['EC', 'p256', [], { mechanism: 'ecdsa-sha256', attributesSigned: true }],
    ['EC with SHA-512', 'p384', ['-md', 'sha512'], { mechanism: 'ecdsa-sha512' }],
    ['EC', 'p521', ['-md', 'sha384'], { mechanism: 'ecdsa-sha384' }],
    ['a CAdES one', 'p256', ['-cades'], { certificateBound: true }],
    ['a key identifier', 'p256', ['-keyid'], { mechanism: 'ecdsa-sha256' }],
    ['one without signed attributes', 'rsa', ['-noattr'], { mechanism: 'rsa-pkcs1-sha256', attributesSigned: false }],
  ])('%s by %s %j is verified here', async (_, name, options, expected) => {
    folder.run('openssl', 'cms', '-sign', '-binary', '-in', 'content', '-signer', `${name}.crt`, '-inkey', `${name}.pem`, '-md', 'sha256', ...options, '-outform', 'DER', '-out', 'o.der');
    const trust: CmsTrust = { keys: [], certificates: [folder.read(`${name}.der`)] };
    expect(await verdictOn(folder.read('o.der'), trust)).toMatchObject({ valid: true, signers: [{ valid: true, trusted: true, certificate: { subject: `CN=${name},C=DE` }, ...expected }] });
    expect(await verdictOn(folder.read('o.der'), trust, Buffer.from('another file'))).toMatchObject({ valid: false, signers: [{ valid: false, trusted: false }] });
  });

  test('the signed attributes of one, kept as a file, are not taken for a file that was signed without attributes', async () => {
    folder.run('openssl', 'cms', '-sign', '-binary', '-in', 'content', '-signer', 'rsa.crt', '-inkey', 'rsa.pem', '-md', 'sha256', '-outform', 'DER', '-out', 'o.der');
    const parts = (der: Uint8Array) => childrenOf(firstValue(der));
    const [type, explicit] = parts(folder.read('o.der'));
    const [data] = readDerList(explicit?.content ?? new Uint8Array(0)) ?? [];
    const fields = parts(data?.whole ?? new Uint8Array(0));
    const info = parts(readDerList(fields.at(-1)?.content ?? new Uint8Array(0))?.[0]?.whole ?? new Uint8Array(0));
    const attributes = info.find(({ tag }) => tag === 0xa0);
    const bare = writeDer(0x30, ...info.filter((field) => field !== attributes).map(({ whole }) => whole));
    const forged = writeDer(0x30, type?.whole ?? new Uint8Array(0), writeDer(0xa0, writeDer(0x30, ...fields.slice(0, -1).map(({ whole }) => whole), writeDer(0x31, bare))));
    const asFile = writeDer(0x31, attributes?.content ?? new Uint8Array(0));
    folder.write('forged.der', forged);
    folder.write('attributes', asFile);
    // OpenSSL takes it: the attack is real
    expect(folder.run('sh', '-c', 'openssl cms -verify -binary -content attributes -inform DER -in forged.der -CAfile rsa.crt -purpose any -out out 2>&1')).toContain('CMS Verification successful');
    const verdict = await verifyCms(forged, { digest: digestsOf(asFile), content: () => Promise.resolve(asFile) }, { keys: [keys.rsa.spki], certificates: [] });
    expect(verdict).toMatchObject({ valid: false, signers: [{ valid: false, trusted: false, reason: expect.stringContaining('signed attributes of another signature') as string }] });
  });

  test('of several signers is judged one by one, and valid where all are', async () => {
    folder.run('openssl', 'cms', '-sign', '-binary', '-in', 'content', '-signer', 'rsa.crt', '-inkey', 'rsa.pem', '-signer', 'p256.crt', '-inkey', 'p256.pem', '-outform', 'PEM', '-out', 'two.pem');
    const verdict = await verdictOn(folder.read('two.pem'), { keys: [keys.p256.spki], certificates: [] });
    expect(verdict.valid).toBe(true);
    expect(verdict.signers.map(({ certificate, trusted }) => [certificate?.subject, trusted]).sort()).toEqual([['CN=p256,C=DE', true], ['CN=rsa,C=DE', false]]);
    // One signature is broken: that signer is not valid, the other is, the whole is not.
    const der = Buffer.from(folder.run('sh', '-c', 'openssl cms -cmsout -in two.pem -inform PEM -outform DER -out two.der; base64 -w0 two.der'), 'base64');
    const broken = new Uint8Array(der.with(der.length - 5, (der[der.length - 5] ?? 0) ^ 1));
    const after = await verdictOn(broken);
    expect(after.valid).toBe(false);
    expect(after.signers.map(({ valid }) => valid).sort()).toEqual([false, true]);
  });

  test('without its certificate is verified with a key or a certificate that is given', async () => {
    folder.run('openssl', 'cms', '-sign', '-binary', '-nocerts', '-in', 'content', '-signer', 'p256.crt', '-inkey', 'p256.pem', '-outform', 'DER', '-out', 'n.der');
    const cms = folder.read('n.der');
    expect((await verdictOn(cms)).signers[0]).toMatchObject({ valid: false, reason: "the signer's certificate did not come along, and no key was given" });
    expect((await verdictOn(cms, { keys: [keys.rsa.spki, keys.p521.spki], certificates: [] })).signers[0]).toMatchObject({ valid: false, reason: expect.stringContaining('does not verify') });
    expect((await verdictOn(cms, { keys: [keys.rsa.spki, keys.p256.spki], certificates: [] })).signers[0]).toMatchObject({ valid: true, trusted: true });
    expect((await verdictOn(cms, { keys: [], certificates: [folder.read('p256.der')] })).signers[0]).toMatchObject({ valid: true, trusted: true, timeWithinCertificate: true });
  });

  test.each([
    ['with its content', ['-nodetach'], 'carries its content'],
    ['with its content, in pieces (BER)', ['-stream'], 'carries its content'],
    ['with SHA-1', ['-md', 'sha1'], 'SHA-1'],
  ])('%s is refused by name', async (_, options, reason) => {
    folder.run('openssl', 'cms', '-sign', '-binary', '-in', 'content', '-signer', 'rsa.crt', '-inkey', 'rsa.pem', ...options, '-outform', 'DER', '-out', 'x.der');
    const got = await verdictOn(folder.read('x.der')).then((verdict) => verdict.signers[0]?.reason, (error: Error) => error.message);
    expect(got).toContain(reason);
  });

  test('that is encrypted data, or certificates only, is refused by name', async () => {
    folder.run('sh', '-c', 'openssl cms -encrypt -binary -in content -outform DER -out e.der rsa.crt; openssl crl2pkcs7 -nocrl -certfile rsa.crt -outform DER -out c.der');
    await expect(verdictOn(folder.read('e.der'))).rejects.toThrow('expected signed data');
    await expect(verdictOn(folder.read('c.der'))).rejects.toThrow('certificates and no signature');
  });
});

/** Every constructed value with an indefinite length, as programs that stream write it; octet strings in two pieces. */
function indefinite(der: Uint8Array): Buffer {
  return Buffer.concat((readDerList(der) ?? []).map(({ tag, content: inside, whole }) => {
    if (tag === 0x04 && inside.length > 1) return Buffer.concat([Buffer.from([0x24, 0x80]), writeDer(0x04, inside.subarray(0, 1)), writeDer(0x04, inside.subarray(1)), Buffer.alloc(2)]);
    return (tag & 0x20) === 0 ? Buffer.from(whole) : Buffer.concat([Buffer.from([tag, 0x80]), indefinite(inside), Buffer.alloc(2)]);
  }));
}

test('a signature in BER, with indefinite lengths everywhere, is the same signature (RFC 5652 §5.4)', async () => {
  const der = await made(keys.p256, 'ecdsa-sha256', [folder.read('p256.der')]);
  const ber = new Uint8Array(indefinite(der));
  expect(ber.length).toBeGreaterThan(der.length);
  folder.write('b.der', ber);
  expect(folder.run('sh', '-c', 'openssl asn1parse -inform DER -in b.der')).toContain('l=inf');
  expect(berToDer(ber, 'test')).toEqual(der);
  expect((await verdictOn(ber)).valid).toBe(true);
});

/** Made by GnuTLS's certtool 3.7.9, of the nine bytes "the file", line feed: with signed attributes, and without. */
const gnuTls = {
  withAttributes: 'MIICeQYJKoZIhvcNAQcCoIICajCCAmYCAQExDTALBglghkgBZQMEAgMwCwYJKoZIhvcNAQcBoIIBMDCCASwwgd+gAwIBAgIUUTDMZ2sAbN1kmacBVXT1wRQK95EwBQYDK2VwMAwxCjAIBgNVBAMMAWUwHhcNMjYxMTI4MDYwNTE3WhcNMjYxMjAxMDYwNTE3WjAMMQowCAYDVQQDDAFlMCowBQYDK2VwAyEA1iMYODVeBtKELBM8w49POOHrDELs4x567tNsJ2X6lV6jUzBRMB0GA1UdDgQWBBQHNQNl97fzW5ZiEDm52SiurJp5JjAfBgNVHSMEGDAWgBQHNQNl97fzW5ZiEDm52SiurJp5JjAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAIcVIhr4iPnWm4CEziFdFk7MSFFjq0YnAERGvVITpdja+B8WFF0fWJF1wBZRw4bsT3oUFrK8GhRI/qGFzF7+cgAxggEPMIIBCwIBATAkMAwxCjAIBgNVBAMMAWUCFFEwzGdrAGzdZJmnAVV09cEUCveRMAsGCWCGSAFlAwQCA6CBiTAYBgkqhkiG9w0BCQMxCwYJKoZIhvcNAQcBMBwGCSqGSIb3DQEJBTEPFw0yNjExMjgwNjA1NDJaME8GCSqGSIb3DQEJBDFCBEBYx1wUsYo4+19kaBgIoT1YKYZlp/zYJxHeyO3gnpq54GgHodFVWRUjtxYmrTb5FLCLpNkp0VbALH610gqKMpvPMAUGAytlcARAneMlpIl8MJjjnHBgoa05vJms/JLT3KzoQbQZDmzh190xjr+cbmxTJNX++bl8qpGioSh9D2MtSbV6PIGjTO9qCQ==',
  without: 'MIIB6gYJKoZIhvcNAQcCoIIB2zCCAdcCAQExDTALBglghkgBZQMEAgMwCwYJKoZIhvcNAQcBoIIBMDCCASwwgd+gAwIBAgIUUTDMZ2sAbN1kmacBVXT1wRQK95EwBQYDK2VwMAwxCjAIBgNVBAMMAWUwHhcNMjYxMTI4MDYwNTE3WhcNMjYxMjAxMDYwNTE3WjAMMQowCAYDVQQDDAFlMCowBQYDK2VwAyEA1iMYODVeBtKELBM8w49POOHrDELs4x567tNsJ2X6lV6jUzBRMB0GA1UdDgQWBBQHNQNl97fzW5ZiEDm52SiurJp5JjAfBgNVHSMEGDAWgBQHNQNl97fzW5ZiEDm52SiurJp5JjAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAIcVIhr4iPnWm4CEziFdFk7MSFFjq0YnAERGvVITpdja+B8WFF0fWJF1wBZRw4bsT3oUFrK8GhRI/qGFzF7+cgAxgYEwfwIBATAkMAwxCjAIBgNVBAMMAWUCFFEwzGdrAGzdZJmnAVV09cEUCveRMAsGCWCGSAFlAwQCAzAFBgMrZXAEQDMrzalCUVXl09RPlo/KdGktqSFTfn0kRM6uHPYSWwuRfzVY1EocaLlukL0yRbf0Bu+FZR5qPwkPvZgR/bka/QU=',
};
test('Ed25519 by GnuTLS: with signed attributes, and over the file itself', async () => {
  const file = Buffer.from('the file\n');
  const [withAttributes, without] = [gnuTls.withAttributes, gnuTls.without].map((text) => new Uint8Array(Buffer.from(text, 'base64')));
  expect(await verdictOn(withAttributes ?? file, nobody, file)).toMatchObject({ valid: true, signers: [{ mechanism: 'ed25519', hash: 'sha512', claimedTime: Date.UTC(2026, 10, 28, 6, 5, 42), timeWithinCertificate: true, certificateBound: false }] });
  expect(await verdictOn(without ?? file, nobody, file)).toMatchObject({ valid: false, signers: [{ reason: expect.stringContaining('no signed attributes') }] });
  const whole = { digest: digestsOf(file), content: async () => new Uint8Array(file) };
  expect(await verifyCms(without ?? file, whole, nobody)).toMatchObject({ valid: true, signers: [{ mechanism: 'ed25519' }] });
  expect(await verifyCms(without ?? file, { ...whole, content: async () => new Uint8Array(content) }, nobody)).toMatchObject({ valid: false });
});

describe('what was changed', () => {
  test('every byte of the signed attributes and of the signature counts', async () => {
    const cms = await made(keys.p256, 'ecdsa-sha256', [folder.read('p256.der')]);
    const start = Buffer.from(cms).lastIndexOf(Buffer.from('300b06096086480165030402', 'hex'));
    for (let at = start; at < cms.length; at += 1) {
      const verdict = await verdictOn(cms.with(at, (cms[at] ?? 0) ^ 1), { keys: [keys.p256.spki], certificates: [] }).catch(({ code }: { code: string }) => code);
      expect(verdict === 'input-malformed' || (typeof verdict === 'object' && !verdict.valid), `byte ${at}`).toBe(true);
    }
    expect(cms.length - start).toBeGreaterThan(200);
  });

  test('another certificate of the same key cannot take the place of the one that is named (RFC 5035)', async () => {
    folder.run('openssl', 'req', '-x509', '-new', '-key', 'p256.pem', '-subj', '/C=DE/CN=p256', '-days', '400', '-set_serial', '0x00f1', '-out', 'twin.crt');
    folder.run('openssl', 'x509', '-in', 'twin.crt', '-outform', 'DER', '-out', 'twin.der');
    const cms = Buffer.from(await made(keys.p256, 'ecdsa-sha256', [folder.read('p256.der')]));
    const [own, twin] = [Buffer.from(folder.read('p256.der')), Buffer.from(folder.read('twin.der'))];
    const found = cms.indexOf(own);
    const swapped = lengthsMended(cms, found, own.length, twin);
    expect(berToDer(swapped, 'test')).toEqual(swapped);
    expect((await verdictOn(swapped)).signers[0]).toMatchObject({ valid: false, reason: expect.stringContaining('another certificate') });
  });
});

/** The bytes at `at` replaced by others; the five lengths around them follow. */
function lengthsMended(cms: Buffer, at: number, length: number, by: Buffer): Uint8Array {
  const joined = Buffer.concat([cms.subarray(0, at), by, cms.subarray(at + length)]);
  const difference = by.length - length;
  for (const offset of [2, 2 + 2 + 11 + 2, 2 + 2 + 11 + 4 + 2, at - 2]) {
    expect(joined[offset - 1]).toBe(0x82);
    joined.writeUInt16BE(joined.readUInt16BE(offset) + difference, offset);
  }
  return new Uint8Array(joined);
}

test('PEM goes as well', async () => {
  const pem = writePem('CMS', await made(keys.p256, 'ecdsa-sha256', [folder.read('p256.der')]));
  expect((await verdictOn(new Uint8Array(Buffer.from(`text before\n${pem}`)))).valid).toBe(true);
});

test('SECURITY: the certificate that was given is the one that is shown, not one of the same key, issuer and number that came along', async () => {
  const issue = (subject: string, authority: string, out: string) => {
    folder.run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${authority}.key`, '-out', `${authority}.crt`, '-subj', '/CN=Authority', '-days', '9');
    folder.run('openssl', 'req', '-new', '-key', 'p256.pem', '-subj', `/CN=${subject}`, '-out', 'one.csr');
    folder.run('openssl', 'x509', '-req', '-in', 'one.csr', '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-set_serial', '7', '-days', '9', '-out', `${out}.crt`);
    folder.run('openssl', 'x509', '-in', `${out}.crt`, '-outform', 'DER', '-out', `${out}.der`);
  };
  issue('Alice', 'true', 'alice');
  issue('Mallory', 'false', 'forged');
  folder.run('openssl', 'cms', '-sign', '-binary', '-md', 'sha256', '-in', 'content', '-signer', 'alice.crt', '-inkey', 'p256.pem', '-nocerts', '-certfile', 'forged.crt', '-outform', 'DER', '-out', 'swapped.der');
  const cms = folder.read('swapped.der');
  expect((await verdictOn(cms, { keys: [keys.p256.spki], certificates: [] })).signers[0]).toMatchObject({ valid: true, certificateBound: false, certificate: { subject: 'CN=Mallory' } });
  expect((await verdictOn(cms, { keys: [keys.p256.spki], certificates: [folder.read('alice.der')] })).signers[0]).toMatchObject({ valid: true, trusted: true, certificate: { subject: 'CN=Alice' } });
});

test('SECURITY: more certificates than any chain has are not tried', async () => {
  const many = (count: number) => made(keys.p256, 'ecdsa-sha256', Array.from({ length: count }, (_, index) => new Uint8Array(folder.read('p256.der')).with(-1, index)));
  expect(await verdictOn(await many(100))).toMatchObject({ valid: true });
  await expect(many(101).then((cms) => verdictOn(cms))).rejects.toMatchObject({ code: 'input-too-large' });
});
