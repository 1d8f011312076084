/** Documents signed through the one door and read by the field's own tools, by every algorithm that signs; and theirs verified here. */
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { flattenedVerify, FlattenedSign, importPKCS8 } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowCertificateUse } from '../../electron/vault/rules/allowCertificateUse.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import { CertificateAuthority } from '../fixtures/certificateAuthority.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
let authority: CertificateAuthority;
const content = Buffer.from('line one\nline two\r\n\0binary');

const run = (program: string, args: readonly string[], input?: Uint8Array) => execFileSync(program, args, { cwd: t.folder, stdio: 'pipe', encoding: 'utf8', ...(input === undefined ? {} : { input }) });
const spkiOf = async (key: string) => createPublicKey({ key: Buffer.from((await t.call('key.public', { key, format: 'der' })).spki, 'hex'), format: 'der', type: 'spki' });

/** A key whose certificate the authority issued. */
async function certified(name: string, algorithm: Algorithm, more: { readonly days?: number; readonly extensions?: string } = {}): Promise<void> {
  await t.call('key.generate', { name, purpose: 'signature', algorithm });
  await t.call('key.requestCertificate', { key: name, subject: `CN=${name},O=Example,C=DE`, san: ['dns:vault.example.org', 'email:ada@example.org'], template: 'document-signing', out: t.write(`${name}.csr`) });
  authority.issue(name, more);
  await t.call('key.attachCertificate', { key: name, file: t.read(`${name}.chain.pem`) });
}

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
  authority = new CertificateAuthority(t.folder);
  writeFileSync(t.path('content'), content);
  writeFileSync(t.path('other'), 'another file');
  for (const algorithm of ['rsa-2048', 'ec-p256', 'ec-p384', 'ec-p521', 'ed25519'] as const) await certified(algorithm, algorithm);
  await t.call('key.generate', { name: 'ml-dsa-65', purpose: 'signature', algorithm: 'ml-dsa-65' });
  t.now = Date.now() + 1000; // the certificates begin when they were issued
}, 120_000);
afterAll(() => t.close());

describe.each<[Algorithm, string, string]>([
  ['rsa-2048', 'rsa-pkcs1-sha256', 'PS256'],
  ['ec-p256', 'ecdsa-sha256', 'ES256'],
  ['ec-p384', 'ecdsa-sha384', 'ES384'],
  ['ec-p521', 'ecdsa-sha512', 'ES512'],
  ['ed25519', 'ed25519', 'EdDSA'],
])('%s', (key, mechanism, alg) => {
  test('signs CMS that openssl verifies under the root, and that is verified here with what was checked and what was not', async () => {
    const { signed, format, items } = await t.call('key.sign', { key, format: 'cms', files: [t.read('content')], signatures: [t.write(`${key}.p7s`)] });
    expect([signed, format, items[0]?.signature]).toEqual([1, 'cms', undefined]);
    if (key !== 'ed25519') {
      // OpenSSL 3.0 verifies no CMS by Ed25519
      expect(run('sh', ['-c', `openssl cms -verify -binary -content content -inform DER -in ${key}.p7s -CAfile root.crt -purpose any -out out 2>&1`])).toContain('CMS Verification successful');
      expect(() => run('sh', ['-c', `openssl cms -verify -binary -content other -inform DER -in ${key}.p7s -CAfile root.crt -purpose any -out out`])).toThrow();
    }
    const seen = await t.call('key.verify', { key, in: t.read('content'), signature: t.read(`${key}.p7s`) });
    expect(seen).toMatchObject({ valid: true, format: 'cms', mechanism, version: 1, certificate: { subject: `CN=${key},O=Example,C=DE`, usages: ['digitalSignature', 'nonRepudiation', 'documentSigning'] } });
    expect(Math.abs(Date.parse(seen.claimedTime ?? '') - t.now)).toBeLessThan(2000);
    expect(seen.checked.join()).toContain('signed attributes');
    expect(seen.notChecked.join()).toMatch(/chain.*time, which the signer claims/);
    expect(await t.refused('key.verify', { key, in: t.read('other'), signature: t.read(`${key}.p7s`) })).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('digest differs') });
  });

  test('signs for OpenSSH: ssh-keygen verifies it for its namespace, and so does the vault', async () => {
    await t.call('key.sign', { key, format: 'sshsig', namespace: 'git', files: [t.read('content')], signatures: [t.write(`${key}.ssh`)] });
    const { text = '' } = await t.call('key.public', { key, format: 'openssh' });
    writeFileSync(t.path('allowed'), `ada@example.org namespaces="git,file" ${text}`);
    expect(run('ssh-keygen', ['-Y', 'verify', '-f', 'allowed', '-I', 'ada@example.org', '-n', 'git', '-s', `${key}.ssh`], content)).toContain('Good "git" signature');
    expect(await t.call('key.verify', { key, in: t.read('content'), signature: t.read(`${key}.ssh`), namespace: 'git' })).toMatchObject({ format: 'sshsig', namespace: 'git' });
    expect(await t.refused('key.verify', { key, in: t.read('content'), signature: t.read(`${key}.ssh`) })).toMatchObject({ code: 'signature-invalid', message: 'signature is for namespace git, not file' });
    const named = await t.call('signature.verify', { in: t.read('content'), signature: t.read(`${key}.ssh`), by: t.read('allowed'), identity: 'ada@example.org', namespace: 'git' });
    expect(named).toMatchObject({ vouched: true, by: 'allowed_signers file', principals: ['ada@example.org'], sshFingerprint: expect.stringContaining('SHA256:') });
    expect(await t.refused('signature.verify', { in: t.read('content'), signature: t.read(`${key}.ssh`), by: t.read('allowed'), identity: 'eve@example.org', namespace: 'git' })).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('eve@example.org') });
  });

  test.each([false, true])('signs JWS that jose verifies, and so does the vault (unencoded: %s)', async (unencoded) => {
    const name = `${key}.${unencoded}.jws`;
    await t.call('key.sign', { key, format: 'jws', ...(unencoded ? { unencoded } : {}), files: [t.read('content')], signatures: [t.write(name)] });
    const [header = '', , signature = ''] = readFileSync(t.path(name), 'utf8').split('.');
    const { protectedHeader } = await flattenedVerify({ protected: header, payload: unencoded ? content : content.toString('base64url'), signature }, await spkiOf(key));
    expect(protectedHeader).toMatchObject({ alg, kid: key });
    const seen = await t.call('key.verify', { key, in: t.read('content'), signature: t.read(name) });
    expect(seen).toMatchObject({ format: 'jws', notes: [`the header names the key "${key}"`] });
    expect((await t.refused('key.verify', { key, in: t.read('other'), signature: t.read(name) })).code).toBe('signature-invalid');
  });
});

