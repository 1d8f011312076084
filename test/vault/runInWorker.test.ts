/** The core in its worker thread does what it does in process, and the thread of its host is never held. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { knownModules } from '../../electron/host/knownModules.ts';
import { runInWorker, SecretBytes } from '../../electron/vault/index.ts';
import type { Confirmation, Prompt, WorkerCore } from '../../electron/vault/index.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { MethodName, Progress, Reply, RequestInput } from '../../shared/ipc/contract.ts';
import { testLauncher } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const mebibyte = 1024 * 1024;
/** Milliseconds. A window that stands still for longer is felt to hang. */
const heldAtMost = 250;

let token: SoftHsmToken;
let core: WorkerCore;
const folder = mkdtempSync(join(tmpdir(), 'strongroom-worker-'));
const path = (name: string) => join(folder, name);
const answers = { passphrase: 'correct horse battery', declines: false };
const asked: Confirmation[] = [];
/** Every buffer that was handed out as a secret: whoever gets one wipes it. */
const handedOut: Uint8Array[] = [];

function secret(text: string): Promise<SecretBytes> {
  if (answers.declines) return Promise.reject(new StrongroomError('declined', 'it was refused at the prompt', { nextStep: 'ask again' }));
  const bytes = new TextEncoder().encode(text);
  handedOut.push(bytes);
  return Promise.resolve(SecretBytes.own(bytes));
}

/** A fake: it answers at once, as an attentive person would. */
const fakePrompt: Prompt = {
  passphrase: () => secret(answers.passphrase),
  newPassphrase: () => secret(answers.passphrase),
  pin: () => secret(token.userPin),
  newPin: () => secret(token.userPin),
  approve: async (confirmation) => {
    asked.push(confirmation);
    return { typed: confirmation.expected, passphrase: await secret(answers.passphrase) };
  },
  confirm: (confirmation) => {
    asked.push(confirmation);
    return Promise.resolve(confirmation.expected);
  },
};

const start = () => runInWorker({ prompt: fakePrompt, launcher: testLauncher(), host: { environment: token.environment, home: homedir(), knownModules: knownModules(), attestationIssuers: [] } });
const read = (name: string) => core.grant({ kind: 'read', path: path(name) });
const write = (name: string) => core.grant({ kind: 'write', path: path(name), overwrite: false });

async function call<M extends MethodName>(method: M, request: RequestInput<M>): Promise<Reply<M>> {
  const answer = await core.call(method, request);
  if (answer.ok) return answer.value;
  throw new Error(`${method}: ${answer.error.code}: ${answer.error.message}`);
}

/** The longest time in which a timer of 5 ms did not come, while something was done. Milliseconds. */
async function longestGap<T>(what: string, work: () => Promise<T>): Promise<{ readonly value: T; readonly gap: number }> {
  let last = performance.now();
  let gap = 0;
  const look = () => {
    gap = Math.max(gap, performance.now() - last);
    last = performance.now();
  };
  const timer = setInterval(look, 5);
  const begun = last;
  try {
    const value = await work();
    look();
    console.info(`${what}: ${Math.round(performance.now() - begun)} ms, the thread of the host held for at most ${Math.round(gap)} ms`);
    return { value, gap };
  } finally {
    clearInterval(timer);
  }
}

