/** What this computer remembers of a vault, as a host meets it: through the core's door with its prompt, and on the command line. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAnchors } from '../../electron/vault/unlock/anchorFile.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const root = mkdtempSync(join(tmpdir(), 'strongroom-seats-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let path: string;
let anchorsPath: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'seat-'));
  path = join(folder, 'v.strongroom');
  anchorsPath = join(folder, 'state/strongroom/anchors.json');
});

describe('through the door', () => {
  const opened: TestCore[] = [];
  afterEach(async () => {
    for (const t of opened.splice(0)) await t.close();
  });
  const sit = () => {
    const t = makeTestCore({ folder, anchorsPath });
    opened.push(t);
    return t;
  };

  test('an older copy is asked about at the prompt; the answer is in the log; the check says what it could prove', async () => {
    const t = sit();
    expect((await t.create()).seenBefore).toBeUndefined();
    await t.call('vault.lock', {});
    copyFileSync(t.vaultPath, t.path('kept'));
    expect(await t.unlock()).toMatchObject({ findings: [], seenBefore: expect.stringContaining('(1 entry)') });
    await t.call('key.generate', { name: 'k', purpose: 'data-encryption', algorithm: 'aes-256' });
    expect((await t.call('vault.check', {})).findings).toEqual([expect.stringMatching(/^the log extends what this computer saw on .* \(1 entry\)$/)]);
    const { logEntries } = await t.call('vault.info', {});
    await t.call('vault.lock', {});
    copyFileSync(t.path('kept'), t.vaultPath);
    t.answers.confirm = () => 'yes';
    expect(await t.refused('vault.unlock', { file: t.read('test.strongroom') })).toMatchObject({ code: 'vault-rolled-back', nextStep: expect.stringContaining('--confirm-copy') });
    expect(t.asked.at(-1)).toMatchObject({ why: 'copy', expected: String(logEntries - 1) });
    t.answers.confirm = undefined;
    expect((await t.unlock()).findings).toEqual([expect.stringContaining('the file is an older copy of the vault')]);
    expect((await t.call('audit.list', {})).entries.at(-1)).toMatchObject({ kind: 'anchor', body: { departure: 'rolled-back', missing: logEntries - 1, seen: logEntries } });
    expect((await t.call('key.list', {})).keys).toEqual([]);
    await t.call('audit.export', { out: t.write('log.jsonl') });
    expect(await t.call('audit.verify', { log: t.read('log.jsonl') })).toMatchObject({ entries: 3 });
  });

  test('a recovery of an older copy is asked about as an unlock is', async () => {
    const t = sit();
    await t.create();
    const words = () => [...readFileSync(t.path('sheet.html'), 'utf8').matchAll(/<li>(\w+)<\/li>/g)].map(([, word]) => word).join(' ');
    t.answers.words = words;
    await t.call('vault.recoverySheet', { out: t.write('sheet.html') });
    await t.call('vault.lock', {});
    copyFileSync(t.vaultPath, t.path('kept'));
    await t.unlock();
    await t.call('vault.lock', {});
    copyFileSync(t.path('kept'), t.vaultPath);
    t.answers.confirm = () => '';
    const recovery = () => ({ file: t.read('test.strongroom'), unlockCost: 'minimum' as const });
    expect(await t.refused('vault.recover', recovery())).toMatchObject({ code: 'vault-rolled-back' });
    t.answers.confirm = undefined;
    await t.call('vault.recover', recovery());
    expect((await t.call('audit.list', {})).entries.slice(-3).map(({ kind }) => kind)).toEqual(['unlock', 'anchor', 'epoch']);
  });

  test('two seats that changed copies of one vault: said, with nothing merged', async () => {
    const t = sit();
    await t.create();
    await t.call('vault.lock', {});
    const other = makeTestCore({ folder: join(folder, 'seat'), anchorsPath: join(folder, 'seat.json') });
    opened.push(other);
    mkdirSync(other.folder);
    copyFileSync(t.vaultPath, other.vaultPath);
    for (const seat of [t, other]) {
      await seat.unlock();
      await seat.call('key.generate', { name: seat === t ? 'here' : 'there', purpose: 'data-encryption', algorithm: 'aes-256' });
      await seat.call('vault.lock', {});
    }
    copyFileSync(other.vaultPath, t.vaultPath);
    t.answers.confirm = () => '';
    expect(await t.refused('vault.unlock', { file: t.read('test.strongroom') })).toMatchObject({ code: 'vault-forked' });
    await t.call('vault.unlock', { file: t.read('test.strongroom'), readOnly: true });
    expect((await t.call('key.list', {})).keys.map(({ name }) => name)).toEqual(['there']);
  });
});

describe('on the command line', () => {
  const strongroom = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
  const run = (...words: string[]) => spawnSync(process.execPath, [strongroom, ...words, '--vault', path, '--passphrase-file', join(folder, 'pass')], { cwd: folder, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') }, stdio: ['ignore', 'pipe', 'pipe'] });

  test('an older copy ends with status 3 and the next step; read-only it lists; with the number it goes on', () => {
    writeFileSync(join(folder, 'pass'), 'correct horse battery');
    expect(run('vault', 'create', '--person', 'Ada', '--unlock-cost', 'minimum')).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(readAnchors(anchorsPath))).toHaveLength(1);
    copyFileSync(path, `${path}.old`);
    expect(run('key', 'generate', 'k', '--purpose', 'data-encryption', '--algorithm', 'aes-256')).toMatchObject({ status: 0, stderr: '' });
    copyFileSync(path, `${path}.new`);
    copyFileSync(`${path}.old`, path);
    const refused = run('key', 'list');
    expect([refused.status, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toMatch(/^strongroom: the file is an older copy of the vault: its log has 1 entry, and this computer saw (\d+) .*\n {2}next: .*--confirm-copy NUMBER/);
    expect(run('key', 'list', '--confirm-copy', '1').status).toBe(3);
    expect(run('key', 'list', '--read-only')).toMatchObject({ status: 0, stdout: 'none\n', stderr: expect.stringContaining('strongroom: note: the file is an older copy of the vault') });
    const missing = /the newest (\d+) entries are missing/.exec(refused.stderr)?.[1] ?? '';
    expect(run('key', 'list', '--confirm-copy', missing)).toMatchObject({ status: 0, stdout: 'none\n' });
    expect(run('vault', 'check').stdout).toContain('the log extends what this computer saw on');
    copyFileSync(`${path}.new`, path);
    expect(run('key', 'list', '--json')).toMatchObject({ status: 3, stdout: expect.stringContaining('"code":"vault-forked"') });
  });

  test('a copy that is opened in another place is said once, also where the answer is about something else', () => {
    writeFileSync(join(folder, 'pass'), 'correct horse battery');
    run('vault', 'create', '--person', 'Ada', '--unlock-cost', 'minimum');
    const here = path;
    path = join(folder, 'copy.strongroom');
    copyFileSync(here, path);
    expect(run('key', 'list')).toMatchObject({ status: 0, stderr: expect.stringContaining(`note: this vault was last opened at ${here}`) });
    expect(run('key', 'list')).toMatchObject({ status: 0, stderr: '' });
  });
});
