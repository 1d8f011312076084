/** The files of a window host: what it remembers, paths that a person types, names that go on from them, a Chromium and who manages it. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findChromium, managedExtensions } from '../../electron/chromium/findChromium.ts';
import { completions } from '../../electron/chromium/promptPage.ts';
import { FileDesk, pathFault, typedPath, withEnding } from '../../electron/host/window/fileDesk.ts';
import { SettingsFile } from '../../electron/host/window/settingsFile.ts';
import { anchorsPath, settingsPath } from '../../electron/host/userFolders.ts';
import type { ReadGrant, WriteGrant } from '../../electron/vault/index.ts';
import type { FileUse } from '../../shared/ipc/windowContract.ts';

let folder: string;
const path = (...names: string[]) => join(folder, ...names);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-host-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the settings file', () => {
  const file = () => path('deep', 'window.json');
  const fresh = { appearance: 'system', idleMinutes: 5, zone: 'local' };
  const day = 86_400_000;

  test('is written for this user alone, in a folder for this user alone, and nothing is left beside it', () => {
    const settings = new SettingsFile(file());
    expect([settings.settings, existsSync(file())]).toEqual([fresh, false]);
    settings.saveSeal({ form: 2, phrase: 'one two three', chosen: '2026-01-02' });
    settings.saveSettings({ appearance: 'dark', idleMinutes: 1, zone: 'utc' });
    expect([statSync(file()).mode & 0o777, statSync(path('deep')).mode & 0o777, existsSync(`${file()}.new`)]).toEqual([0o600, 0o700, false]);
    const again = new SettingsFile(file());
    expect([again.settings, again.seal]).toEqual([{ appearance: 'dark', idleMinutes: 1, zone: 'utc' }, { form: 2, phrase: 'one two three', chosen: '2026-01-02' }]);
  });

  test('keeps its mode where a file that others may read was there before', () => {
    mkdirSync(path('deep'));
    writeFileSync(file(), '{}', { mode: 0o644 });
    writeFileSync(`${file()}.new`, 'left over', { mode: 0o666 });
    chmodSync(`${file()}.new`, 0o666);
    new SettingsFile(file()).saveSettings({ appearance: 'dark', idleMinutes: 1, zone: 'utc' });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"v":1,'],
    ['another version', JSON.stringify({ v: 2, settings: fresh, recent: [] })],
    ['a setting that nobody could choose', JSON.stringify({ v: 1, settings: { ...fresh, idleMinutes: 100_000 }, recent: [] })],
    ['a field that we do not know', JSON.stringify({ v: 1, settings: fresh, recent: [], more: 1 })],
    ['a seal that cannot be drawn', JSON.stringify({ v: 1, settings: fresh, recent: [], seal: { form: 99, phrase: 'x', chosen: '2026-01-02' } })],
    ['a vault whose id is no number', JSON.stringify({ v: 1, settings: fresh, recent: [{ id: 'x', path: '/a', lastOpened: '2026-01-02T03:04:05.000Z' }] })],
  ])('that holds %s is as if it were not there, and is left where it is until something is saved', (_, text) => {
    mkdirSync(path('deep'));
    writeFileSync(file(), text);
    const settings = new SettingsFile(file());
    expect([settings.settings, settings.recent(), settings.seal]).toEqual([fresh, [], undefined]);
    expect(readFileSync(file(), 'utf8')).toBe(text);
    settings.remember(path('a.strongroom'), Date.now());
    expect(new SettingsFile(file()).recent()).toHaveLength(1);
  });

  test('remembers the ten vaults that were opened last, each once, the newest first', () => {
    const settings = new SettingsFile(file());
    for (let number = 1; number <= 12; number += 1) settings.remember(path(`${number}.strongroom`), number * day);
    settings.remember(path('5.strongroom'), 20 * day);
    const recent = new SettingsFile(file()).recent();
    expect(recent.map(({ name }) => name)).toEqual([5, 12, 11, 10, 9, 8, 7, 6, 4, 3].map((number) => `${number}.strongroom`));
    expect(new Set(recent.map(({ id }) => id)).size).toBe(10);
    expect(recent[0]).toMatchObject({ folder, lastOpened: '1970-01-21T00:00:00.000Z', there: false });
  });

  test('says whether a vault is there, gives its path by its id, and forgets it', () => {
    const settings = new SettingsFile(file());
    settings.remember(path('a.strongroom'), day);
    settings.remember(path('b.strongroom'), day);
    writeFileSync(path('a.strongroom'), '');
    const [b, a] = settings.recent();
    expect([a?.there, b?.there, settings.recentPath(a?.id ?? '')]).toEqual([true, false, path('a.strongroom')]);
    settings.forget(a?.id ?? '');
    expect([settings.recentPath(a?.id ?? ''), settings.recent().map(({ name }) => name)]).toEqual([undefined, ['b.strongroom']]);
    settings.remember(path('c.strongroom'), day);
    expect(new Set(settings.recent().map(({ id }) => id)).size).toBe(2);
  });

  test('is where the system has the settings of a user', () => {
    if (process.platform !== 'linux') return;
    expect(settingsPath({}, '/users/ada')).toBe('/users/ada/.config/strongroom/window.json');
    expect(settingsPath({ XDG_CONFIG_HOME: '' }, '/users/ada')).toBe('/users/ada/.config/strongroom/window.json');
    expect(settingsPath({ XDG_CONFIG_HOME: '/etc/ada' }, '/users/ada')).toBe('/etc/ada/strongroom/window.json');
    expect(anchorsPath({}, '/users/ada')).toBe('/users/ada/.local/state/strongroom/anchors.json');
    expect(anchorsPath({ XDG_STATE_HOME: '/var/ada', STRONGROOM_ANCHORS: '/elsewhere' }, '/users/ada')).toBe('/var/ada/strongroom/anchors.json');
    expect(anchorsPath({ XDG_STATE_HOME: 'var/ada' }, '/users/ada')).toBe('/users/ada/.local/state/strongroom/anchors.json');
  });
});

describe('a path that is typed', () => {
  test('begins at the folder, at the root or at the home', () => {
    expect(typedPath('a.strongroom', '/vaults')).toBe('/vaults/a.strongroom');
    expect(typedPath('../a', '/vaults/b')).toBe('/vaults/a');
    expect(typedPath('/else/../a', '/vaults')).toBe('/a');
    expect(typedPath('~', '/vaults')).toBe(homedir());
    expect(typedPath('~/a', '/vaults')).toBe(join(homedir(), 'a'));
    expect(typedPath('~ada/a', '/vaults')).toBe('/vaults/~ada/a');
  });

  test('gets the ending of its use, once', () => {
    expect(withEnding('/a', 'new-vault')).toBe('/a.strongroom');
    expect(withEnding('/a.strongroom', 'new-vault')).toBe('/a.strongroom');
    expect(withEnding('/a', 'sign')).toBe('/a');
  });

  test('says what is wrong with it', () => {
    writeFileSync(path('there'), '');
    const faults = (use: FileUse, replace = false) => ['there', 'absent', '.', join('nowhere', 'file')].map((name) => pathFault(path(name), use, replace));
    expect(faults('sign')).toEqual([undefined, expect.stringContaining('no such file'), expect.stringContaining('it is a folder'), expect.stringContaining('no such file')]);
    expect(faults('export-log')).toEqual([expect.stringContaining('there already'), undefined, expect.stringContaining('it is a folder'), expect.stringContaining('no such folder')]);
    expect(faults('export-log', true)[0]).toBeUndefined();
    expect(faults('new-vault', true)[0]).toContain('never overwritten');
  });
});

describe('a grant for a file', () => {
  const grants: (ReadGrant | WriteGrant)[] = [];
  /** A fake: it numbers its grants. */
  const fakeCore = { grant: (grant: ReadGrant | WriteGrant) => Promise.resolve(`grant ${grants.push(grant)}`) };
  const fakeChooser = { choose: () => Promise.reject(new Error('not asked here')) };
  const desk = () => new FileDesk(fakeCore, fakeChooser, folder);
  beforeEach(() => {
    grants.length = 0;
  });

  test.each([
    ['sign', 'app.tar', 'app.tar.sig'],
    ['encrypt', 'wages.csv', 'wages.csv.sr'],
    ['decrypt', 'wages.csv.sr', 'wages.csv'],
    ['decrypt', 'wages', 'wages.decrypted'],
    ['verify', 'app.tar', undefined],
  ] as const)('to %s %s has its result beside it, and never replaces a file: %s', async (use, name, beside) => {
    const chosen = await desk().grant(path(name), use, true);
    expect([chosen.name, chosen.folder, chosen.beside?.name]).toEqual([name, folder, beside]);
    expect(grants).toEqual([{ kind: 'read', path: path(name) }, ...(beside === undefined ? [] : [{ kind: 'write', path: path(beside), overwrite: false }])]);
  });

  test('to write replaces only what a person said', async () => {
    await desk().grant(path('log'), 'export-log', true);
    await desk().grant(path('log'), 'export-log', false);
    expect(grants.map((grant) => grant.kind === 'write' && grant.overwrite)).toEqual([true, false]);
  });

  test('of a vault is known by its path, and of nothing else', async () => {
    const files = desk();
    const vault = await files.grant(path('a.strongroom'), 'open-vault', false);
    const other = await files.grant(path('b'), 'sign', false);
    expect([vault.grant, other.grant, 'made up', 7, undefined].map((grant) => files.vaultPath(grant))).toEqual([path('a.strongroom'), undefined, undefined, undefined, undefined]);
  });
});

