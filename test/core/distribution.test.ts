/** Keys out and in: what openssl and python3-cryptography open, what they wrap and we take, and what is refused. */
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecipientKey } from '../../electron/vault/formats/recipientKey.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { wycheproofIsHere } from '../fixtures/wycheproof.ts';

let t: TestCore;
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: t.folder, stdio: ['ignore', 'pipe', 'pipe'] });
const python = (script: string, ...args: string[]) => execFileSync('python3', ['-c', script, ...args], { cwd: t.folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();

function makePair(name: string, bits: number): void {
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`, '-out', `${name}.pem`);
  openssl('pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`);
}

const data = (name: string, algorithm: 'aes-128' | 'aes-192' | 'aes-256', exportable = true) => t.call('key.generate', { name, purpose: 'data-encryption', algorithm, exportable });

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
  makePair('bank', 3072);
  makePair('small', 2048);
  await t.call('recipient.add', { name: 'bank', key: t.read('bank.pub') });
  await t.call('recipient.add', { name: 'small', key: t.read('small.pub') });
  await t.call('key.generate', { name: 'kek', purpose: 'key-wrapping', algorithm: 'aes-256', exportable: true });
  await t.call('key.generate', { name: 'kek-128', purpose: 'key-wrapping', algorithm: 'aes-128' });
  await t.call('key.generate', { name: 'inbox', purpose: 'key-transport', algorithm: 'rsa-2048' });
  await t.call('key.public', { key: 'inbox', out: t.write('inbox.pub') });
  await data('k128', 'aes-128');
  await data('k192', 'aes-192');
  await data('k256', 'aes-256');
  await data('stays', 'aes-256', false);
}, 60_000);
afterAll(() => t.close());

/** The raw bytes of a key that this vault lets out: by an export that openssl opens. */
async function rawOf(key: string, strength: number | undefined, name: string): Promise<Buffer> {
  await t.call('key.export', { key, to: 'bank', out: t.write(name), ...(strength === undefined ? {} : { acceptStrength: strength }) });
  return openssl('pkeyutl', '-decrypt', '-inkey', 'bank.pem', '-in', name, '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256');
}

