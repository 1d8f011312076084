/** Keys of every algorithm at work through the contract: what they make is verified and opened by openssl and python3-cryptography, and the other way round. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { purposes } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { caseFile, casesAreHere, expectedOf } from '../fixtures/cases.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let t: TestCore;
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: t.folder, stdio: ['ignore', 'pipe', 'pipe'] });
const python = (script: string, ...args: string[]) => execFileSync('python3', ['-c', script, ...args], { cwd: t.folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
const hashes = 'from cryptography.hazmat.primitives import hashes, serialization\n';
const make = (name: string, algorithm: Algorithm, purpose: Purpose, exportable = false) => t.call('key.generate', { name, algorithm, purpose, exportable });

/** The raw bytes of a key that this vault lets out: by an export that openssl opens. */
async function rawOf(key: string): Promise<string> {
  const file = `${key}.raw`;
  await t.call('key.export', { key, to: 'bank', out: t.files.write(t.path(file), true), acceptStrength: 150 });
  return openssl('pkeyutl', '-decrypt', '-inkey', 'bank.pem', '-in', file, '-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256').toString('hex');
}

beforeAll(async () => {
  t = makeTestCore();
  await t.create();
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096', '-out', 'bank.pem');
  openssl('pkey', '-in', 'bank.pem', '-pubout', '-out', 'bank.pub');
  await t.call('recipient.add', { name: 'bank', key: t.read('bank.pub') });
  writeFileSync(t.path('file'), 'what is signed\n');
}, 60_000);
afterAll(() => t.close());

const pairs = purposes.flatMap((purpose) => purposeFacts[purpose].algorithms.map((algorithm) => [purpose, algorithm] as const));

test.each(pairs)('%s by %s: made, shown, rotated, destroyed with a proof', async (purpose, algorithm) => {
  if (algorithm === 'rsa-4096' || algorithm === 'rsa-3072') return void expect(purposeFacts[purpose].algorithms).toContain('rsa-2048');
  const name = `life ${purpose} ${algorithm}`;
  await make(name, algorithm, purpose);
  const { versions, mayDo } = await t.call('key.show', { key: name });
  expect(versions[0]).toMatchObject({ state: 'active', origin: 'generated', ...(algorithm.startsWith('hmac') ? { bits: Number(algorithm.slice(-3)) } : {}) });
  expect(mayDo.filter(({ act }) => purposeFacts[purpose].operations.includes(act as never)).every(({ allowed }) => allowed)).toBe(true);
  expect((await t.call('key.rotate', { key: name })).version.number).toBe(2);
  const { certificate } = await t.call('key.destroy', { key: name, version: 1, reason: 'replaced' });
  expect(certificate).toMatchObject({ objectsDestroyed: 1, objectsAfter: 0, attemptedUse: 'token-key-missing' });
});

