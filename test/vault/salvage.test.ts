/** Damaged vaults: what still opens goes into a new vault, each loss is named, and the damaged file stays as it is. The damage is made by sqlite3 and by bytes. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../shared/ipc/contract.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-salvage-'));
const whole = join(folder, 'whole.strongroom');
/** The same vault before its last changes: where rows are rolled back to. */
const earlier = join(folder, 'earlier.strongroom');
const aes = (name: string) => ({ name, purpose: 'data-encryption', algorithm: 'aes-256', exportable: true }) as const;
const blob = (hex: string) => `X'${hex}'`;
const pageSize = 4096;
const program = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));

/** Hex ids of key versions by `name number`, and of keys by name. */
const ids: Record<string, string> = {};
let head: Pick<Reply<'vault.info'>, 'vaultId' | 'logRoot' | 'logEntries'>;

beforeAll(async () => {
  const t = makeTestCore({ folder });
  await t.create();
  for (const name of ['payroll', 'archive', 'gone']) await t.call('key.generate', aes(name));
  await t.call('key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048' });
  writeFileSync(t.path('plain'), 'wages');
  await t.call('key.encrypt', { key: 'payroll', in: t.read('plain'), out: t.write('sealed') });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', 'private.pem');
  openssl('pkey', '-in', 'private.pem', '-pubout', '-out', 'bank.pem');
  await t.call('recipient.add', { name: 'bank', key: t.read('bank.pem') });
  await t.call('recipient.add', { name: 'once', key: t.read('bank.pem') }).catch(() => undefined);
  await t.call('key.export', { key: 'payroll', to: 'bank', acceptStrength: 128, out: t.write('payroll.oaep'), format: 'rsa-oaep-sha256' });
  await t.call('vault.lock', {});
  copyFileSync(t.vaultPath, earlier);
  await t.unlock();
  await t.call('key.compromise', { key: 'archive', reason: 'found on a stick', occurred: '2026-01-01' });
  await t.call('key.destroy', { key: 'gone', version: 1, reason: 'no use' });
  for (const { id, name } of (await t.call('key.list', {})).keys) {
    ids[name] = id;
    for (const version of (await t.call('key.show', { key: name })).versions) ids[`${name} ${version.number}`] = version.id;
  }
  await t.call('vault.lock', {});
  await t.unlock();
  head = await t.call('vault.info', {});
  await t.close();
  copyFileSync(t.vaultPath, whole);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sqlite = (path: string, sql: string) => execFileSync('sqlite3', ['-bail', path, sql]);
const zeroed = (table: string, where: string) => `UPDATE "${table}" SET sealed = CAST(zeroblob(length(sealed)) AS BLOB) WHERE ${where}`;
const idIs = (name: string) => `id = ${blob(ids[name] ?? '')}`;

/** The pages of a table, its root first. */
function pagesOf(table: string): readonly number[] {
  const root = Number(sqlite(whole, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`).toString());
  const all = sqlite(whole, `SELECT pageno FROM dbstat WHERE name = '${table}' ORDER BY pageno`).toString().trim().split('\n').map(Number);
  return [root, ...all.filter((page) => page !== root)];
}

type Damage = (path: string) => void;
const bySql = (sql: string): Damage => (path) => void sqlite(path, sql);
const byBytes = (change: (file: Uint8Array) => Uint8Array): Damage => (path) => writeFileSync(path, change(new Uint8Array(readFileSync(path))));
const page = (number: number) => byBytes((file) => file.fill(0xaa, (number - 1) * pageSize, number * pageSize));

let count = 0;
interface Salvaged {
  readonly t: TestCore;
  readonly reply: Reply<'vault.salvage'>;
}

/** A copy of the vault, damaged, which the salvage leaves as it is; it takes none that an unlock would open. */
async function salvaged(damage: Damage): Promise<Salvaged> {
  const t = makeTestCore();
  const path = join(t.folder, `damaged-${++count}.strongroom`);
  copyFileSync(whole, path);
  damage(path);
  const before = readFileSync(path);
  const reply = await t.call('vault.salvage', { damaged: t.files.read(path), file: t.write('new.strongroom'), unlockCost: 'minimum' });
  expect(readFileSync(path).equals(before)).toBe(true);
  await t.call('vault.check', {});
  return { t, reply };
}

async function names(t: TestCore): Promise<string[]> {
  return (await t.call('key.list', {})).keys.map(({ name }) => name).sort();
}

async function decrypts(t: TestCore): Promise<boolean> {
  copyFileSync(join(folder, 'sealed'), t.path('sealed'));
  const answer = await t.core.call('key.decrypt', { in: t.read('sealed'), out: t.write('opened') });
  return answer.ok && readFileSync(t.path('opened'), 'utf8') === 'wages';
}

/** Damaged once more: the third vault opens what was encrypted in the first. */
async function again(t: TestCore): Promise<boolean> {
  await t.call('vault.lock', {});
  sqlite(t.path('new.strongroom'), 'DELETE FROM digest');
  await t.call('vault.salvage', { damaged: t.read('new.strongroom'), file: t.write('third.strongroom'), unlockCost: 'minimum' });
  return await t.call('key.decrypt', { in: t.read('sealed'), out: t.write('thrice') }).then(() => readFileSync(t.path('thrice'), 'utf8') === 'wages');
}

const everything = { keys: 4, versions: 4, materials: 3, recipients: 1, distributions: 1, modules: 0, tokens: 0 };
const allNames = ['archive', 'gone', 'payroll', 'release'];

describe('a salvage', () => {
  test('of a vault whose log was cut takes every key, says that nothing vouches for their newest state, and founds a new vault', async () => {
    const { t, reply } = await salvaged(bySql('DELETE FROM entry WHERE seq > 5'));
    expect(reply.saved).toEqual(everything);
    expect(reply.losses).toEqual([]);
    expect(reply.from).toMatchObject({ vaultId: head.vaultId, logEntries: head.logEntries, logEntriesRead: 6, logRoot: head.logRoot });
    expect(reply.findings.join()).toContain('could not be told');
    expect(reply.vault.vaultId).not.toBe(head.vaultId);
    expect(reply.vault.principal.name).toBe('Ada Officer');
    expect(await names(t)).toEqual(allNames);
    expect((await t.call('key.show', { key: 'archive' })).versions[0]?.state).toBe('compromised');
    expect((await t.call('key.show', { key: 'payroll' })).versions[0]?.protections).toBe(1);
    expect(await decrypts(t)).toBe(true);
    const { entries } = await t.call('audit.list', { from: 1, limit: 1 });
    expect(entries[0]).toMatchObject({ kind: 'backup', body: { act: 'vault.salvage', lost: 0, from: { vault: head.vaultId, size: head.logEntries, read: 6 }, saved: everything } });
    await t.call('vault.lock', {});
    await t.call('vault.unlock', { file: t.read('new.strongroom') });
    expect(await again(t)).toBe(true);
    await t.close();
  });

  test('names a row that was edited, and goes on without it', async () => {
    const { t, reply } = await salvaged(bySql(`${zeroed('version', idIs('archive 1'))}; ${zeroed('material', idIs('release 1'))}`));
    expect(await names(t)).toEqual(['gone', 'payroll', 'release']);
    expect(reply.saved).toMatchObject({ keys: 3, versions: 3, materials: 1 });
    expect(reply.losses.sort()).toEqual([
      `a row of the table "version" (${(ids['archive 1'] ?? '').slice(0, 8)}) is lost: it was edited or damaged, and does not authenticate`,
      'the key "archive" is lost: no version of it is left',
      'the material of "release version 1" is lost: it was edited or damaged, and does not authenticate',
    ]);
    expect(await decrypts(t)).toBe(true);
    const { entries } = await t.call('audit.list', { from: 1, limit: 1 });
    expect(entries[0]?.body).toMatchObject({ lost: 3, losses: expect.arrayContaining([{ table: 'version', id: ids['archive 1'], kind: 'unopened' }]) });
    await t.close();
  });

  test('makes the record of a lost key again from what the log says', async () => {
    const { t, reply } = await salvaged(bySql(`DELETE FROM "key" WHERE ${idIs('payroll')}`));
    expect(reply.saved).toEqual(everything);
    expect(reply.losses).toContain('the record of the key "payroll" is lost: it was made again from what the log says, with the periods of its versions and without its limit of uses');
    const whole = makeTestCore();
    copyFileSync(join(folder, 'whole.strongroom'), whole.vaultPath);
    await whole.unlock();
    const [made, was] = [(await t.call('key.show', { key: 'payroll' })).key, (await whole.call('key.show', { key: 'payroll' })).key];
    expect({ ...made, nextDue: made.nextDue?.what }).toEqual({ ...was, nextDue: was.nextDue?.what });
    expect(await decrypts(t)).toBe(true);
    await t.call('key.rotate', { key: 'payroll' });
    await t.close();
    await whole.close();
  });

  test('of a version whose key is lost, and whose log too, says so, and takes neither it nor its material', async () => {
    const { t, reply } = await salvaged(bySql(`DELETE FROM "key" WHERE ${idIs('payroll')}; DELETE FROM entry WHERE seq < 9`));
    expect(await names(t)).toEqual(['archive', 'gone', 'release']);
    expect(reply.losses).toEqual(['version 1 of a key ("payroll v1") is lost: the record of its key is', 'a counter of uses was left out: its key version is lost', 'a distribution was left out: its key version is lost']);
    expect(reply.saved.materials).toBe(2);
    await t.close();
  });

  test('does not let a rolled back row bring a key back to use', async () => {
    const { t, reply } = await salvaged(bySql(`ATTACH '${earlier}' AS old; INSERT OR REPLACE INTO version SELECT * FROM old.version WHERE ${idIs('archive 1')}`));
    expect(reply.losses).toEqual([`a row of the table "version" (${(ids['archive 1'] ?? '').slice(0, 8)}) of "archive version 1" is older than the log says: what was changed last is lost`]);
    expect((await t.call('key.show', { key: 'archive' })).versions[0]).toMatchObject({ state: 'suspended' });
    await t.close();
  });

  test('does not take what was destroyed and put back', async () => {
    const back = ['version', 'material', 'materialKey'].map((table) => `INSERT OR REPLACE INTO "${table}" SELECT * FROM old."${table}" WHERE ${idIs('gone 1')}`);
    const { t, reply } = await salvaged(bySql(`ATTACH '${earlier}' AS old; ${back.join('; ')}`));
    expect(reply.losses.join('\n')).toContain('the material of "gone version 1" was not taken: the log says that it had been removed');
    expect(reply.saved.materials).toBe(3);
    expect((await t.call('key.show', { key: 'gone' })).versions[0]?.state).toBe('suspended');
    await t.close();
  });

  test.each<[string, Damage]>([
    ['an index of another program', bySql('CREATE INDEX fast ON version (revision)')],
    ['a trigger of another program', bySql('CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END')],
    ['a table dropped', bySql('DROP TABLE attempt')],
    ['the state digest removed', bySql('DELETE FROM digest')],
    ['the state digest edited', bySql(zeroed('digest', '1'))],
    ['an entry edited', bySql(zeroed('entry', 'seq = (SELECT max(seq) FROM entry)'))],
    ["the header's vault id", bySql('UPDATE header SET vault = zeroblob(16)')],
    ["the header's seed", bySql('UPDATE header SET seed = zeroblob(32)')],
    ["the header's epoch", bySql('UPDATE header SET epoch = 9')],
    ["the header's genesis", bySql('UPDATE header SET genesis = zeroblob(32)')],
    ['a foreign way in', bySql('INSERT INTO access SELECT zeroblob(16), zeroblob(16), parameters, commitment, daily, approval FROM access')],
    ['the approval key of the way in', bySql('UPDATE access SET approval = CAST(zeroblob(length(approval)) AS BLOB)')],
    ['the first hundred bytes', byBytes((file) => file.fill(0, 0, 100))],
    ['the whole first page, with the schema', page(1)],
    ['a page more than the head says, cut', byBytes((file) => file.subarray(0, file.length - 100))],
    ['a write-ahead log that is not there', byBytes((file) => { file.set([2, 2], 18); return file; })],
  ])('takes everything where %s is what is wrong', async (_, damage) => {
    const { t, reply } = await salvaged(damage);
    expect([reply.saved, reply.losses]).toEqual([everything, []]);
    expect(await names(t)).toEqual(allNames);
    expect(await decrypts(t)).toBe(true);
    await t.close();
  });

  test.each(['usage', 'recipient', 'distribution', 'digest', 'entry', 'principal', 'setting', 'attempt'])('goes around the broken pages of the table "%s", and every key is there', async (table) => {
    const { t, reply } = await salvaged((path) => {
      for (const number of pagesOf(table)) page(number)(path);
    }).catch(async (error: unknown) => {
      if (table !== 'principal') throw error;
      return await withoutName(table);
    });
    expect(await names(t)).toEqual(allNames);
    expect(reply.saved.materials).toBe(3);
    expect(await decrypts(t)).toBe(true);
    if (table === 'recipient') expect(reply.losses.join()).toContain('cannot be read');
    await t.close();
  });

  /** Nobody knows any more who it was: the name is asked for. */
  async function withoutName(table: string): Promise<Salvaged> {
    const t = makeTestCore();
    copyFileSync(whole, t.path('damaged'));
    for (const number of pagesOf(table)) page(number)(t.path('damaged'));
    expect(await t.refused('vault.salvage', { damaged: t.read('damaged'), file: t.write('new.strongroom'), unlockCost: 'minimum' })).toMatchObject({ code: 'request-invalid', field: 'person' });
    expect(existsSync(t.path('new.strongroom'))).toBe(false);
    const reply = await t.call('vault.salvage', { damaged: t.read('damaged'), file: t.write('new.strongroom'), person: 'Ada', unlockCost: 'minimum' });
    return { t, reply };
  }
});

describe('nothing is made', () => {
  const tried = async (damage: Damage, passphrase = 'correct horse battery') => {
    const t = makeTestCore();
    copyFileSync(whole, t.path('damaged'));
    damage(t.path('damaged'));
    t.answers.passphrase = passphrase;
    const error = await t.refused('vault.salvage', { damaged: t.read('damaged'), file: t.write('new.strongroom'), unlockCost: 'minimum' });
    expect(existsSync(t.path('new.strongroom'))).toBe(false);
    await t.close();
    return error;
  };

  test.each<[string, Damage, string, string]>([
    ['of a vault that is whole', () => undefined, 'request-invalid', 'got one that is whole'],
    ['of a vault of a newer version', byBytes((file) => { file[63] = 9; return file; }), 'vault-newer', 'format 9'],
    ['without a header', bySql('DELETE FROM header'), 'vault-tampered', 'the header is lost'],
    ['without a way in', bySql('DELETE FROM access'), 'vault-tampered', 'no way in is left'],
    ['without the root of the rows', bySql("DELETE FROM root WHERE kind = 'metadata'"), 'vault-tampered', 'root that opens the rows is lost'],
    ['of an empty file', byBytes(() => new Uint8Array(0)), 'vault-tampered', 'the header is lost'],
    ['of something else', byBytes(() => new Uint8Array(50_000).fill(7)), 'vault-tampered', 'the header is lost'],
    ['of one page', byBytes((file) => file.subarray(0, pageSize)), 'vault-tampered', 'the header is lost'],
  ])('%s', async (_, damage, code, said) => {
    const error = await tried(damage);
    expect([error.code, error.message.includes(said)], error.message).toEqual([code, true]);
  });

  test('with another passphrase', async () => expect(await tried(bySql('DELETE FROM digest'), 'another passphrase')).toMatchObject({ code: 'wrong-passphrase' }));

  test('while a journal lies beside it', async () => {
    const error = await tried((path) => {
      bySql('DELETE FROM digest')(path);
      writeFileSync(`${path}-journal`, 'half a commit');
    });
    expect(error).toMatchObject({ code: 'vault-in-use', message: expect.stringContaining('a journal lies beside') });
  });

  test('over a file that is there, and before anything is asked', async () => {
    const t = makeTestCore();
    writeFileSync(t.path('new.strongroom'), 'mine');
    writeFileSync(t.path('damaged'), '');
    expect(await t.refused('vault.salvage', { damaged: t.read('damaged'), file: t.write('new.strongroom') })).toMatchObject({ code: 'file-exists' });
    expect(readFileSync(t.path('new.strongroom'), 'utf8')).toBe('mine');
    await t.close();
  });
});

test('on the command line, also into a new passphrase', () => {
  copyFileSync(whole, join(folder, 'damaged.strongroom'));
  sqlite(join(folder, 'damaged.strongroom'), 'DELETE FROM digest');
  writeFileSync(join(folder, 'pass'), 'correct horse battery\n');
  writeFileSync(join(folder, 'new'), 'another horse, another battery\n');
  const run = (line: string) => spawnSync(process.execPath, [program, ...line.split(' ')], { cwd: folder, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: folder } });
  const salvage = run('vault salvage damaged.strongroom --vault salvaged.strongroom --passphrase-file pass --new-passphrase-file new --unlock-cost minimum --json');
  expect(JSON.parse(salvage.stdout)).toMatchObject({ ok: true, value: { saved: everything, losses: [] } });
  expect(run('key list --vault salvaged.strongroom --passphrase-file pass').status).toBe(4);
  const keys = run('key list --vault salvaged.strongroom --passphrase-file new');
  expect([keys.status, allNames.every((name) => keys.stdout.includes(name))], keys.stderr).toEqual([0, true]);
}, 60_000);

test('of a large vault with broken pages in the middle, only what stood on them is lost', async () => {
  const t = makeTestCore();
  await t.create();
  for (let number = 0; number < 60; number++) await t.call('key.generate', aes(`key ${number}`));
  await t.call('vault.lock', {});
  const leaves = sqlite(t.vaultPath, "SELECT pageno FROM dbstat WHERE name = 'version' AND pagetype = 'leaf' ORDER BY path").toString().trim().split('\n').map(Number);
  const broken = [leaves[2], leaves.at(-3)] as [number, number];
  const onThem = sqlite(t.vaultPath, `SELECT sum(ncell) FROM dbstat WHERE pageno IN (${broken.join()})`).toString().trim();
  for (const number of broken) page(number)(t.vaultPath);
  const reply = await t.call('vault.salvage', { damaged: t.read('test.strongroom'), file: t.write('new.strongroom'), unlockCost: 'minimum' });
  expect(reply.losses.filter((loss) => loss.includes('table "version"'))).toHaveLength(Number(onThem));
  expect(reply.saved.keys).toBe(60 - Number(onThem));
  expect(reply.saved.materials).toBe(reply.saved.keys);
  expect(reply.losses.filter((loss) => loss.includes('table "version"')).every((loss) => loss.endsWith('is lost: its place in the file cannot be read'))).toBe(true);
  await t.call('vault.check', {});
  await t.close();
}, 60_000);
