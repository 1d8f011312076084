/** Interrupted work: settled at the unlock where no token is needed, by `vault.reconcile` or at the token's next use elsewhere; its result files are finished or removed. */
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { IntentRecord, OutputRecord, Place } from '../../electron/vault/records/records.ts';
import { put, VaultRecords } from '../../electron/vault/records/vaultRecords.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';
import { temporaryName } from '../../electron/vault/work/outputFile.ts';
import { openToken, testLauncher } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

let token: SoftHsmToken;
let t: TestCore;
let onToken: Place;
const software: Place = { kind: 'software' };

beforeAll(async () => {
  token = makeSoftHsmToken('officers');
  t = makeTestCore({ token, launcher: testLauncher('process') });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(token.modulePath) });
  await t.call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
  onToken = { kind: 'pkcs11', label: 'officers', serial: token.serial, manufacturer: (await t.call('token.list', {})).tokens[0]?.manufacturer ?? '' };
  writeFileSync(t.path('plain'), 'plain');
});
afterAll(async () => {
  await t.close();
  token.remove();
});
beforeEach(() => {
  t.now += 10 * 60 * 1000;
});

/** Leaves the vault as a crash would, between intent and outcome or between outcome and the names of its files. */
async function interrupt(more: Partial<IntentRecord> & Pick<IntentRecord, 'act' | 'place'>): Promise<void> {
  await t.call('vault.lock', {});
  const passphrase = () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(t.answers.passphrase)));
  const { vault } = await unlockVault({ path: t.vaultPath, passphrase, clock: { now: () => t.now } });
  const version = [...new VaultRecords(vault).all('version')][0]?.id ?? randomBytes(16);
  const record: IntentRecord = { at: t.now, entry: vault.log.size, key: randomBytes(16), version, ...more };
  vault.commit({ kind: 'intent', body: {}, puts: [put('intent', randomBytes(16), record)] });
  vault.close();
}

/** The id of the only version of a key. */
async function versionOf(name: string): Promise<Uint8Array> {
  const { entries } = await t.call('audit.list', {});
  const made = entries.findLast(({ kind, body }) => kind === 'intent' && body.act === 'key.adopt' && body.name === name);
  return Buffer.from(String(made?.body.version), 'hex');
}

function leftFile(name: string, made: boolean, overwrite = false): OutputRecord {
  const output = { path: t.path(name), mark: randomBytes(6), overwrite, made };
  writeFileSync(temporaryName(output), `what was made of ${name}`);
  return output;
}

const temporaries = () => readdirSync(t.folder).filter((name) => name.endsWith('.tmp'));
const settledEntry = async () => (await t.call('audit.list', {})).entries.findLast(({ body }) => 'settled' in body);

describe('in this vault', () => {
  test('is settled at the unlock, and said; what was not finished is removed, and the log names no file', async () => {
    await interrupt({ act: 'key.decrypt', place: software, outputs: [leftFile('secret-plan.txt', false)] });
    const { findings, interrupted } = await t.unlock();
    expect(findings.join('\n')).toMatch(/settled: key\.decrypt in this vault, begun .* \(log entry \d+\): the use is counted; .* the unfinished .*secret-plan\.txt\.[0-9a-f]{12}\.tmp was removed/);
    expect([interrupted, temporaries()]).toEqual([0, []]);
    const entry = await settledEntry();
    expect(entry?.body).toMatchObject({ act: 'key.decrypt', ok: false, code: 'interrupted', filesRemoved: 1, filesNamed: 0 });
    expect(JSON.stringify(entry)).not.toContain('secret-plan');
    await t.call('vault.lock', {});
    expect((await t.unlock()).findings.join()).not.toMatch(/settled|interrupted/);
    await t.call('vault.check', {});
  });

  test('what has its outcome in the log gets its name, unless another file has it', async () => {
    const half = leftFile('half', true);
    linkSync(temporaryName(half), half.path); // named, and killed before the temporary name went
    writeFileSync(t.path('taken'), 'of somebody else');
    writeFileSync(t.path('replaced'), 'an older one');
    await interrupt({ act: 'key.sign', place: software, outcome: 3, outputs: [leftFile('whole', true), half, leftFile('taken', true), leftFile('replaced', true, true), leftFile('failed', false)] });
    const { findings } = await t.unlock();
    expect(findings.join('\n')).toContain(`${t.path('taken')} was taken meanwhile by another file: the result was removed`);
    expect(['whole', 'half', 'taken', 'replaced'].map((name) => readFileSync(t.path(name), 'utf8'))).toEqual(['what was made of whole', 'what was made of half', 'of somebody else', 'what was made of replaced']);
    expect([existsSync(t.path('failed')), temporaries()]).toEqual([false, []]);
    expect((await settledEntry())?.body).toMatchObject({ ok: true, filesNamed: 3, filesRemoved: 2 });
  });

  test('a link in the place of a temporary file is left alone', async () => {
    const output = { path: t.path('linked'), mark: randomBytes(6), overwrite: false, made: false };
    symlinkSync(t.path('plain'), temporaryName(output));
    await interrupt({ act: 'key.encrypt', place: software, outputs: [output] });
    await t.unlock();
    expect([readFileSync(t.path('plain'), 'utf8'), temporaries().length]).toEqual(['plain', 1]);
  });

  test('a read-only opening settles nothing, and says what waits', async () => {
    await interrupt({ act: 'key.encrypt', place: software, outputs: [leftFile('later', false)] });
    const { findings, interrupted } = await t.call('vault.unlock', { file: t.read('test.strongroom'), readOnly: true });
    expect(findings.join()).toMatch(/interrupted: key\.encrypt in this vault.*once the vault is opened for writing/);
    expect([interrupted, temporaries().length]).toEqual([1, 2]);
    await t.call('vault.lock', {});
    expect((await t.unlock()).interrupted).toBe(0);
  });

  test('work that ended leaves a row until the next intent takes it along', async () => {
    await t.call('key.generate', { name: 'cipher', purpose: 'data-encryption', algorithm: 'aes-256' });
    await t.call('key.encrypt', { key: 'cipher', in: t.read('plain'), out: t.write('one.sr') });
    await t.call('key.encrypt', { key: 'cipher', in: t.read('plain'), out: t.write('two.sr') });
    await t.call('vault.lock', {});
    expect((await t.unlock()).interrupted).toBe(0);
    await t.call('vault.lock', {});
    const { vault } = await unlockVault({ path: t.vaultPath, passphrase: () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(t.answers.passphrase))), clock: { now: () => t.now } });
    expect([...new VaultRecords(vault).all('intent')]).toHaveLength(1);
    vault.close();
    await t.unlock();
  });
});