describe('signatures', () => {
  const publicOf = async (key: string) => t.call('key.public', { key, format: 'der', out: t.write(`${key}.der`) });

  test.each([['ec-p256', 'sha256'], ['ec-p384', 'sha384'], ['ec-p521', 'sha512'], ['ec-p521', 'sha256'], ['ec-p256', 'sha512']] as const)('%s with %s in DER, verified by openssl', async (algorithm, hash) => {
    const key = `sign ${algorithm} ${hash}`;
    await make(key, algorithm, 'signature');
    await publicOf(key);
    const { items, mechanism } = await t.call('key.sign', { key, files: [t.read('file')], signatures: [t.write(`${key}.sig`)], mechanism: `ecdsa-${hash}` });
    expect([mechanism, items[0]?.sha256]).toEqual([`ecdsa-${hash}`, createHash('sha256').update(readFileSync(t.path('file'))).digest('hex')]);
    expect(openssl('dgst', `-${hash}`, '-verify', `${key}.der`, '-keyform', 'DER', '-signature', `${key}.sig`, 'file').toString()).toContain('OK');
    expect(await t.call('key.verify', { key, in: t.read('file'), signature: t.read(`${key}.sig`), mechanism })).toMatchObject({ valid: true, notes: [] });
    const raw = await t.call('key.sign', { key, files: [t.read('file')], mechanism, encoding: 'p1363' });
    writeFileSync(t.path(`${key}.p1363`), Buffer.from(raw.items[0]?.signature ?? '', 'base64'));
    expect(readFileSync(t.path(`${key}.p1363`))).toHaveLength({ 'ec-p256': 64, 'ec-p384': 96, 'ec-p521': 132 }[algorithm]);
    expect(await t.call('key.verify', { key, in: t.read('file'), signature: t.read(`${key}.p1363`), mechanism, encoding: 'p1363' })).toMatchObject({ valid: true });
    expect((await t.refused('key.verify', { key, in: t.read('file'), signature: t.read(`${key}.p1363`), mechanism })).code).toBe('input-malformed');
    const whole = readFileSync(t.path(`${key}.p1363`));
    for (const wrong of [whole.subarray(1), Buffer.concat([Buffer.of(0), whole]), Buffer.alloc(0)]) {
      writeFileSync(t.path('wrong.p1363'), wrong);
      expect(await t.refused('key.verify', { key, in: t.read('file'), signature: t.read('wrong.p1363'), mechanism, encoding: 'p1363' })).toMatchObject({ code: 'input-malformed', message: expect.stringContaining(`${whole.length} bytes`) });
    }
    expect((await t.refused('key.verify', { key, in: t.read('bank.pub'), signature: t.read(`${key}.sig`), mechanism })).code).toBe('signature-invalid');
  });

  test('Ed25519, verified by openssl; a file beyond the limit is refused with the way out', async () => {
    await make('ed', 'ed25519', 'signature');
    await publicOf('ed');
    await t.call('key.sign', { key: 'ed', files: [t.read('file')], signatures: [t.write('ed.sig')] });
    expect(openssl('pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', 'ed.der', '-rawin', '-in', 'file', '-sigfile', 'ed.sig').toString()).toContain('Success');
    writeFileSync(t.path('long'), Buffer.alloc(4 * 1024 * 1024 + 1));
    expect(await t.refused('key.sign', { key: 'ed', files: [t.read('long')] })).toMatchObject({ code: 'input-too-large', nextStep: expect.stringContaining('hash') });
    writeFileSync(t.path('longest'), Buffer.alloc(4 * 1024 * 1024));
    expect(await t.call('key.sign', { key: 'ed', files: [t.read('longest'), t.read('file'), t.read('longest')] })).toMatchObject({ signed: 3 });
  });

  test('ML-DSA-65, verified with its public half', async () => {
    await make('lattice', 'ml-dsa-65', 'signature');
    await t.call('key.sign', { key: 'lattice', files: [t.read('file')], signatures: [t.write('lattice.sig')] });
    expect(readFileSync(t.path('lattice.sig'))).toHaveLength(3309);
    expect(await t.call('key.verify', { key: 'lattice', in: t.read('file'), signature: t.read('lattice.sig') })).toMatchObject({ valid: true, mechanism: 'ml-dsa-65' });
  });

  test('RSA-PSS with a salt of any length: openssl takes it, the length is said, and another than the wanted is refused by name', async () => {
    await make('pss', 'rsa-2048', 'signature');
    await publicOf('pss');
    await t.call('key.sign', { key: 'pss', files: [t.read('file')], signatures: [t.write('pss.sig')], saltLength: 222 });
    expect(openssl('dgst', '-sha256', '-verify', 'pss.der', '-keyform', 'DER', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:222', '-signature', 'pss.sig', 'file').toString()).toContain('OK');
    const verify = (more: object) => ({ key: 'pss', in: t.read('file'), signature: t.read('pss.sig'), ...more });
    expect(await t.call('key.verify', verify({}))).toMatchObject({ saltLength: 222, notes: ['the salt has 222 bytes, longer than the hash (32)'] });
    expect(await t.call('key.verify', verify({ saltLength: 222 }))).toMatchObject({ valid: true });
    expect(await t.refused('key.verify', verify({ saltLength: 32 }))).toMatchObject({ code: 'signature-invalid', message: expect.stringContaining('salt of 222 bytes') });
    expect(await t.refused('key.sign', { key: 'pss', files: [t.read('file')], mechanism: 'rsa-pkcs1-sha256', saltLength: 32 })).toMatchObject({ code: 'request-invalid', field: 'saltLength' });
    expect(await t.refused('key.sign', { key: 'pss', files: [t.read('file')], saltLength: 223 })).toMatchObject({ code: 'request-invalid', message: expect.stringContaining('at most 222') });
  });

  test('KEY-USE-PURPOSE: a scheme of another algorithm, and a key that signs nothing', async () => {
    expect(await t.refused('key.sign', { key: 'ed', files: [t.read('file')], mechanism: 'rsa-pss-sha256' })).toMatchObject({ code: 'request-invalid', field: 'mechanism' });
    await make('agrees', 'x25519', 'key-agreement');
    expect(await t.refused('key.sign', { key: 'agrees', files: [t.read('file')] })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.mac', { key: 'ed', files: [t.read('file')] })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.verifyMac', { key: 'ed', in: t.read('file'), tag: '00' })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.decryptCbc', { key: 'ed', in: t.read('file'), out: t.write('never') })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
    expect(await t.refused('key.derive', { name: 'never', purpose: 'mac', algorithm: 'aes-256', from: 'ed' })).toMatchObject({ rule: 'KEY-USE-PURPOSE' });
  });
});

describe('tags', () => {
  test.each([['hmac-sha256', 'sha256'], ['hmac-sha384', 'sha384'], ['hmac-sha512', 'sha512']] as const)('%s, as openssl makes it', async (algorithm, hash) => {
    await make(algorithm, algorithm, 'mac', true);
    const key = await rawOf(algorithm);
    const { items } = await t.call('key.mac', { key: algorithm, files: [t.read('file')], tags: [t.write(`${algorithm}.mac`)] });
    const tag = readFileSync(t.path(`${algorithm}.mac`)).toString('hex');
    expect(items).toEqual([{ sha256: expect.any(String), ok: true }]);
    expect(openssl('dgst', `-${hash}`, '-mac', 'HMAC', '-macopt', `hexkey:${key}`, 'file').toString().trim().split(' ').at(-1)).toBe(tag);
    expect(await t.call('key.verifyMac', { key: algorithm, in: t.read('file'), tagFile: t.read(`${algorithm}.mac`) })).toMatchObject({ valid: true, version: 1 });
  });

  test('AES-CMAC, as python3-cryptography makes it; several files at once', async () => {
    await make('cmac', 'aes-256', 'mac', true);
    const { items, made } = await t.call('key.mac', { key: 'cmac', files: [t.read('file'), t.read('bank.pub')] });
    const script = `${hashes}from cryptography.hazmat.primitives.cmac import CMAC\nfrom cryptography.hazmat.primitives.ciphers.algorithms import AES\nimport sys\nfor name in sys.argv[2:]:\n c=CMAC(AES(bytes.fromhex(sys.argv[1])))\n c.update(open(name,'rb').read())\n print(c.finalize().hex())`;
    expect(items.map(({ tag }) => tag)).toEqual(python(script, await rawOf('cmac'), 'file', 'bank.pub').split('\n'));
    expect(made).toBe(2);
  });

  test('a changed file, a changed and a shortened tag are refused; an older version still verifies, and is named', async () => {
    const { items } = await t.call('key.mac', { key: 'cmac', files: [t.read('file')] });
    const tag = items[0]?.tag ?? '';
    await t.call('key.rotate', { key: 'cmac' });
    expect(await t.call('key.verifyMac', { key: 'cmac', in: t.read('file'), tag })).toMatchObject({ valid: true, version: 1, state: 'deactivated' });
    for (const bad of [tag.replace(/^../, (two) => (two === '00' ? '01' : '00')), tag.slice(0, 16), ''])
      expect((await t.refused('key.verifyMac', { key: 'cmac', in: t.read('file'), tag: bad })).code).toBe('signature-invalid');
    expect((await t.refused('key.verifyMac', { key: 'cmac', in: t.read('bank.pub'), tag })).code).toBe('signature-invalid');
    expect((await t.refused('key.verifyMac', { key: 'cmac', version: 2, in: t.read('file'), tag })).code).toBe('signature-invalid');
    expect(await t.refused('key.verifyMac', { key: 'cmac', in: t.read('file') })).toMatchObject({ code: 'request-invalid', field: 'tag' });
    const { versions } = await t.call('key.show', { key: 'cmac' });
    expect(versions.map(({ processings }) => processings)).toEqual([expect.any(Number), expect.any(Number)]);
    expect(versions.every(({ processings }) => processings > 0)).toBe(true);
  });
});

describe('derivation', () => {
  test.each([['hmac-sha256', 'SHA256'], ['hmac-sha384', 'SHA384'], ['hmac-sha512', 'SHA512']] as const)('HKDF from %s, as python3-cryptography has it', async (algorithm, hash) => {
    const name = `root ${algorithm}`;
    await make(name, algorithm, 'key-derivation', true);
    const { key, version, derivation } = await t.call('key.derive', { name: `from ${algorithm}`, purpose: 'data-encryption', algorithm: 'aes-256', from: name, info: 'files 2027', salt: '0a0b', exportable: true });
    expect([derivation, version.origin]).toEqual(['hkdf', 'derived']);
    const script = `${hashes}from cryptography.hazmat.primitives.kdf.hkdf import HKDF\nimport sys\nprint(HKDF(hashes.${hash}(),32,bytes.fromhex('0a0b'),b'files 2027').derive(bytes.fromhex(sys.argv[1])).hex())`;
    expect(await rawOf(key.name)).toBe(python(script, await rawOf(name)));
    const { touched } = await t.call('key.compromise', { key: name, reason: 'a test' });
    expect(touched).toContain(`"from ${algorithm}" was derived from it`);
  });

  const exchange = "import sys\nfrom cryptography.hazmat.primitives.asymmetric import ec, x25519\nfrom cryptography.hazmat.primitives.kdf.hkdf import HKDF\nfrom cryptography.hazmat.primitives.kdf.x963kdf import X963KDF\n";
  const curves = { 'ec-p256': 'ec.SECP256R1()', 'ec-p384': 'ec.SECP384R1()', 'ec-p521': 'ec.SECP521R1()' } as const;

  test.each(['ec-p256', 'ec-p384', 'ec-p521', 'x25519'] as const)('%s with a party that is python3-cryptography', async (algorithm) => {
    const name = `ours ${algorithm}`;
    await make(name, algorithm, 'key-agreement');
    await t.call('key.public', { key: name, format: 'der', out: t.write(`${algorithm}.ours`) });
    const own = algorithm === 'x25519' ? 'k=x25519.X25519PrivateKey.generate()' : `k=ec.generate_private_key(${curves[algorithm]})`;
    const agree = algorithm === 'x25519' ? 'z=k.exchange(p)' : 'z=k.exchange(ec.ECDH(),p)';
    const script = `${hashes}${exchange}${own}\np=serialization.load_der_public_key(open('${algorithm}.ours','rb').read())\n${agree}\nopen('${algorithm}.theirs','wb').write(k.public_key().public_bytes(serialization.Encoding.PEM,serialization.PublicFormat.SubjectPublicKeyInfo))\nprint(HKDF(hashes.SHA256(),32,bytes.fromhex('aa'),b'one').derive(z).hex(), X963KDF(hashes.SHA256(),32,b'two').derive(z).hex(), z.hex())`;
    const [hkdf, x963, raw] = python(script).split(' ');
    const derive = (derivation: 'ecdh-hkdf-sha256' | 'ecdh-x963-sha256' | 'ecdh-raw', more: { info?: string; salt?: string }, algorithmOf: Algorithm = 'aes-256') =>
      t.call('key.derive', { name: `${derivation} ${algorithm}`, purpose: algorithmOf === 'aes-256' ? 'data-encryption' : 'mac', algorithm: algorithmOf, from: name, peer: t.read(`${algorithm}.theirs`), derivation, exportable: true, ...more });
    expect(await rawOf((await derive('ecdh-hkdf-sha256', { info: 'one', salt: 'aa' })).key.name)).toBe(hkdf);
    expect(await rawOf((await derive('ecdh-x963-sha256', { info: 'two' })).key.name)).toBe(x963);
    const whole = await derive('ecdh-raw', {}, 'hmac-sha256');
    expect([await rawOf(whole.key.name), whole.version.bits]).toEqual([raw, (raw?.length ?? 0) * 4]);
    const { notes = [] } = (await t.call('key.show', { key: `ecdh-hkdf-sha256 ${algorithm}` })).versions[0] ?? {};
    expect(notes.some((note) => note.includes('bits of strength'))).toBe(algorithm !== 'ec-p521');
  });

  test('ML-KEM-768: what is encapsulated to a key of the vault is the key that its owner derives', async () => {
    await make('kem', 'ml-kem-768', 'key-agreement');
    await t.call('key.public', { key: 'kem', format: 'der', out: t.write('kem.der') });
    const about = { purpose: 'data-encryption', algorithm: 'aes-256', info: 'between us', exportable: true } as const;
    const sent = await t.call('key.encapsulate', { ...about, name: 'sent', to: t.read('kem.der'), ciphertext: t.write('kem.ct') });
    expect(readFileSync(t.path('kem.ct'))).toHaveLength(1088);
    expect(sent).toMatchObject({ version: { origin: 'derived' }, sha256: createHash('sha256').update(readFileSync(t.path('kem.ct'))).digest('hex') });
    await t.call('key.derive', { ...about, name: 'received', from: 'kem', peer: t.read('kem.ct') });
    expect(await rawOf('received')).toBe(await rawOf('sent'));
    await t.call('key.derive', { ...about, name: 'otherwise', info: 'not between us', from: 'kem', peer: t.read('kem.ct') });
    expect(await rawOf('otherwise')).not.toBe(await rawOf('sent'));
    expect((await t.refused('key.encapsulate', { ...about, name: 'never', to: t.read('bank.pub'), ciphertext: t.write('never.ct') })).code).toBe('input-malformed');
    expect((await t.refused('key.derive', { ...about, name: 'never', from: 'kem', peer: t.read('file') })).code).toBe('input-malformed');
  });

  test.each<[string, object, object]>([
    ['no peer', { from: 'ours ec-p256' }, { field: 'peer' }],
    ['a peer of a key that derives alone', { from: 'root', peer: 'bank.pub' }, { field: 'peer' }],
    ['a peer on another curve', { from: 'ours ec-p256', peer: 'ec-p384.theirs' }, { code: 'input-malformed' }],
    ['our own private key as a peer', { from: 'ours ec-p256', peer: 'bank.pem' }, { code: 'input-malformed', message: expect.stringContaining('private key') }],
    ['a derivation of another key', { from: 'ours ec-p256', peer: 'ec-p256.theirs', derivation: 'hkdf' }, { field: 'derivation' }],
    ['a pair', { from: 'ours ec-p256', peer: 'ec-p256.theirs', algorithm: 'ec-p256', purpose: 'signature' }, { field: 'algorithm' }],
    ['a salt where there is none', { from: 'ours ec-p256', peer: 'ec-p256.theirs', derivation: 'ecdh-x963-sha256', salt: '00' }, { field: 'salt' }],
    ['a name that is taken', { name: 'kem', from: 'ours ec-p256', peer: 'ec-p256.theirs' }, { rule: 'KEY-NAME-1' }],
  ])('refuses %s, and nothing is made', async (_, more, expected) => {
    const before = (await t.call('vault.info', {})).keys;
    if ('from' in more && more.from === 'root') await make('root', 'hmac-sha256', 'key-derivation').catch(() => undefined);
    const after = (await t.call('vault.info', {})).keys;
    const { peer, ...rest } = more as { peer?: string };
    const request = { name: 'never made', purpose: 'data-encryption', algorithm: 'aes-256', ...rest, ...(peer === undefined ? {} : { peer: t.read(peer) }) };
    expect(await t.refused('key.derive', request as never)).toMatchObject(expected);
    expect((await t.call('vault.info', {})).keys - after).toBe(0);
    expect(after - before).toBeLessThan(2);
  });
});

describe('AES-CBC of others', () => {
  const iv = '000102030405060708090a0b0c0d0e0f';
  const decrypt = (name: string, more: object = {}) => ({ key: 'archive', in: t.read(name), out: t.files.write(t.path(`${name}.plain`), true), ...more });
  let key: string;

  beforeAll(async () => {
    await make('archive', 'aes-256', 'data-encryption', true);
    key = await rawOf('archive');
  });

  test.each([0, 1, 15, 16, 17, 4095, 1_048_576, 3_000_001])('%i bytes that openssl encrypted, with the IV given and in front', async (length) => {
    const plain = Buffer.alloc(length, 'x');
    writeFileSync(t.path('plain'), plain);
    openssl('enc', '-aes-256-cbc', '-K', key, '-iv', iv, '-in', 'plain', '-out', 'cbc');
    expect(await t.call('key.decryptCbc', decrypt('cbc', { iv }))).toMatchObject({ bytesOut: length });
    expect(readFileSync(t.path('cbc.plain')).equals(plain)).toBe(true);
    writeFileSync(t.path('front'), Buffer.concat([Buffer.from(iv, 'hex'), readFileSync(t.path('cbc'))]));
    await t.call('key.decryptCbc', decrypt('front'));
    expect(readFileSync(t.path('front.plain')).equals(plain)).toBe(true);
  });

  test('without padding: whole blocks as they are', async () => {
    writeFileSync(t.path('blocks'), Buffer.alloc(64, 'y'));
    openssl('enc', '-aes-256-cbc', '-nopad', '-K', key, '-iv', iv, '-in', 'blocks', '-out', 'nopad');
    await t.call('key.decryptCbc', decrypt('nopad', { iv, padding: 'none' }));
    expect(readFileSync(t.path('nopad.plain')).equals(Buffer.alloc(64, 'y'))).toBe(true);
  });

  test('whatever is wrong has one text, and nothing is left', async () => {
    const whole = readFileSync(t.path('cbc'));
    const wrong = { empty: Buffer.alloc(0), odd: whole.subarray(0, 33), 'another padding': whole.subarray(0, 32), 'a changed end': Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) ?? 0) ^ 1)]) };
    const said = new Set<string>();
    for (const [name, content] of Object.entries(wrong)) {
      writeFileSync(t.path(name), content);
      said.add(JSON.stringify(await t.refused('key.decryptCbc', decrypt(name, { iv }))));
      expect(() => readFileSync(t.path(`${name}.plain`))).toThrow();
    }
    expect([...said]).toHaveLength(1);
    expect(said.values().next().value).toContain('decrypt-failed');
    expect(await t.refused('key.decryptCbc', decrypt('cbc', { iv: '00' }))).toMatchObject({ code: 'request-invalid', field: 'iv' });
  });
});