test('ML-DSA-65 signs raw and JWS or SSH have no place for it: refused before anything is signed', async () => {
  const { items } = await t.call('key.sign', { key: 'ml-dsa-65', files: [t.read('content')], signatures: [t.write('ml.sig')] });
  expect(items[0]?.ok).toBe(true);
  expect(await t.call('key.verify', { key: 'ml-dsa-65', in: t.read('content'), signature: t.read('ml.sig') })).toMatchObject({ format: 'raw', mechanism: 'ml-dsa-65' });
  for (const format of ['sshsig', 'jws'] as const) expect((await t.refused('key.sign', { key: 'ml-dsa-65', format, files: [t.read('content')] })).code).toBe('request-invalid');
});

describe('what others signed', () => {
  beforeAll(() => {
    authority.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'theirs.key');
    authority.openssl('pkey', '-in', 'theirs.key', '-pubout', '-out', 'theirs.pub');
    authority.openssl('req', '-new', '-key', 'theirs.key', '-subj', '/CN=Theirs', '-out', 'theirs.csr');
    authority.issue('theirs', { extensions: 'keyUsage=digitalSignature\n' });
    authority.openssl('cms', '-sign', '-binary', '-in', 'content', '-signer', 'theirs.crt', '-inkey', 'theirs.key', '-outform', 'PEM', '-out', 'theirs.pem');
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'theirssh']);
    run('sh', ['-c', 'ssh-keygen -Y sign -f theirssh -n file < content > theirs.ssh']);
    authority.openssl('dgst', '-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20', '-sign', 'theirs.key', '-out', 'theirs.pss', 'content');
    authority.openssl('dgst', '-sha256', '-sign', 'theirs.key', '-out', 'theirs.raw', 'content');
  });

  const verify = (signature: string, by?: string, more = {}) => t.call('signature.verify', { in: t.read('content'), signature: t.read(signature), ...(by === undefined ? {} : { by: t.read(by) }), ...more });
  const refused = (signature: string, by?: string, more = {}) => t.refused('signature.verify', { in: t.read('content'), signature: t.read(signature), ...(by === undefined ? {} : { by: t.read(by) }), ...more });

  test('openssl cms -sign, with the certificate, its chain, the public key, or nobody to vouch for it', async () => {
    for (const by of ['theirs.crt', 'theirs.chain.pem', 'theirs.pub']) expect(await verify('theirs.pem', by), by).toMatchObject({ format: 'cms', vouched: true, certificate: { subject: 'CN=Theirs' } });
    expect(await refused('theirs.pem')).toMatchObject({ code: 'choice-needed', message: expect.stringContaining('nobody vouches') });
    const alone = await verify('theirs.pem', undefined, { acceptUnvouched: true });
    expect([alone.vouched, alone.notes[0]]).toEqual([false, expect.stringContaining('nobody vouches')]);
    expect(await refused('theirs.pem', 'rsa-2048.crt')).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('made by another: CN=Theirs') });
  });

  test('ssh-keygen -Y sign, with its public key, or nobody to vouch for it', async () => {
    expect(await verify('theirs.ssh', 'theirssh.pub')).toMatchObject({ format: 'sshsig', vouched: true, mechanism: 'ed25519' });
    expect((await verify('theirs.ssh', undefined, { acceptUnvouched: true })).vouched).toBe(false);
    expect(await refused('theirs.ssh', 'theirssh.pub', { namespace: 'git' })).toMatchObject({ message: 'signature is for namespace file, not git' });
    expect(await refused('theirs.ssh', 'theirs.pub')).toMatchObject({ message: expect.stringContaining('not one that is allowed') });
  });

  test('openssl dgst -sign: the salt is named, and held against the one that is asked for', async () => {
    const seen = await verify('theirs.pss', 'theirs.pub', { mechanism: 'rsa-pss-sha384' });
    expect(seen).toMatchObject({ format: 'raw', saltLength: 20, notes: ['the salt has 20 bytes, shorter than the hash (48)'] });
    expect(await refused('theirs.pss', 'theirs.pub', { mechanism: 'rsa-pss-sha384', saltLength: 48 })).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('salt of 20 bytes') });
    expect(await verify('theirs.raw', 'theirs.crt', { mechanism: 'rsa-pkcs1-sha256' })).toMatchObject({ vouched: true, by: 'certificate' });
    expect((await refused('theirs.raw')).message).toContain('"by" expected');
  });

  test('an RSA key that vouches for nothing verifies nothing: of 512 bits, or with the exponent 1, under which the signature is the padded hash itself', async () => {
    authority.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:512', '-out', 'tiny.key');
    authority.openssl('pkey', '-in', 'tiny.key', '-pubout', '-out', 'tiny.pub');
    authority.openssl('dgst', '-sha256', '-sign', 'tiny.key', '-out', 'tiny.sig', 'content');
    expect(await refused('tiny.sig', 'tiny.pub', { mechanism: 'rsa-pkcs1-sha256' })).toMatchObject({ code: 'input-malformed', message: expect.stringContaining('512 bits') });
    const modulus = Buffer.alloc(256, 0xff);
    writeFileSync(t.path('one.pub'), createPublicKey({ key: { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQ' }, format: 'jwk' }).export({ format: 'pem', type: 'spki' }));
    const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), createHash('sha256').update(content).digest()]);
    writeFileSync(t.path('one.sig'), Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - 3 - info.length, 0xff), Buffer.from([0]), info]));
    expect(await refused('one.sig', 'one.pub', { mechanism: 'rsa-pkcs1-sha256' })).toMatchObject({ code: 'input-malformed', message: expect.stringContaining('everybody can sign') });
  });

  test('a key that is short and a certificate that has expired verify, and it is said', async () => {
    authority.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024', '-out', 'short.key');
    authority.openssl('req', '-new', '-x509', '-key', 'short.key', '-subj', '/CN=Old', '-days', '1', '-out', 'old.crt');
    authority.openssl('dgst', '-sha256', '-sign', 'short.key', '-out', 'old.sig', 'content');
    const before = t.now;
    t.now += 3 * 24 * 60 * 60 * 1000;
    const { notes } = await verify('old.sig', 'old.crt', { mechanism: 'rsa-pkcs1-sha256' });
    t.now = before;
    expect(notes.join('\n')).toMatch(/certificate that was given expired on.*nothing shows that the signature is older.*\n.*1024 bits is too short/);
    expect((await verify('old.sig', 'old.crt', { mechanism: 'rsa-pkcs1-sha256' })).notes.join()).not.toContain('expired');
  });

  test('jose: with the public key, and never with a key that the header names', async () => {
    const key = await importPKCS8(readFileSync(t.path('theirs.key'), 'utf8'), 'RS256');
    const { protected: header, signature } = await new FlattenedSign(content).setProtectedHeader({ alg: 'RS256', jku: 'https://example.org/keys' }).sign(key);
    writeFileSync(t.path('theirs.jws'), `${header}..${signature}`);
    expect(await verify('theirs.jws', 'theirs.pub')).toMatchObject({ format: 'jws', mechanism: 'rsa-pkcs1-sha256', notes: ['the header names a key by "jku": it was not used'] });
    expect((await refused('theirs.jws', 'theirssh.pub')).message).toContain('RS256');
    expect((await refused('theirs.jws')).code).toBe('request-invalid');
  });

  test('is verified while no vault is open, and leaves no entry in one that is', async () => {
    const before = (await t.call('vault.info', {})).logEntries;
    await verify('theirs.pem', 'theirs.crt');
    expect((await t.call('vault.info', {})).logEntries).toBe(before);
    const closed = makeTestCore({ folder: t.folder });
    expect(await closed.call('signature.verify', { in: closed.read('content'), signature: closed.read('theirs.pem'), by: closed.read('theirs.crt') })).toMatchObject({ valid: true, vouched: true });
    await closed.close();
  });

  test.each<[string, string, string | undefined, object, string]>([
    ['a private key in place of the public one', 'theirs.raw', 'theirs.key', {}, 'private key'],
    ['two unrelated certificates', 'theirs.pem', 'two.pem', {}, "not one that is the signer's alone"],
    ['an identity without a list of signers', 'theirs.ssh', 'theirssh.pub', { identity: 'ada' }, '"identity"'],
    ['a namespace for CMS', 'theirs.pem', 'theirs.crt', { namespace: 'file' }, '"namespace"'],
    ['a salt for CMS', 'theirs.pem', 'theirs.crt', { saltLength: 32 }, '"saltLength"'],
    ['a list of signers for CMS', 'theirs.pem', 'allowed', {}, '"by" expected'],
    ['another form than it has', 'theirs.ssh', 'theirs.crt', { format: 'cms' }, 'PEM block'],
    ['a scheme that it was not made by', 'theirs.pem', 'theirs.crt', { mechanism: 'rsa-pss-sha256' }, '"mechanism" expected'],
    ['a file that is no signature', 'content', 'theirs.pub', {}, 'not one over this file'],
    ['an empty file', 'empty', 'theirs.pub', {}, 'not one over this file'],
  ])('%s is refused by name', async (_, signature, by, more, said) => {
    writeFileSync(t.path('two.pem'), readFileSync(t.path('theirs.crt'), 'utf8') + readFileSync(t.path('root.crt'), 'utf8'));
    writeFileSync(t.path('empty'), '');
    expect(`${(await refused(signature, by, more)).message}`).toContain(said);
  });
});