describe('on a token', () => {
  const labels = async () => (await t.call('token.info', { token: 'officers' })).keys.map(({ label }) => label);

  async function orphan(label: string): Promise<Uint8Array> {
    const { modules, provider } = await openToken(token);
    const id = randomBytes(16);
    await provider.generate({ id, label, algorithm: 'aes-256', purpose: 'data-encryption', exportable: false });
    await modules.close();
    return id;
  }

  test('waits for the token; its files do not', async () => {
    await interrupt({ act: 'key.sign', place: onToken, outputs: [leftFile('on-token.sig', false)] });
    t.now += 10 * 60 * 1000;
    const { findings, interrupted } = await t.unlock();
    expect(findings.join('\n')).toMatch(/interrupted: key\.sign on the token "officers", .*on-token\.sig\.\w+\.tmp was removed; it is settled when a key there is next used, or by `vault reconcile`/);
    expect(interrupted).toBe(1);
    const { settled, waiting } = await t.call('vault.reconcile', {});
    expect(waiting).toEqual([]);
    expect(settled).toMatchObject([{ act: 'key.sign', place: { kind: 'pkcs11', name: 'officers' }, how: 'the use is counted; whether a result was made is not known' }]);
    expect((await t.call('vault.info', {})).interrupted).toBe(0);
    expect(await t.call('vault.reconcile', {})).toEqual({ settled: [], waiting: [] });
  });

  test('a token that is away is said, and the work goes on waiting', async () => {
    await interrupt({ act: 'key.generate', place: onToken, version: await orphan('nobodys') });
    t.now += 10 * 60 * 1000;
    await t.unlock();
    const [pulled = ''] = readdirSync(`${token.folder}/tokens`);
    renameSync(`${token.folder}/tokens/${pulled}`, `${token.folder}/away`);
    const { settled, waiting } = await t.call('vault.reconcile', {});
    expect(settled).toEqual([]);
    expect(waiting).toMatchObject([{ act: 'key.generate', why: expect.stringMatching(/token/) }]);
    renameSync(`${token.folder}/away`, `${token.folder}/tokens/${pulled}`);
    await t.call('vault.lock', {});
    expect((await t.unlock()).interrupted).toBe(1);
    expect((await t.call('vault.reconcile', {})).settled).toMatchObject([{ how: 'the key that was made was destroyed' }]);
    expect(await labels()).not.toContain('nobodys');
  });

  test('without bubblewrap a module may still be at it: nothing is concluded before its time is over', async () => {
    const version = await orphan('late');
    await interrupt({ act: 'key.generate', place: onToken, version });
    await t.unlock();
    const { waiting } = await t.call('vault.reconcile', {});
    expect(waiting).toMatchObject([{ act: 'key.generate', why: expect.stringContaining('the module may still be at it until') }]);
    expect(await labels()).toContain('late'); // a use of the token settles nothing before then, and is not held up
    t.now += 201_000;
    expect((await t.call('vault.reconcile', {})).settled).toHaveLength(1);
    expect(await labels()).not.toContain('late');
  });

  test('a key that another program made is not taken for destroyed because its CKA_ID is its own', async () => {
    token.pkcs11Tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'theirs', '--id', '77', '--usage-sign');
    await t.call('key.adopt', { key: 'theirs', token: 'officers', name: 'adopted', purpose: 'signature' });
    await interrupt({ act: 'key.destroy', place: onToken, version: await versionOf('adopted') });
    t.now += 10 * 60 * 1000;
    await t.unlock();
    expect((await t.call('vault.reconcile', {})).settled).toMatchObject([{ act: 'key.destroy', how: 'nothing was destroyed' }]);
    expect((await t.call('key.show', { key: 'adopted' })).versions).toMatchObject([{ state: 'active' }]);
    expect(await labels()).toContain('theirs');
  });

  test('a wrong PIN settles nothing, and is refused as everywhere', async () => {
    await interrupt({ act: 'key.sign', place: onToken });
    t.now += 10 * 60 * 1000;
    await t.unlock();
    t.answers.pin = '000000';
    expect((await t.refused('vault.reconcile', {})).code).toBe('pin-wrong');
    t.answers.pin = token.userPin;
    expect((await t.call('vault.info', {})).interrupted).toBe(1);
    expect((await t.call('vault.reconcile', {})).settled).toHaveLength(1);
  });
});