describe('a file that is read more than once', () => {
  const grants: (ReadGrant | WriteGrant)[] = [];
  /** A fake: it numbers its grants. */
  const desk = () => new FileDesk({ grant: (grant) => Promise.resolve(`grant ${grants.push(grant)}`) }, { choose: () => Promise.reject(new Error('not asked here')) }, folder);

  test('is the key file that was chosen last, for who holds a grant of it, each time with a grant of its own', async () => {
    const files = desk();
    const first = await files.grant(path('a.p12'), 'key-file', false);
    const again = await files.again(first.grant);
    expect([again.name, again.folder, again.grant === first.grant, grants.at(-1)]).toEqual(['a.p12', folder, false, { kind: 'read', path: path('a.p12') }]);
    expect((await files.again(again.grant)).name).toBe('a.p12');
    await files.grant(path('b.p12'), 'key-file', false);
    await expect(files.again(first.grant), 'another was chosen since').rejects.toMatchObject({ code: 'not-found' });
    await expect(files.again('made up')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is no file of another use, none after the lock, and none without end', async () => {
    const files = desk();
    for (const use of ['sign', 'wrapped-key', 'open-vault', 'decrypt'] as const) {
      const chosen = await files.grant(path(use), use, false);
      await expect(files.again(chosen.grant), use).rejects.toMatchObject({ code: 'not-found' });
    }
    const { grant } = await files.grant(path('a.p12'), 'key-file', false);
    let times = 0;
    while (await files.again(grant).then(() => true, () => false)) times += 1;
    expect(times).toBe(23);
    const other = await files.grant(path('b.p12'), 'key-file', false);
    files.forgetChosen();
    await expect(files.again(other.grant)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('says of the place beside a file whether something is there', async () => {
    writeFileSync(path('b.tar.p7s'), '');
    const chosen = await Promise.all(['a.tar', 'b.tar'].map((name) => desk().grant(path(name), 'sign-cms', false)));
    expect(chosen.map(({ beside }) => [beside?.name, beside?.there])).toEqual([['a.tar.p7s', false], ['b.tar.p7s', true]]);
  });
});

describe('names that go on from what was typed', () => {
  beforeEach(() => {
    for (const name of ['beta', 'alpha']) mkdirSync(path(name));
    for (const name of ['beacon', 'bell', '.hidden', 'zeta']) writeFileSync(path(name), '');
  });

  test('folders first, then by name; hidden ones only where a dot was typed', () => {
    expect(completions(`${folder}/`)).toEqual(['alpha/', 'beta/', 'beacon', 'bell', 'zeta'].map((name) => path(name)));
    expect(completions(path('be'))).toEqual(['beta/', 'beacon', 'bell'].map((name) => path(name)));
    expect(completions(path('.h'))).toEqual([path('.hidden')]);
  });

  test('none where there is none, and at most fifty', () => {
    expect([completions(path('nothing')), completions(path('nowhere', 'x'))]).toEqual([[], []]);
    for (let number = 0; number < 80; number += 1) writeFileSync(path('alpha', `${number}`), '');
    expect(completions(`${path('alpha')}/`)).toHaveLength(50);
  });
});

describe('a Chromium', () => {
  test('is the first on the search path that may be run', () => {
    mkdirSync(path('one'));
    mkdirSync(path('two'));
    writeFileSync(path('one', 'chromium'), '', { mode: 0o644 });
    writeFileSync(path('two', 'chromium'), '', { mode: 0o755 });
    expect(findChromium(['', path('nowhere'), path('one'), path('two')].join(delimiter))).toBe(path('two', 'chromium'));
  });

  test('whose policy installs extensions is managed, whichever way it does', () => {
    const folders = [path('nowhere'), path('policies')];
    expect(managedExtensions(folders)).toBeUndefined();
    mkdirSync(path('policies'));
    writeFileSync(path('policies', 'a.json'), JSON.stringify({ HomepageLocation: 'about:blank', ExtensionInstallBlocklist: ['*'] }));
    expect(managedExtensions(folders)).toBeUndefined();
    for (const policy of ['ExtensionInstallForcelist', 'ExtensionSettings', 'ExtensionInstallAllowlist']) {
      writeFileSync(path('policies', 'b.json'), JSON.stringify({ [policy]: ['x'] }));
      expect(managedExtensions(folders)).toBe(path('policies', 'b.json'));
    }
  });

  test('is looked at past what is no file there', () => {
    mkdirSync(path('policies', 'a.json'), { recursive: true });
    symlinkSync(path('gone'), path('policies', 'b.json'));
    expect(managedExtensions([path('policies')])).toBeUndefined();
    writeFileSync(path('policies', 'c.json'), JSON.stringify({ ExtensionSettings: {} }));
    expect(managedExtensions([path('policies')])).toBe(path('policies', 'c.json'));
  });
});