describe('KEY-USE-CERTIFICATE: nothing is signed under a certificate', () => {
  const sign = (key: string, more = {}) => t.refused('key.sign', { key, format: 'cms', files: [t.read('content')], ...more });

  test('that is not there, or is for something else', async () => {
    expect(await sign('ml-dsa-65')).toMatchObject({ rule: 'KEY-USE-CERTIFICATE', message: expect.stringContaining('has no certificate'), nextStep: expect.stringContaining('key request-certificate') });
    await certified('sealed', 'ec-p256', { extensions: 'keyUsage=critical,keyAgreement\n' });
    for (const more of [{}, { acceptExpired: true }]) expect(await sign('sealed', more)).toMatchObject({ rule: 'KEY-USE-CERTIFICATE', message: expect.stringContaining('is for keyAgreement') });
  });

  test('that is not valid yet', () => {
    const year = { subject: 'CN=year', notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2026, 11, 31), keyUsages: undefined, acceptExpired: false };
    expect(() => allowCertificateUse({ ...year, now: year.notBefore - 1 })).toThrow('valid from 2026-01-01 00:00 UTC on only');
    for (const now of [year.notBefore, year.notAfter]) expect(() => allowCertificateUse({ ...year, now })).not.toThrow();
    expect(() => allowCertificateUse({ ...year, now: year.notAfter + 1 })).toThrow('expired on 2026-12-31');
  });

  test('that is out of its time, unless that is accepted, which is recorded', async () => {
    await certified('short', 'ec-p256', { days: 1 });
    t.now += 3 * 24 * 60 * 60 * 1000;
    expect(await sign('short')).toMatchObject({ rule: 'KEY-USE-CERTIFICATE', message: expect.stringContaining('expired on'), nextStep: expect.stringContaining('--accept-expired') });
    const { logEntry } = await t.call('key.sign', { key: 'short', format: 'cms', acceptExpired: true, files: [t.read('content')], signatures: [t.write('short.p7s')] });
    const { entries } = await t.call('audit.list', { from: logEntry - 1, limit: 1 });
    expect(entries[0]?.body).toMatchObject({ act: 'key.sign', format: 'cms', acceptedExpired: true });
    const { notes } = await t.call('key.verify', { key: 'short', in: t.read('content'), signature: t.read('short.p7s') });
    expect(notes.join()).toMatch(/claimed time lies outside the validity.*expired on/);
    expect((await t.call('key.show', { key: 'short' })).versions[0]?.certificate?.notes[0]).toContain('the certificate expired on');
  });
});