beforeAll(() => {
  token = makeSoftHsmToken('worker');
  core = start();
});
afterAll(async () => {
  await core.close();
  token.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('the same as in process', () => {
  test('create, lock and unlock with what the unlock costs in earnest: the thread of the host is not held', async () => {
    const file = await write('a.strongroom');
    const created = await longestGap('create', () => call('vault.create', { file, person: 'Ada Officer', unlockCost: 'calibrated' }));
    expect(created.value).toMatchObject({ principal: { name: 'Ada Officer', role: 'officer' }, keys: 0, readOnly: false });
    expect(created.gap).toBeLessThan(heldAtMost);
    await call('vault.lock', {});
    const again = await read('a.strongroom');
    const unlocked = await longestGap('unlock', () => call('vault.unlock', { file: again }));
    expect(unlocked.value).toMatchObject({ vaultId: created.value.vaultId, genesisFingerprint: created.value.genesisFingerprint });
    expect(unlocked.gap).toBeLessThan(heldAtMost);
  });

  test('what was handed over of a secret is empty on this side', () => {
    expect(handedOut.length).toBeGreaterThan(1);
    for (const bytes of handedOut) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test('a token: its module is approved here, its child is started here, and it signs', async () => {
    const { tokens } = await call('token.add', { module: await core.grant({ kind: 'read', path: token.modulePath }) });
    expect(tokens.map(({ label }) => label)).toContain('worker');
    expect(asked.at(-1)?.sentence).toContain('libsofthsm2.so');
    await call('key.generate', { name: 'signer', purpose: 'signature', algorithm: 'rsa-2048', place: 'worker' });
    writeFileSync(path('in'), 'to be signed');
    const { items } = await call('key.sign', { key: 'signer', files: [await read('in')], signatures: [await write('in.sig')] });
    expect(items).toMatchObject([{ ok: true }]);
    expect(await call('key.verify', { key: 'signer', in: await read('in'), signature: await read('in.sig') })).toMatchObject({ valid: true, version: 1 });
  });

  test('a hundred signatures: all are made, and the thread of the host is not held', async () => {
    const files = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        writeFileSync(path(`batch-${index}`), `file ${index}`);
        return read(`batch-${index}`);
      }),
    );
    const { value, gap } = await longestGap('a hundred signatures', () => call('key.sign', { key: 'signer', files }));
    expect(value.signed).toBe(100);
    expect(new Set(value.items.map(({ signature }) => signature)).size).toBe(100);
    expect(gap).toBeLessThan(heldAtMost);
  });

  test('a software key that is generated, and a file that is encrypted with progress', async () => {
    await call('key.generate', { name: 'cipher', purpose: 'data-encryption', algorithm: 'aes-256' });
    writeFileSync(path('big'), Buffer.alloc(24 * mebibyte, 'strongroom'));
    const told: Progress[] = [];
    const answer = await core.call('key.encrypt', { key: 'cipher', in: await read('big'), out: await write('big.sr') }, { onProgress: (progress) => void told.push(progress) });
    expect(answer).toMatchObject({ ok: true, value: { bytesIn: 24 * mebibyte } });
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toMatchObject({ done: 24 * mebibyte, total: 24 * mebibyte, unit: 'bytes' });
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
  });

  test('a refusal has its code, its rule and its next step', async () => {
    expect(await core.call('key.sign', { key: 'cipher', files: [await read('in')] })).toMatchObject({ ok: false, error: { code: 'refused', rule: 'KEY-USE-PURPOSE' } });
    expect(await core.call('key.show', { key: 'nobody' })).toMatchObject({ ok: false, error: { code: 'not-found' } });
    expect(await core.call('no.method' as MethodName, {} as never)).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
    expect(await core.call('vault.info', { sent: () => 'a function is never sent' } as never)).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
    expect(await core.call('vault.info', { more: 1 } as never)).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
  });

  test('a person who declines is a refusal over there too', async () => {
    answers.declines = true;
    expect(await core.call('key.destroy', { key: 'cipher', reason: 'replaced' })).toMatchObject({ ok: false, error: { code: 'declined', nextStep: 'ask again' } });
    answers.declines = false;
    expect((await call('key.show', { key: 'cipher' })).key.state).toBe('active');
  });

  test('a grant is good for one use', async () => {
    const grant = await read('in');
    await call('key.sign', { key: 'signer', files: [grant] });
    expect(await core.call('key.sign', { key: 'signer', files: [grant] })).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
  });
});

describe('cancelled', () => {
  const leftovers = () => ['big2.sr', 'big3.sr'].filter((name) => existsSync(path(name)));

  test('in the middle of an encryption: it stops, leaves no file, and the next one works', async () => {
    writeFileSync(path('big'), Buffer.alloc(96 * mebibyte, 'strongroom'));
    const stop = new AbortController();
    const request = { key: 'cipher', in: await read('big'), out: await write('big2.sr') };
    const answer = await core.call('key.encrypt', request, { signal: stop.signal, onProgress: () => stop.abort() });
    expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(leftovers()).toEqual([]);
    expect(await core.call('key.encrypt', { key: 'cipher', in: await read('big'), out: await write('big4.sr') })).toMatchObject({ ok: true });
    expect(statSync(path('big4.sr')).size).toBeGreaterThan(96 * mebibyte);
  });

  test('before it began', async () => {
    const answer = await core.call('key.encrypt', { key: 'cipher', in: await read('big'), out: await write('big3.sr') }, { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(leftovers()).toEqual([]);
  });
});

describe('a core that ends', () => {
  test('answers what was under way and what comes after with core-gone, and says so once', async () => {
    const other = start();
    let said = 0;
    other.onGone(() => {
      said += 1;
    });
    const file = await other.grant({ kind: 'write', path: path('b.strongroom'), overwrite: false });
    const underWay = other.call('vault.create', { file, person: 'Ada Officer' });
    await setTimeout(20);
    await other.terminate();
    const gone = { ok: false, error: { code: 'core-gone', retryable: false } };
    expect(await underWay).toMatchObject(gone);
    expect(await other.call('vault.info', {})).toMatchObject(gone);
    await expect(other.grant({ kind: 'read', path: path('in') })).rejects.toMatchObject({ code: 'core-gone' });
    expect(said).toBe(1);
    await other.close();
    expect(said).toBe(1);
  });

  test('in the middle of a key derivation, its host goes on', async () => {
    for (const [index, delay] of [30, 60, 90, 120, 200, 300].entries()) {
      const other = start();
      const file = await other.grant({ kind: 'write', path: path(`ended-${index}.strongroom`), overwrite: false });
      const underWay = other.call('vault.create', { file, person: 'Ada Officer' });
      await setTimeout(delay);
      await other.terminate();
      expect(await underWay).toMatchObject({ ok: false, error: { code: 'core-gone' } });
    }
    await setTimeout(500); // in which a derivation that nobody waited for would come back
  });

  test('a grant that was asked for is refused', async () => {
    const other = start();
    const grant = other.grant({ kind: 'read', path: path('in') });
    await other.terminate();
    await expect(grant).rejects.toMatchObject({ code: 'core-gone' });
  });

  test('its file can be opened by another core', async () => {
    expect(readFileSync(path('a.strongroom')).subarray(0, 15).toString()).toBe('SQLite format 3');
    await call('vault.lock', {});
    const other = start();
    const grant = await other.grant({ kind: 'read', path: path('a.strongroom') });
    expect(await other.call('vault.unlock', { file: grant })).toMatchObject({ ok: true });
    await other.terminate();
    expect(await core.call('vault.unlock', { file: await read('a.strongroom') })).toMatchObject({ ok: true, value: { keys: 2 } });
  });
});
