/** What a window may ask, with a core that is a fake: limits, names, shapes, what the host remembers, and the locks that come by themselves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileDesk } from '../../electron/host/window/fileDesk.ts';
import { SettingsFile } from '../../electron/host/window/settingsFile.ts';
import { limits, WindowRouter } from '../../electron/host/window/windowRouter.ts';
import type { AnyAnswer } from '../../electron/host/window/windowRouter.ts';
import type { CallOptions, ReadGrant, WorkerCore, WriteGrant } from '../../electron/vault/index.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { MethodName, Progress } from '../../shared/ipc/contract.ts';
import type { FileUse, WindowEvent } from '../../shared/ipc/windowContract.ts';

interface Call {
  readonly method: MethodName;
  readonly request: unknown;
  readonly signal: AbortSignal | undefined;
  readonly tell: (progress: Progress) => void;
  answer(answer: AnyAnswer): void;
}

/** A fake: it keeps every call until the test answers it. */
class FakeCore {
  readonly calls: Call[] = [];
  readonly grants: (ReadGrant | WriteGrant)[] = [];

  call(method: MethodName, request: unknown, { signal, onProgress }: CallOptions = {}): Promise<AnyAnswer> {
    return new Promise((resolve) => {
      this.calls.push({ method, request, signal, tell: onProgress ?? (() => undefined), answer: resolve });
    });
  }

  grant(grant: ReadGrant | WriteGrant): Promise<string> {
    this.grants.push(grant);
    return Promise.resolve(String(this.grants.length).padStart(32, '0'));
  }

  get last(): Call {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('the core was not called');
    return call;
  }
}

const ok = { ok: true, value: {} } as const;
const wrong: AnyAnswer = { ok: false, error: { code: 'wrong-passphrase', message: 'the passphrase does not open this vault', retryable: true } };
const settled = () => new Promise((resolve) => setImmediate(resolve));