describe('a batch', () => {
  test('of documents is one intent and one outcome, and each file is what its signature says', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `batch-${index}`);
    for (const name of names) writeFileSync(t.path(name), name);
    const before = (await t.call('vault.info', {})).logEntries;
    const { items, signed } = await t.call('key.sign', { key: 'ec-p256', format: 'cms', files: names.map((name) => t.read(name)), signatures: names.map((name) => t.write(`${name}.p7s`)) });
    expect([signed, (await t.call('vault.info', {})).logEntries - before]).toEqual([40, 2]);
    for (const index of [0, 39]) expect(await t.call('key.verify', { key: 'ec-p256', in: t.read(`batch-${index}`), signature: t.read(`batch-${index}.p7s`) })).toMatchObject({ valid: true, sha256: items[index]?.sha256 });
    const { signatures, more } = await t.call('key.signatures', { key: 'ec-p256', limit: 10_000 });
    expect(signatures.slice(-40).map((line) => [line.format, line.made, line.sha256])).toEqual(items.map((item) => ['cms', 'yes', item.sha256]));
    expect(more).toBe(false);
  });

  test.each<[string, object, string]>([
    ['a salt for CMS', { format: 'cms', saltLength: 32 }, '"saltLength" is for raw'],
    ['a namespace for CMS', { format: 'cms', namespace: 'file' }, '"namespace" is for sshsig'],
    ['a hash for JWS', { format: 'jws', hash: 'sha256' }, '"hash" is for sshsig'],
    ['an unencoded raw signature', { unencoded: true }, '"unencoded" is for jws'],
    ['an accepted certificate for JWS', { format: 'jws', acceptExpired: true }, '"acceptExpired" is for cms'],
    ['PSS for OpenSSH', { format: 'sshsig', mechanism: 'rsa-pss-sha256' }, '"mechanism" expected'],
    ['ECDSA by an RSA key', { mechanism: 'ecdsa-sha256' }, '"mechanism" of "rsa-2048"'],
  ])('with %s is refused', async (_, more, said) => {
    const error = await t.refused('key.sign', { key: 'rsa-2048', files: [t.read('content')], ...more });
    expect([error.code, error.message.includes(said)], error.message).toEqual(['request-invalid', true]);
  });
});