describe.runIf(casesAreHere)('reports/29', () => {
  test('a P-521 and a P-256 signature between DER and r||s, to the byte', async () => {
    const { ecdsaToDer, ecdsaToP1363 } = await import('../../electron/vault/formats/signing/ecdsaSignature.ts');
    const { a1, a2 } = expectedOf<{ a1: { p1363_hex: string }; a2: { der_hex: string } }>('reports/29');
    expect(Buffer.from(ecdsaToP1363(new Uint8Array(readFileSync(caseFile('reports/29', 'a1-signature.der'))), 'ec-p521')).toString('hex')).toBe(a1.p1363_hex);
    expect(Buffer.from(ecdsaToDer(new Uint8Array(readFileSync(caseFile('reports/29', 'a2-signature.p1363'))), 'ec-p256')).toString('hex')).toBe(a2.der_hex);
  });
});

test('the log has every use, and is whole', async () => {
  const { entries } = await t.call('audit.list', { from: 0, limit: 1000 });
  const acts = new Set(entries.filter(({ kind }) => kind === 'intent').map(({ body }) => String(body['act'])));
  for (const act of ['key.sign', 'key.mac', 'key.verifyMac', 'key.derive', 'key.encapsulate', 'key.decryptCbc']) expect([...acts]).toContain(act);
  await t.call('vault.check', {});
});