let folder: string;
let core: FakeCore;
let events: WindowEvent[];
let now: number;
let asking = false;
let settings: SettingsFile;
let router: WindowRouter;
let chosen: { use: FileUse; start: string }[];
let locks: number;
let lastCall = 0;
const vaultPath = () => join(folder, 'keys.strongroom');
const ask = (method: unknown, request: unknown = {}) => router.call(method, request, String(++lastCall));
const codeOf = (answer: AnyAnswer) => (answer.ok ? 'ok' : answer.error.code);
const value = async (method: string, request: unknown = {}) => {
  const answer = await ask(method, request);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value as Record<string, unknown>;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strongroom-router-'));
  core = new FakeCore();
  events = [];
  chosen = [];
  now = 1_000_000;
  locks = 0;
  settings = new SettingsFile(join(folder, 'settings', 'window.json'));
  /** A fake: a person who chooses the vault, or declines. */
  const fakeChooser = {
    choose: (use: FileUse, start: string) => {
      chosen.push({ use, start });
      return use === 'log' ? Promise.reject(new StrongroomError('declined', 'it was put off')) : Promise.resolve({ path: vaultPath(), replace: false });
    },
  };
  router = new WindowRouter({
    core: core as unknown as WorkerCore,
    files: new FileDesk(core, fakeChooser, folder),
    settings,
    about: { host: 'chromium', evaluation: 'a test', version: '1.2.3' },
    modulePaths: new Set(['/known/module.so', '/known/elsewhere.so']),
    isThere: (path) => path === '/known/module.so',
    chooseSeal: () => Promise.resolve(settings.saveSeal({ form: 1, phrase: 'one two three', chosen: '2026-01-02' })),
    emit: (event) => events.push(event),
    isAsking: () => asking,
    onTokens: () => undefined,
    onLock: () => {
      locks += 1;
    },
    now: () => now,
  });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens a vault as the window does: a file that was chosen, then the call. */
async function open(answer: AnyAnswer = ok): Promise<AnyAnswer> {
  const { grant } = await value('host.chooseFile', { use: 'open-vault' });
  const opening = ask('vault.unlock', { file: grant });
  core.last.answer(answer);
  return await opening;
}

describe('WINDOW-1: limits', () => {
  test('WINDOW-1: more calls than 64 at once are refused, the core hears nothing of them, and there is room again afterwards', async () => {
    const pending = Array.from({ length: limits.pendingCalls }, () => ask('key.list'));
    const refused = await ask('key.list');
    expect(refused).toMatchObject({ ok: false, error: { code: 'refused', rule: 'WINDOW-1' } });
    expect(codeOf(await ask('host.state'))).toBe('refused');
    expect(core.calls).toHaveLength(limits.pendingCalls);
    for (const call of core.calls) call.answer(ok);
    expect((await Promise.all(pending)).every((answer) => answer.ok)).toBe(true);
    expect(codeOf(await ask('host.state'))).toBe('ok');
  });

  test('WINDOW-1: a request that is too large does not reach the core', async () => {
    const fits = ask('key.show', { key: 'k'.repeat(limits.requestCharacters - 10) });
    core.last.answer(ok);
    expect(codeOf(await fits)).toBe('ok');
    expect(codeOf(await ask('key.show', { key: 'k'.repeat(limits.requestCharacters) }))).toBe('request-invalid');
    expect(core.calls).toHaveLength(1);
  });

  test('WINDOW-1: a call has a name of 1 to 64 characters, which is not under way already', async () => {
    for (const name of ['', 'x'.repeat(65), 7, undefined, null, {}]) expect(codeOf(await router.call('key.list', {}, name))).toBe('request-invalid');
    expect(core.calls).toHaveLength(0);
    const first = router.call('key.list', {}, 'x'.repeat(64));
    expect(codeOf(await router.call('key.list', {}, 'x'.repeat(64)))).toBe('request-invalid');
    core.last.answer(ok);
    expect(codeOf(await first)).toBe('ok');
  });

  test('a request that cannot be measured is refused, and not thrown', async () => {
    const round: Record<string, unknown> = {};
    round['self'] = round;
    expect((await ask('key.list', round)).ok).toBe(false);
    expect((await ask('key.list', { number: 1n })).ok).toBe(false);
    expect(core.calls).toHaveLength(0);
  });
});

describe('methods', () => {
  test.each(['no.method', 'toString', '__proto__', 'constructor', '', 7, undefined, null, ['key.list'], { toString: () => 'key.list' }])('%s is none', async (method) => {
    expect(codeOf(await ask(method))).toBe('request-invalid');
    expect(core.calls).toHaveLength(0);
  });

  test.each([
    ['host.state', { more: 1 }],
    ['host.chooseFile', { use: 'anything' }],
    ['host.chooseFile', { use: 'sign', name: 'x'.repeat(201) }],
    ['host.chooseFile', { use: 'sign', path: '/etc/passwd' }],
    ['host.openRecent', { id: 7 }],
    ['host.openRecent', {}],
    ['host.knownModule', { path: 'x'.repeat(5000) }],
    ['host.saveSettings', { settings: { appearance: 'system', idleMinutes: 100_000, zone: 'local' } }],
    ['host.saveSettings', { settings: { appearance: 'system', idleMinutes: 5, zone: 'local', more: 1 } }],
    ['host.forgetRecent', undefined],
  ])('%s with %j is malformed', async (method, request) => {
    expect(codeOf(await ask(method, request))).toBe('request-invalid');
    expect([chosen, core.grants]).toEqual([[], []]);
  });

  test('host.state has no seal, only whether there is one', async () => {
    expect(await value('host.state')).toMatchObject({ host: 'chromium', evaluation: 'a test', version: '1.2.3', sealed: false, recent: [] });
    await value('host.chooseSeal');
    const state = await value('host.state');
    expect(state).toMatchObject({ sealed: true });
    expect(JSON.stringify(state)).not.toContain('one two three');
  });

  test('host.saveSettings keeps them', async () => {
    const wanted = { appearance: 'dark', idleMinutes: 15, zone: 'utc' } as const;
    expect(await value('host.saveSettings', { settings: wanted })).toMatchObject({ settings: wanted });
    expect(new SettingsFile(join(folder, 'settings', 'window.json')).settings).toEqual(wanted);
  });

  test('host.knownModule gives a grant for a module that is known and here, and for no other path', async () => {
    expect(await value('host.knownModule', { path: '/known/module.so' })).toMatchObject({ name: 'module.so', folder: '/known' });
    for (const path of ['/known/elsewhere.so', '/etc/passwd', '/known/../known/module.so', '']) expect(codeOf(await ask('host.knownModule', { path }))).toBe('not-found');
    expect(core.grants).toEqual([{ kind: 'read', path: '/known/module.so' }]);
  });

  test('host.chooseFile takes a name as a name: what leads elsewhere in it is gone', async () => {
    await value('host.chooseFile', { use: 'export-log', name: '../../etc/pass\u202ewd' });
    expect(chosen.at(-1)?.start).toBe(join(folder, 'pass-wd'));
    expect(codeOf(await ask('host.chooseFile', { use: 'log' }))).toBe('declined');
  });

  test('a file that was dropped is granted for reading alone, and only by a path that the browser told', async () => {
    expect(await router.dropped(async () => '/some/app.tar', 'sign')).toMatchObject({ ok: true, value: { name: 'app.tar', beside: { name: 'app.tar.sig' } } });
    for (const [path, use] of [[undefined, 'sign'], ['', 'sign'], ['relative', 'sign'], ['/some/app.tar', 'export-key'], ['/some/app.tar', 'anything'], ['/some/app.tar', 7], ['/some/app.tar', 'toString']] as const) expect((await router.dropped(async () => path, use)).ok, `${path} ${use}`).toBe(false);
    expect(core.grants.filter(({ path }) => path === '/some/app.tar')).toHaveLength(1);
  });
});

describe('calls of the core', () => {
  test('pass on the request, the progress under their own name, and the answer', async () => {
    const work = router.call('key.encrypt', { key: 'a' }, 'mine');
    expect(core.last).toMatchObject({ method: 'key.encrypt', request: { key: 'a' } });
    const progress = { what: 'encrypting', done: 1, total: 2, unit: 'bytes' } as const;
    core.last.tell(progress);
    expect(events).toEqual([{ kind: 'progress', call: 'mine', progress }]);
    core.last.answer(wrong);
    expect(await work).toEqual(wrong);
  });

  test('are cancelled by name, while they are under way', async () => {
    const work = router.call('key.encrypt', {}, 'mine');
    for (const name of ['another', 7, undefined]) router.cancel(name);
    expect(core.last.signal?.aborted).toBe(false);
    router.cancel('mine');
    expect(core.last.signal?.aborted).toBe(true);
    core.last.answer(ok);
    await work;
    router.cancel('mine');
  });
});

describe('the vault', () => {
  test('is remembered once it was opened, not before', async () => {
    expect(codeOf(await open(wrong))).toBe('wrong-passphrase');
    expect([settings.recent(), router.vaultIsOpen]).toEqual([[], false]);
    await open();
    expect(await value('host.state')).toMatchObject({ vault: { name: 'keys.strongroom', folder }, recent: [{ name: 'keys.strongroom', there: false }] });
    expect(router.vaultIsOpen).toBe(true);
  });

  test('is opened again by its id, and by no other', async () => {
    await open();
    const [recent] = settings.recent();
    await value('host.openRecent', { id: recent?.id });
    expect(core.grants.at(-1)).toEqual({ kind: 'read', path: vaultPath() });
    expect(codeOf(await ask('host.openRecent', { id: '99' }))).toBe('not-found');
    await value('host.forgetRecent', { id: recent?.id });
    expect(codeOf(await ask('host.forgetRecent', { id: recent?.id }))).toBe('not-found');
  });

  test('a grant that the window made up is nobody\'s file: nothing is remembered', async () => {
    const opening = ask('vault.unlock', { file: 'f'.repeat(32) });
    core.last.answer(ok);
    await opening;
    expect(settings.recent()).toEqual([]);
  });

  test.each(['vault.unlock', 'vault.create', 'vault.recover', 'vault.restore', 'vault.salvage'] as const)('%s leaves a vault open, which the locks that come by themselves find', async (method) => {
    const opening = ask(method, { file: 'f'.repeat(32) });
    core.last.answer(ok);
    await opening;
    expect(router.vaultIsOpen).toBe(true);
  });

  test('lock tells the core first, then the window why; a prompt that is open is closed', async () => {
    await open();
    const locking = router.lock('nobody was there');
    expect(core.last.method).toBe('vault.lock');
    expect(events).toEqual([]);
    core.last.answer(ok);
    await locking;
    expect(events).toEqual([{ kind: 'locked', why: 'nobody was there' }]);
    expect([locks, router.vaultIsOpen, (await value('host.state'))['vault']]).toEqual([1, false, undefined]);
    await router.lock('again');
    expect(events).toHaveLength(1);
  });

  test('a lock that the window asks for closes the prompt too, without an event', async () => {
    await open();
    const locking = ask('vault.lock');
    core.last.answer(ok);
    await locking;
    expect([locks, router.vaultIsOpen, events]).toEqual([1, false, []]);
  });
});

describe('idleness', () => {
  test('is counted from the last call or sign of life', async () => {
    now += 60_000;
    expect(router.idleFor()).toBe(60_000);
    await value('host.state');
    expect(router.idleFor(), 'the window asks for itself').toBe(60_000);
    await value('host.active');
    expect(router.idleFor()).toBe(0);
  });

  test('is none while work is under way, and begins with its end', async () => {
    const work = ask('key.encrypt');
    now += 3_600_000;
    expect(router.idleFor()).toBe(0);
    asking = true;
    expect(router.idleFor(), 'a prompt that is left open').toBe(3_600_000);
    asking = false;
    core.last.answer(ok);
    await work;
    now += 1000;
    expect(router.idleFor()).toBe(1000);
    await settled();
  });
});
