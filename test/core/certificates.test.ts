/** Certificate requests and certificates of keys through the one door: asked for where the key lives, issued by OpenSSL, attached, shown, given out. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificateRequest } from '../../electron/vault/formats/signing/certificateRequest.ts';
import type { Algorithm, CertificateTemplate, Purpose } from '../../shared/model/terms.ts';
import { CertificateAuthority } from '../fixtures/certificateAuthority.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;
let authority: CertificateAuthority;

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: t.folder, stdio: 'pipe', encoding: 'utf8' });
const generate = (name: string, purpose: Purpose, algorithm: Algorithm, more = {}) => t.call('key.generate', { name, purpose, algorithm, ...more });
const ask = (key: string, more = {}) => t.call('key.requestCertificate', { key, subject: `CN=${key}`, ...more });
const refused = (key: string, more = {}) => t.refused('key.requestCertificate', { key, subject: `CN=${key}`, ...more });

beforeAll(async () => {
  ({ token, t } = await makeTokenCore('signers'));
  authority = new CertificateAuthority(t.folder);
  writeFileSync(t.path('content'), 'to be signed');
  await generate('release', 'signature', 'rsa-2048');
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

describe('a request', () => {
  test('asks for what was said, is one use, and stands in the log with its names apart', async () => {
    const before = (await t.call('key.show', { key: 'release' })).versions[0]?.protections ?? 0;
    const made = await ask('release', { subject: 'CN=Release Signer,O=Example\\, Inc.,C=DE', san: ['dns:vault.example.org', 'ip:2001:db8::1', 'EMAIL:ada@example.org', 'uri:urn:example:1'], template: 'code-signing', out: t.write('release.csr') });
    const text = openssl('req', '-in', 'release.csr', '-verify', '-noout', '-text');
    for (const part of ['CN = Release Signer', 'O = "Example, Inc."', 'DNS:vault.example.org', 'IP Address:2001:DB8:0:0:0:0:0:1', 'email:ada@example.org', 'URI:urn:example:1', 'Code Signing', 'Digital Signature', 'sha256WithRSAEncryption']) expect(text).toContain(part);
    expect(readFileSync(t.path('release.csr'), 'utf8')).toBe(made.text);
    expect((await t.call('key.show', { key: 'release' })).versions[0]?.protections).toBe(before + 1);
    const [intent, outcome] = (await t.call('audit.list', { from: made.logEntry - 1 })).entries;
    expect(intent).toMatchObject({ kind: 'intent', body: { act: 'key.requestCertificate', template: 'code-signing', mechanism: 'rsa-pkcs1-sha256' }, personal: { subject: 'CN=Release Signer,O=Example\\, Inc.,C=DE', names: expect.stringContaining('ip:2001:db8::1') } });
    expect(JSON.stringify(intent?.body)).not.toContain('Example');
    expect(outcome).toMatchObject({ kind: 'outcome', body: { ok: true, sha256: made.sha256 } });
  });

  test('without extensions has its empty attributes, in DER too', async () => {
    await ask('release', { form: 'der', out: t.write('plain.der') });
    const der = readFileSync(t.path('plain.der'));
    expect(der.includes(Buffer.from('a000', 'hex'))).toBe(true);
    expect(readCertificateRequest(new Uint8Array(der))).toMatchObject({ subject: 'CN=release', signatureValid: true, warnings: [] });
  });

  test.each<[Algorithm, string]>([['ec-p256', 'ecdsa-sha256'], ['ec-p384', 'ecdsa-sha384'], ['ec-p521', 'ecdsa-sha512'], ['ed25519', 'ed25519'], ['ml-dsa-65', 'ml-dsa-65']])('by %s verifies', async (algorithm, mechanism) => {
    await generate(`ask-${algorithm}`, 'authentication', algorithm);
    const { text = '' } = await ask(`ask-${algorithm}`, { template: 'client' });
    expect(readCertificateRequest(new Uint8Array(Buffer.from(text)))).toMatchObject({ mechanism, signatureValid: true, keyUsages: ['digitalSignature'], extendedKeyUsages: ['clientAuth'] });
  });

  test.each<[Purpose, Algorithm]>([['key-transport', 'rsa-2048'], ['key-agreement', 'ec-p256']])('by a %s key (%s) in the vault proves that it has it, and that key still signs no file', async (purpose, algorithm) => {
    await generate(purpose, purpose, algorithm);
    const { text = '' } = await ask(purpose, { template: purpose });
    expect(readCertificateRequest(new Uint8Array(Buffer.from(text)))).toMatchObject({ signatureValid: true, keyUsages: [purpose === 'key-transport' ? 'keyEncipherment' : 'keyAgreement'] });
    expect(await t.refused('key.sign', { key: purpose, files: [t.read('content')] })).toMatchObject({ code: 'refused', rule: 'KEY-USE-PURPOSE' });
    expect(await refused(purpose, { template: 'server' })).toMatchObject({ code: 'request-invalid', field: 'template' });
  });

  test('before a key is activated is made, and afterwards by its state', async () => {
    await generate('waiting', 'signature', 'ec-p256', { inactive: true });
    expect((await ask('waiting')).version).toBe(1);
    expect((await t.refused('key.sign', { key: 'waiting', files: [t.read('content')] })).rule).toBe('KEY-USE-STATE');
    await t.call('key.activate', { key: 'waiting' });
    await t.call('key.suspend', { key: 'waiting', reason: 'audit' });
    expect((await refused('waiting')).rule).toBe('KEY-USE-STATE');
  });

  test('KEY-USE-PURPOSE: by a key that signs nothing is refused with the reason, and nothing is written', async () => {
    const cases: readonly [Purpose, Algorithm, object, string][] = [
      ['data-encryption', 'aes-256', {}, 'a secret key has no certificate'],
      ['key-agreement', 'x25519', {}, 'x25519, which signs nothing'],
      ['key-agreement', 'ml-kem-768', {}, 'ml-kem-768, which signs nothing'],
      ['key-transport', 'rsa-2048', { place: 'signers' }, 'no CKA_SIGN'],
    ];
    for (const [purpose, algorithm, more, said] of cases) {
      const name = `no-${algorithm}`;
      await generate(name, purpose, algorithm, more);
      expect(await refused(name, { out: t.write('none.csr') }), name).toMatchObject({ code: 'refused', rule: 'KEY-USE-PURPOSE', message: expect.stringContaining(said) });
    }
    expect(existsSync(t.path('none.csr'))).toBe(false);
  });

  test.each<[string, object, string]>([
    ['a subject that is none', { subject: 'Release' }, '"subject"'],
    ['a country of three letters', { subject: 'CN=a,C=DEU' }, '"subject"'],
    ['a name that moves text', { subject: 'CN=a\u202eb' }, '"subject"'],
    ['neither subject nor names', { subject: '' }, '"subject"'],
    ['a name without its kind', { san: ['vault.example.org'] }, '"san" expected dns:'],
    ['an address that is none', { san: ['ip:1.2.3'] }, 'IP address'],
    ['a template of another purpose', { template: 'key-transport' satisfies CertificateTemplate }, '"template"'],
    ['a scheme of another algorithm', { mechanism: 'ed25519' }, '"mechanism"'],
  ])('with %s is refused', async (_, more, said) => {
    const error = await refused('release', more);
    expect([error.code, error.message.includes(said)], error.message).toEqual(['request-invalid', true]);
  });

  test('does not replace a file that is there', async () => {
    writeFileSync(t.path('there.csr'), 'mine');
    expect((await refused('release', { out: t.write('there.csr') })).code).toBe('file-exists');
    expect(readFileSync(t.path('there.csr'), 'utf8')).toBe('mine');
  });
});

describe.each<[string, Algorithm]>([['software', 'rsa-2048'], ['signers', 'rsa-2048'], ['signers', 'ec-p256']])('a certificate of a key (place: %s, %s)', (place, algorithm) => {
  const key = `${place}-${algorithm}`;

  beforeAll(async () => {
    await generate(key, 'signature', algorithm, { place });
    await ask(key, { template: 'document-signing', out: t.write(`${key}.csr`) });
    authority.issue(key);
    openssl('crl2pkcs7', '-nocrl', '-certfile', `${key}.chain.pem`, '-outform', 'DER', '-out', `${key}.p7b`);
    openssl('x509', '-in', `${key}.crt`, '-outform', 'DER', '-out', `${key}.der`);
    t.now = Date.now() + 1000;
  });

  test.each(['chain.pem', 'der', 'p7b'])('is attached from .%s, shown, and given out with its chain', async (ending) => {
    const attached = await t.call('key.attachCertificate', { key, file: t.read(`${key}.${ending}`) });
    expect(attached.certificate).toMatchObject({ subject: `CN=${key}`, issuer: 'CN=Test Issuer,C=DE', chain: ending === 'der' ? 1 : 2, usages: ['digitalSignature', 'nonRepudiation', 'documentSigning'], notes: [] });
    expect(attached.certificate.fingerprint).toBe(openssl('x509', '-in', `${key}.crt`, '-noout', '-fingerprint', '-sha256').trim().replace(/^.*=|:/g, '').toLowerCase());
    if (ending !== 'chain.pem') expect(attached.replaced).toBe(attached.certificate.fingerprint);
    expect((await t.call('key.show', { key })).versions[0]?.certificate).toEqual(attached.certificate);
    const { text } = await t.call('key.certificate', { key, out: t.write(`${key}.${ending}.out.pem`) });
    expect(readFileSync(t.path(`${key}.${ending}.out.pem`), 'utf8')).toBe(text);
    expect(text.startsWith(readFileSync(t.path(`${key}.crt`), 'utf8'))).toBe(true);
    const [entry] = (await t.call('audit.list', { from: attached.logEntry })).entries;
    expect(entry).toMatchObject({ kind: 'key', body: { act: 'key.attachCertificate', certificate: attached.certificate.fingerprint }, personal: { subject: `CN=${key}` } });
  });

  test('signs CMS that openssl verifies, and CMS, SSH and JWS that the vault verifies', async () => {
    for (const format of ['cms', 'sshsig', 'jws'] as const) {
      await t.call('key.sign', { key, format, files: [t.read('content')], signatures: [t.write(`${key}.${format}`)] });
      expect(await t.call('key.verify', { key, in: t.read('content'), signature: t.read(`${key}.${format}`) })).toMatchObject({ format, valid: true });
    }
    expect(execFileSync('sh', ['-c', `openssl cms -verify -binary -content content -inform DER -in ${key}.cms -CAfile root.crt -certfile sub.crt -purpose any -out out 2>&1`], { cwd: t.folder, encoding: 'utf8' })).toContain('CMS Verification successful');
  });

  test('is given to the version that it is of', async () => {
    await t.call('key.rotate', { key });
    expect((await t.refused('key.attachCertificate', { key, file: t.read(`${key}.crt`) })).message).toContain('no certificate of this key');
    expect((await t.refused('key.certificate', { key })).code).toBe('not-found');
    expect((await t.call('key.certificate', { key, version: 1 })).certificate.subject).toBe(`CN=${key}`);
    expect((await t.refused('key.sign', { key, format: 'cms', files: [t.read('content')] })).rule).toBe('KEY-USE-CERTIFICATE');
    expect(await t.call('key.verify', { key, in: t.read('content'), signature: t.read(`${key}.cms`) })).toMatchObject({ version: 1, state: 'deactivated' });
  });
});

describe('a file of certificates', () => {
  test.each<[string, string, string]>([
    ['of another key', 'sub.crt', 'no certificate of this key'],
    ['that holds a private key', 'sub.key', 'private key'],
    ['that is a request', 'release.csr', 'CERTIFICATE REQUEST'],
    ['that is something else', 'content', ''],
  ])('%s is refused, and nothing changes', async (_, file, said) => {
    const error = await t.refused('key.attachCertificate', { key: 'release', file: t.read(file) });
    expect([error.code, error.message.includes(said)], error.message).toEqual(['input-malformed', true]);
    expect((await t.call('key.show', { key: 'release' })).versions[0]?.certificate).toBeUndefined();
  });

  test('whose signature does not verify is attached with the note that it is damaged', async () => {
    await generate('bent', 'signature', 'ec-p256');
    await ask('bent', { out: t.write('bent.csr') });
    authority.issue('bent');
    t.now = Date.now() + 1000;
    openssl('x509', '-in', 'bent.crt', '-outform', 'DER', '-out', 'bent.der');
    const der = readFileSync(t.path('bent.der'));
    const at = der.length - 5;
    der[at] = (der[at] ?? 0) ^ 1;
    writeFileSync(t.path('bent.pem'), `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n${readFileSync(t.path('sub.crt'), 'utf8')}`);
    expect((await t.call('key.attachCertificate', { key: 'bent', file: t.read('bent.pem') })).certificate.notes).toEqual([expect.stringContaining('damaged, or not issued by')]);
  });

  test('for a secret key is refused', async () => {
    await generate('secret', 'data-encryption', 'aes-256');
    expect((await t.refused('key.attachCertificate', { key: 'secret', file: t.read('sub.crt') })).code).toBe('request-invalid');
  });
});