describe('to a recipient', () => {
  test('by RSA-OAEP with SHA-256 and SHA-1; openssl opens both, and both are the same key', async () => {
    const first = await rawOf('k256', 128, 'k256.oaep');
    expect(first).toHaveLength(32);
    const { distribution } = await t.call('key.export', { key: 'k256', to: 'bank', format: 'rsa-oaep-sha1', acceptStrength: 128, out: t.write('k256.sha1') });
    expect(openssl('pkeyutl', '-decrypt', '-inkey', 'bank.pem', '-in', 'k256.sha1', '-pkeyopt', 'rsa_padding_mode:oaep').equals(first)).toBe(true);
    expect(distribution).toMatchObject({ key: 'k256', version: 1, to: { kind: 'recipient', name: 'bank' }, effectiveStrength: 128, harvestable: true, receipt: 'outstanding' });
    expect(distribution.sha256).toBe(createHash('sha256').update(readFileSync(t.path('k256.sha1'))).digest('hex'));
    expect((await t.call('distribution.list', { key: 'k256', recipient: 'bank' })).distributions).toHaveLength(2);
  });

  test('KEY-EXPORT-4: a loss of strength is said before, and accepted by the number', async () => {
    const out = () => t.write('never');
    expect(await t.refused('key.export', { key: 'k256', to: 'small', out: out() })).toMatchObject({ rule: 'KEY-EXPORT-4', nextStep: expect.stringContaining('--accept-strength 112') });
    expect(await t.refused('key.export', { key: 'k256', to: 'small', acceptStrength: 128, out: out() })).toMatchObject({ rule: 'KEY-EXPORT-4' });
    expect(await t.refused('key.export', { key: 'k128', to: 'small', out: out() })).toMatchObject({ rule: 'KEY-EXPORT-4' });
    await t.call('key.export', { key: 'k128', to: 'bank', out: t.write('k128.oaep') });
    expect(t.asked.at(-1)?.details.join('\n')).toContain('128 bits of strength');
  });

  test('KEY-EXPORT-1: a key that was made to stay, stays, and the refusal says why', async () => {
    expect(await t.refused('key.export', { key: 'stays', to: 'bank', acceptStrength: 128, out: t.write('never') })).toMatchObject({ rule: 'KEY-EXPORT-1', message: expect.stringContaining('"exportable"') });
  });

  test('KEY-EXPORT-3: below 112 bits nothing travels', async () => {
    const { allowToRecipient } = await import('../../electron/vault/rules/allowExport.ts');
    expect(() => allowToRecipient({ key: { name: 'k', algorithm: 'aes-256' } as never, version: {} as never }, 80, 80)).toThrow(expect.objectContaining({ rule: 'KEY-EXPORT-3' }));
  });

  test('KEY-EXPORT-5: a suspended, compromised or destroyed version is not handed out', async () => {
    await data('resting', 'aes-128');
    await t.call('key.suspend', { key: 'resting', reason: 'audit' });
    expect(await t.refused('key.export', { key: 'resting', to: 'bank', out: t.write('never') })).toMatchObject({ rule: 'KEY-EXPORT-5' });
    await t.call('key.compromise', { key: 'resting', reason: 'lost' });
    expect(await t.refused('key.wrap', { key: 'resting', under: 'kek', out: t.write('never') })).toMatchObject({ rule: 'KEY-EXPORT-5' });
  });

  test('an existing file is not overwritten, and a failed export leaves nothing', async () => {
    writeFileSync(t.path('mine'), 'mine');
    expect(await t.refused('key.export', { key: 'k128', to: 'bank', out: t.write('mine') })).toMatchObject({ code: 'file-exists' });
    expect(readFileSync(t.path('mine'), 'utf8')).toBe('mine');
    expect(readdirSync(t.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a private key travels by RSA-AES-KWP alone', async () => {
    expect(await t.refused('key.export', { key: 'inbox', to: 'bank', format: 'rsa-oaep-sha256', out: t.write('never') })).toMatchObject({ code: 'request-invalid', nextStep: expect.stringContaining('rsa-aes-kwp-sha256') });
  });
});

describe('under a key-wrapping key', () => {
  /** SP 800-38F by python3-cryptography, a program that is not ours. */
  const unwrap = 'import sys\nfrom cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_unwrap_with_padding\nkek=open(sys.argv[1],"rb").read();w=open(sys.argv[2],"rb").read()\nprint((aes_key_unwrap if sys.argv[3]=="aes-kw" else aes_key_unwrap_with_padding)(kek,w).hex())';
  const wrap = 'import sys\nfrom cryptography.hazmat.primitives.keywrap import aes_key_wrap, aes_key_wrap_with_padding\nkek=open(sys.argv[1],"rb").read();k=open(sys.argv[2],"rb").read()\nopen(sys.argv[4],"wb").write((aes_key_wrap if sys.argv[3]=="aes-kw" else aes_key_wrap_with_padding)(kek,k))';

  test.each(['aes-kw', 'aes-kwp'] as const)('%s: python opens ours, and we open its', async (format) => {
    writeFileSync(t.path(`kek.${format}`), await rawOf('kek', 128, `kek.oaep.${format}`));
    const raw = await rawOf('k192', 128, `k192.oaep.${format}`);
    await t.call('key.wrap', { key: 'k192', under: 'kek', format, out: t.write(`k192.${format}`) });
    expect(python(unwrap, `kek.${format}`, `k192.${format}`, format)).toBe(raw.toString('hex'));
    writeFileSync(t.path(`raw.${format}`), raw);
    python(wrap, `kek.${format}`, `raw.${format}`, format, `foreign.${format}`);
    const name = `from-python-${format}`;
    await t.call('key.unwrap', { name, purpose: 'data-encryption', algorithm: 'aes-192', with: 'kek', format, in: t.read(`foreign.${format}`), exportable: true });
    expect((await rawOf(name, 128, `back.${format}`)).equals(raw)).toBe(true);
  });

  test('openssl wraps by AES-KW, and we open it', async () => {
    const kek = await rawOf('kek', 128, 'kek.for-openssl');
    const raw = await rawOf('k256', 128, 'k256.for-openssl');
    writeFileSync(t.path('raw256'), raw);
    openssl('enc', '-id-aes256-wrap', '-K', kek.toString('hex'), '-iv', 'A6A6A6A6A6A6A6A6', '-in', 'raw256', '-out', 'openssl.kw');
    await t.call('key.unwrap', { name: 'from-openssl', purpose: 'data-encryption', algorithm: 'aes-256', with: 'kek', format: 'aes-kw', in: t.read('openssl.kw'), exportable: true });
    expect((await rawOf('from-openssl', 128, 'from-openssl.oaep')).equals(raw)).toBe(true);
  });

  test('KEY-EXPORT-2: a weaker key-wrapping key is refused', async () => {
    expect(await t.refused('key.wrap', { key: 'k256', under: 'kek-128', out: t.write('never') })).toMatchObject({ rule: 'KEY-EXPORT-2' });
    expect(await t.refused('key.wrap', { key: 'k256', under: 'k192', out: t.write('never') })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
  });

  test('a wrapped key is listed with what it wrapped when the wrapping key is rotated', async () => {
    const { wrapped } = await t.call('key.rotate', { key: 'kek' });
    expect(wrapped.map(({ key }) => key)).toContain('k192');
  });

  test.runIf(wycheproofIsHere).each([
    ['12-kwp-15-bytes', 'aes-kwp'],
    ['14-kwp-nonzero-padding', 'aes-kwp'],
    ['15-kwp-length-lies', 'aes-kwp'],
    ['16-kw-given-as-kwp', 'aes-kwp'],
  ] as const)('KEY-IMPORT-1: %s is refused as every other failure is', async (folder, format) => {
    const path = fileURLToPath(new URL(`../../../shared/cases/forms/${folder}/`, import.meta.url));
    const file = readdirSync(path).find((name) => /\.(bin|kwp|kw|wrapped)$/.test(name)) ?? readdirSync(path).find((name) => name !== 'case.md') ?? '';
    writeFileSync(t.path(folder), readFileSync(path + file));
    const refused = await t.refused('key.unwrap', { name: folder, purpose: 'data-encryption', algorithm: 'aes-256', with: 'kek', format, in: t.read(folder) });
    expect(refused).toMatchObject({ code: 'unwrap-failed', message: 'the wrapped key cannot be opened' });
  });
});

describe('import', () => {
  test('KEY-IMPORT-1: what openssl wrapped to our transport key is a key here, if it is of the size that was asked for', async () => {
    const raw = await rawOf('k128', undefined, 'k128.raw');
    writeFileSync(t.path('raw128'), raw);
    openssl('pkeyutl', '-encrypt', '-pubin', '-inkey', 'inbox.pub', '-in', 'raw128', '-out', 'in128', '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256');
    const request = { purpose: 'data-encryption', algorithm: 'aes-128', with: 'inbox', exportable: true } as const;
    const { version, logEntry, notes } = await t.call('key.unwrap', { ...request, name: 'imported', in: t.read('in128') });
    expect(notes, 'one key under two names is said').toContain('it is the same key as version 1 of "k128" (data-encryption, active): one key serves one purpose, under one name');
    const { entries: [begun] } = await t.call('audit.list', { from: logEntry - 1, limit: 1 });
    expect(begun?.body, 'all of the padding is in the log, not its hash alone').toMatchObject({ act: 'key.unwrap', format: 'rsa-oaep-sha256', hash: 'sha256', mgf: 'mgf1', mgfHash: 'sha256', label: '', encoding: 'raw', sha256: createHash('sha256').update(readFileSync(t.path('in128'))).digest('hex') });
    expect(version).toMatchObject({ origin: 'unwrapped', state: 'active' });
    expect((await rawOf('imported', undefined, 'imported.oaep')).equals(raw)).toBe(true);
    const one = { code: 'unwrap-failed', message: 'the wrapped key cannot be opened' };
    expect(await t.refused('key.unwrap', { ...request, name: 'wrong-size', algorithm: 'aes-256', in: t.read('in128') })).toMatchObject(one);
    expect(await t.refused('key.unwrap', { ...request, name: 'wrong-hash', format: 'rsa-oaep-sha1', in: t.read('in128') })).toMatchObject(one);
    writeFileSync(t.path('noise'), Buffer.alloc(256, 7));
    expect(await t.refused('key.unwrap', { ...request, name: 'noise', in: t.read('noise') })).toMatchObject(one);
    expect((await t.call('key.list', {})).keys.map(({ name }) => name)).not.toContain('noise');
  });

  test('a transport key does nothing else', async () => {
    writeFileSync(t.path('plain'), 'plain');
    expect(await t.refused('key.encrypt', { key: 'inbox', in: t.read('plain'), out: t.write('never') })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.sign', { key: 'inbox', files: [t.read('plain')] })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
  });
});

describe('recipients', () => {
  test('RECIPIENT-1: the fingerprint is given by the person; another one adds nobody', async () => {
    makePair('third', 2048);
    t.answers.confirm = () => 'a'.repeat(64);
    expect(await t.refused('recipient.add', { name: 'third', key: t.read('third.pub') })).toMatchObject({ rule: 'RECIPIENT-1' });
    t.answers.confirm = ({ expected }) => expected.toUpperCase().replace(/(..)(?=.)/g, '$1:');
    const der = openssl('pkey', '-pubin', '-in', 'third.pub', '-outform', 'DER');
    expect((await t.call('recipient.add', { name: 'third', key: t.read('third.pub') })).fingerprint).toBe(createHash('sha256').update(der).digest('hex'));
    t.answers.confirm = undefined;
    expect(await t.refused('recipient.add', { name: 'fourth', key: t.read('third.pub') })).toMatchObject({ code: 'already-exists' });
    expect(await t.refused('recipient.add', { name: 'bank', key: t.read('third.pub') })).toMatchObject({ code: 'already-exists' });
    await t.call('recipient.remove', { name: 'third' });
    expect((await t.call('recipient.list', {})).recipients.map(({ name }) => name)).toEqual(['bank', 'small']);
  });

  test('a certificate, PEM or DER, and an OpenSSH line are the same key', async () => {
    makePair('forms', 2048);
    openssl('req', '-x509', '-key', 'forms.pem', '-subj', '/CN=forms', '-addext', 'keyUsage=critical,keyEncipherment', '-days', '30', '-out', 'forms.crt');
    openssl('x509', '-in', 'forms.crt', '-outform', 'DER', '-out', 'forms.der');
    const line = execFileSync('ssh-keygen', ['-y', '-f', 'forms.pem'], { cwd: t.folder });
    writeFileSync(t.path('forms.ssh'), line);
    const read = (name: string) => readRecipientKey(new Uint8Array(readFileSync(t.path(name))), { acceptExpired: false, now: Date.now() });
    const prints = ['forms.pub', 'forms.crt', 'forms.der', 'forms.ssh'].map((name) => Buffer.from(read(name).fingerprint).toString('hex'));
    expect(new Set(prints).size).toBe(1);
    expect(read('forms.crt').certificate?.subject).toBe('CN=forms');
  });

  /** Each case says in its text what must happen. */
  const cases: readonly (readonly [folder: string, expected: object])[] = [
    ['01-pem-bom-crlf-text', { spki: '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77' }],
    ['02-pkcs1-public', { spki: '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77' }],
    ['03-openssh-public', { spki: '6c2e97e4ad5e964cb10253c1f73f3209dfcb9f13bdcdc17ecb81f1b6d90efd77' }],
    ['04-two-keys-one-file', { code: 'input-malformed', said: '2 keys' }],
    ['05-private-key-as-recipient', { code: 'input-malformed', said: 'private key' }],
    ['06-weak-rsa', { code: 'refused', rule: 'RECIPIENT-2', said: '1024' }],
    ['07-rsa-e3', { code: 'refused', rule: 'RECIPIENT-2', said: 'got 3' }],
    ['08-explicit-curve', { spki: 'b92a30fbaff97463df57dfc5145e05579d6ebbc94bdce7de5c0b142220162ea0', said: 'kept by its name' }],
    ['09-pss-only-key', { code: 'refused', rule: 'RECIPIENT-2', said: 'signatures only' }],
    ['10-certificate-wrong-usage', { code: 'refused', rule: 'RECIPIENT-3', said: 'keyEncipherment' }],
    ['11-certificate-expired', { code: 'refused', rule: 'RECIPIENT-3', said: '2023-01-01' }],
  ];
  test.runIf(wycheproofIsHere).each(cases)('RECIPIENT-2, RECIPIENT-3: %s', (folder, expected) => {
    const path = fileURLToPath(new URL(`../../../shared/cases/forms/${folder}/`, import.meta.url));
    const file = readdirSync(path).find((name) => name !== 'case.md') ?? '';
    const read = () => readRecipientKey(new Uint8Array(readFileSync(path + file)), { acceptExpired: false, now: Date.now() });
    const wanted = expected as { spki?: string; code?: string; rule?: string; said?: string };
    if (wanted.spki !== undefined) {
      expect(Buffer.from(read().fingerprint).toString('hex')).toBe(wanted.spki);
      expect(read().notes.join()).toContain(wanted.said ?? '');
    } else expect(read).toThrow(expect.objectContaining({ code: wanted.code, rule: wanted.rule, message: expect.stringContaining(wanted.said ?? '') }));
  });

  test('RECIPIENT-2: numbers that no RSA pair has are refused, each by what is wrong with it', () => {
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const read = (modulus: Buffer, exponent: string) => readRecipientKey(new Uint8Array(Buffer.from(JSON.stringify({ kty: 'RSA', n: modulus.toString('base64url'), e: Buffer.from(exponent, 'hex').toString('base64url') }))), { acceptExpired: false, now: Date.now() });
    const modulus = Buffer.from(n, 'base64url');
    expect(read(modulus, '010003').algorithm).toBe('rsa-2048');
    const even = Buffer.from(modulus.map((byte, index) => (index === modulus.length - 1 ? byte & 0xfe : byte)));
    const number = BigInt(`0x${modulus.toString('hex')}`);
    const bySeven = Buffer.from((number - (number % 14n) + 7n).toString(16), 'hex');
    const refusals: readonly (readonly [Buffer, string, RegExp])[] = [[modulus, '010002', /odd number below 2\^33, got 65538/], [modulus, '0200000001', /got 8589934593/], [modulus, `01${'00'.repeat(31)}01`, /got a longer one/], [even, '010001', /small number divides/], [bySeven, '010001', /small number divides/]];
    for (const [given, exponent, said] of refusals) expect(() => read(given, exponent)).toThrow(expect.objectContaining({ code: 'refused', rule: 'RECIPIENT-2', message: expect.stringMatching(said) }));
  });

  test.runIf(wycheproofIsHere)('RECIPIENT-3: an expired certificate is taken by a decision that is recorded', () => {
    const path = fileURLToPath(new URL('../../../shared/cases/forms/11-certificate-expired/recipient.pem', import.meta.url));
    const { fingerprint, notes } = readRecipientKey(new Uint8Array(readFileSync(path)), { acceptExpired: true, now: Date.now() });
    expect(Buffer.from(fingerprint).toString('hex')).toBe('3185e9f1329623b3cffb623c952180a9b6b943f94ebfa547feafe16989cd8f01');
    expect(notes.join()).toContain('ended on 2023-01-01');
  });
});

describe('public halves', () => {
  test.each(['pem', 'der', 'jwk', 'openssh'] as const)('%s is read by a program that is not ours', async (format) => {
    const { spki, fingerprint } = await t.call('key.public', { key: 'inbox', format, out: t.write(`inbox.${format}`) });
    const file = readFileSync(t.path(`inbox.${format}`));
    const der = {
      pem: () => openssl('pkey', '-pubin', '-in', 'inbox.pem', '-outform', 'DER'),
      der: () => openssl('pkey', '-pubin', '-inform', 'DER', '-in', 'inbox.der', '-outform', 'DER'),
      jwk: () => Buffer.from(python('import sys,json,base64\nfrom cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers\nfrom cryptography.hazmat.primitives.serialization import Encoding,PublicFormat\nj=json.load(open(sys.argv[1]));n,e=[int.from_bytes(base64.urlsafe_b64decode(j[x]+"=="),"big") for x in "ne"]\nprint(RSAPublicNumbers(e,n).public_key().public_bytes(Encoding.DER,PublicFormat.SubjectPublicKeyInfo).hex())', 'inbox.jwk'), 'hex'),
      openssh: () => {
        writeFileSync(t.path('inbox.pem8'), execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', t.path('inbox.openssh')]));
        return openssl('pkey', '-pubin', '-in', 'inbox.pem8', '-outform', 'DER');
      },
    }[format]();
    expect(der.toString('hex')).toBe(spki);
    expect(createHash('sha256').update(der).digest('hex')).toBe(fingerprint);
    expect(file.length).toBeGreaterThan(100);
  });
});
