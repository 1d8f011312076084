/** Names, folders and mounts that users have: deceptive, awkward, read-only. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseFile, casesAreHere } from '../fixtures/cases.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const strongroom = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));

describe.runIf(casesAreHere)('forms/29: deceptive names', () => {
  let t: TestCore;
  const name = casesAreHere ? readFileSync(caseFile('forms/29', 'name.txt'), 'utf8') : '';
  beforeAll(async () => {
    t = makeTestCore();
    await t.create();
  });
  afterAll(() => t.close());

  const harmless = (error: { readonly message: string }) => {
    expect(error.message).toMatch(/U\+202E|U\+000A/);
    expect(JSON.stringify(error)).not.toMatch(/\u202e|\\n|\\u202e/);
  };

  test('of a key', async () => harmless(await t.refused('key.generate', { name, purpose: 'data-encryption', algorithm: 'aes-256' })));

  test('of a recipient', async () => {
    const answer = await t.refused('recipient.add', { name, key: t.files.read(caseFile('forms/02', 'recipient.pem')) });
    harmless(answer);
  });

  test.each(['\u202e', '\n', '\u200b', '\u0000'])('of a file, with %j', async (character) => {
    await t.core.call('key.generate', { name: 'plain', purpose: 'data-encryption', algorithm: 'aes-256' });
    const path = t.path(`pay${character}roll`);
    for (const request of [{ in: t.files.read(path), out: t.write('never') }, { in: t.files.read(t.vaultPath.replace('test.strongroom', 'nothing')), out: t.files.write(path, false) }]) {
      const error = await t.refused('key.encrypt', { key: 'plain', ...request });
      expect(JSON.stringify(error)).not.toContain(JSON.stringify(character).slice(1, -1));
      expect(JSON.stringify(error)).not.toContain(character);
    }
    expect(readdirSync(t.folder).filter((left) => left.startsWith('pay'))).toEqual([]);
  });
});

describe.runIf(casesAreHere)('forms/30: awkward paths', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const run = (...args: string[]) => spawnSync(process.execPath, [strongroom, ...args], { cwd: folder, env, encoding: 'utf8' });
  const secrets = ['--vault', 'v.strongroom', '--passphrase-file', 'pass'];

  beforeAll(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'strongroom-awkward-')), 'my vaults; é "quoted"');
    mkdirSync(folder);
    writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
    env = { ...process.env, XDG_STATE_HOME: folder };
  });
  afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  test('create, unlock, export and verify the log', () => {
    const done = (...args: string[]) => expect([args[1], run(...args).status]).toEqual([args[1], 0]);
    done('vault', 'create', ...secrets, '--person', 'Ada', '--unlock-cost', 'minimum');
    done('key', 'generate', 'one', ...secrets, '--purpose', 'data-encryption', '--algorithm', 'aes-256');
    done('vault', 'info', ...secrets);
    done('audit', 'export', ...secrets, '--out', 'log é.jsonl');
    done('audit', 'verify', '--log', 'log é.jsonl');
  });
});

describe.runIf(casesAreHere && process.getuid?.() === 0)('reports/33: a read-only folder with spaces and accents', () => {
  let folder: string;
  let mounted: string | undefined;
  let env: NodeJS.ProcessEnv;
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [strongroom, ...args], { cwd: folder, env, encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'strongroom-readonly-'));
    writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
    writeFileSync(join(folder, 'app.tar'), 'an application');
    env = { ...process.env, XDG_STATE_HOME: folder, TMPDIR: folder };
    const secrets = ['--vault', join(folder, 'v.strongroom'), '--passphrase-file', 'pass'];
    run('vault', 'create', ...secrets, '--person', 'Ada', '--unlock-cost', 'minimum');
    run('key', 'generate', 'signer', ...secrets, '--purpose', 'signature', '--algorithm', 'ec-p256');
    run('key', 'generate', 'other', ...secrets, '--purpose', 'data-encryption', '--algorithm', 'aes-256');
    mounted = execFileSync('sh', [caseFile('reports/33', 'setup-readonly.sh'), join(folder, 'v.strongroom')], { env, encoding: 'utf8' }).trim();
  });
  afterAll(() => {
    spawnSync('umount', [join(folder, 'strongroom case 33')]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('opens, says that it is read-only, and lists; a change and a use that could not be recorded are refused; no file is made', () => {
    const vault = join(mounted ?? '', 'v.strongroom');
    const secrets = ['--vault', vault, '--passphrase-file', 'pass'];
    const before = readdirSync(mounted ?? '');
    const list = run('key', 'list', ...secrets);
    expect(list.status).toBe(0);
    expect(list.said).toMatch(/read-only/);
    expect(list.said).toContain('signer');
    expect(list.said).toContain('other');
    for (const args of [['key', 'sign', 'signer', 'app.tar'], ['key', 'suspend', 'other', '--reason', 'audit']]) {
      const { status, said } = run(...args, ...secrets);
      expect(status).toBe(3);
      expect(said).toMatch(/read-only/);
    }
    expect(existsSync(join(folder, 'app.tar.sig'))).toBe(false);
    expect(readdirSync(mounted ?? '')).toEqual(before);
    const created = run('vault', 'create', '--vault', join(mounted ?? '', 'new.strongroom'), '--passphrase-file', 'pass', '--person', 'Ada');
    expect(created.status).toBe(3);
    expect(readdirSync(mounted ?? '')).toEqual(before);
    copyFileSync(vault, join(folder, 'copy.strongroom'));
    expect(run('key', 'suspend', 'other', '--reason', 'audit', '--vault', join(folder, 'copy.strongroom'), '--passphrase-file', 'pass').said).not.toContain('internal');
  });
});