test('what a key signed: by time, with the number of its log entry, also what was not made', async () => {
  await t.call('key.generate', { name: 'lister', purpose: 'authentication', algorithm: 'ed25519' });
  const first = await t.call('key.sign', { key: 'lister', files: [t.read('content'), t.read('other')] });
  t.now += 2 * 24 * 60 * 60 * 1000;
  await t.call('key.requestCertificate', { key: 'lister', subject: 'CN=lister' });
  const all = (await t.call('key.signatures', { key: 'lister' })).signatures;
  expect(all.map(({ act, format, made, version }) => [act, format, made, version])).toEqual([['key.sign', 'raw', 'yes', 1], ['key.sign', 'raw', 'yes', 1], ['key.requestCertificate', 'pkcs10', 'yes', 1]]);
  expect(all.slice(0, 2).map(({ sha256: hash, logEntry }) => [hash, logEntry])).toEqual(first.items.map((item) => [item.sha256, first.logEntry]));
  const day = all[0]?.time.slice(0, 10) ?? '';
  expect((await t.call('key.signatures', { key: 'lister', until: day })).signatures).toHaveLength(2);
  expect((await t.call('key.signatures', { key: 'lister', since: new Date(t.now).toISOString() })).signatures.map(({ act }) => act)).toEqual(['key.requestCertificate']);
  expect(await t.call('key.signatures', { key: 'lister', limit: 1 })).toMatchObject({ more: true, signatures: [{ made: 'yes' }] });
});

test('the log of all this verifies', async () => {
  expect((await t.call('audit.verify', {})).findings).toEqual([]);
  await t.call('vault.check', {});
});
