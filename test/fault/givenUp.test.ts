/** A module that fails again and again is started after growing pauses, then given up with its reasons, until a person wants it tried again; no other module notices. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { failuresTillGivenUp } from '../../electron/vault/providers/pkcs11/moduleHealth.ts';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import type { ChildLauncher, ChildProcess } from '../../electron/vault/ports/childLauncher.ts';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import type { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { openToken, testLauncher } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const digest = createHash('sha256').update('to be signed').digest();
const pause = 100;

let token: SoftHsmToken;
let other: SoftHsmToken;
let fault: FaultModule;
let opened: OpenedToken;
let signer: ProviderKey;
/** Every child that was started, with the module that it was for. */
const started: { readonly modulePath: string; readonly child: ChildProcess }[] = [];

function watched(launcher: ChildLauncher): ChildLauncher {
  return {
    isolation: launcher.isolation,
    launch: (options) => {
      const child = launcher.launch(options);
      started.push({ modulePath: options.modulePath, child });
      return child;
    },
  };
}

beforeAll(async () => {
  token = makeSoftHsmToken('failing');
  other = makeSoftHsmToken('well');
  fault = makeFaultModule(token);
  opened = await openToken(token, { module: fault, limits: { call: 1_500, pause }, launcher: watched(testLauncher()) });
  opened.modules.open({ ...describeModuleFile(other.modulePath), environment: other.environment, folders: [other.folder] });
  signer = await opened.provider.generate({ id: randomBytes(16), label: 'signer', algorithm: 'ec-p256', purpose: 'signature', exportable: false });
  await sign();
}, 60_000);

afterAll(async () => {
  await opened.modules.close();
  token.remove();
  other.remove();
});

async function sign(): Promise<void> {
  const [result] = await opened.provider.sign({ ref: signer.ref, mechanism: 'ecdsa-sha256', inputs: [digest] });
  if (result?.ok !== true) throw result?.error;
}

async function refused(work: () => Promise<unknown> = sign): Promise<StrongroomError> {
  try {
    await work();
  } catch (error) {
    if (isStrongroomError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const orders = ['C_Sign crash', 'C_Sign huge', 'C_Sign hang', 'C_SignInit exit', 'C_Sign grow 8'] as const;

/** Fails as often as it takes; each time at the work itself, after a start and a login that succeed. */
async function failTillGivenUp(): Promise<readonly StrongroomError[]> {
  const errors: StrongroomError[] = [];
  for (const order of orders) {
    fault.order(order);
    errors.push(await refused());
    expect(fault.waiting(), order).toBe(false);
  }
  return errors;
}

const startsOf = (modulePath: string) => started.filter((start) => start.modulePath === modulePath).length;

describe('failures in a row', () => {
  test('make the starts between them wait longer, and each error says how long', async () => {
    expect(orders).toHaveLength(failuresTillGivenUp);
    const errors = await failTillGivenUp();
    expect(errors.map(({ code }) => code)).toEqual(['module-crashed', 'module-malformed', 'token-timeout', 'module-crashed', 'module-malformed']);
    expect(errors[0]?.nextStep).not.toContain('waits');
    expect(errors[1]?.nextStep).toContain('it failed 2 times in a row, so that the next start waits 0.1 s');
    expect(errors[2]?.nextStep).toContain('it failed 3 times in a row, so that the next start waits 0.2 s');
    expect(errors[3]?.nextStep).toContain('it failed 4 times in a row, so that the next start waits 0.4 s');
    expect(errors[4]?.nextStep).toContain('failed 5 times in a row and is given up');
  });

  test('end in a module that is not started any more, at once and with the reasons', async () => {
    const before = started.length;
    const { code, message, nextStep } = await refused();
    expect(code).toBe('module-given-up');
    expect(message).toContain('failed 5 times in a row and is not started any more');
    // A sandbox tells the signal of what ran in it as a shell does.
    for (const reason of [/ended during "sign" \((signal SIGSEGV|exit status 139)\)/, /did not answer "sign" within 2 s/, /ended during "sign" \(exit status 3\)/, /C_Sign gave/]) expect(message).toMatch(reason);
    expect(nextStep).toContain('token restart');
    expect(started).toHaveLength(before);
    expect(opened.modules.troubleOf(fault.modulePath)).toContain('given up: it failed 5 times in a row');
    expect((await opened.modules.inventory()).failures).toMatchObject([{ modulePath: fault.modulePath, error: { code: 'module-given-up' } }]);
  });

  test('are forgotten when a person wants it tried again: it starts at once, and the first success ends the row', async () => {
    const tokens = await opened.modules.restart(fault.modulePath);
    expect(tokens.some(({ label }) => label === 'failing')).toBe(true);
    await sign();
    expect(opened.modules.troubleOf(fault.modulePath)).toBeUndefined();
  });

  test('are in a row only where nothing was done between them', async () => {
    for (const order of orders.slice(0, 4)) {
      fault.order(order);
      await refused();
    }
    expect(opened.modules.troubleOf(fault.modulePath)).toContain('it failed 4 times in a row');
    const begun = performance.now();
    await sign();
    expect(performance.now() - begun, 'the pause that was told is kept').toBeGreaterThan(4 * pause - 50);
    fault.order('C_Sign crash');
    expect((await refused()).nextStep).not.toContain('in a row');
    await sign();
  });

  test('do not come of refusals: a module that says no is well', async () => {
    for (let time = 0; time <= failuresTillGivenUp; time += 1) {
      fault.order('C_Sign error 0x30');
      expect(await refused()).toMatchObject({ code: 'token-refused' });
    }
    expect(opened.modules.troubleOf(fault.modulePath)).toBeUndefined();
  });

  test('count the end of a process that nobody had asked anything', async () => {
    await sign();
    expect(opened.modules.troubleOf(fault.modulePath)).toBeUndefined();
    started.findLast(({ modulePath }) => modulePath === fault.modulePath)?.child.kill();
    await vi.waitFor(() => expect(opened.modules.troubleOf(fault.modulePath)).toBe("it failed the last time: the module's process ended between two calls (signal SIGKILL)"));
    await sign();
  });
});

describe('another module', () => {
  test('keeps its process, its sessions and its login, while one fails till it is given up', async () => {
    const provider = await opened.modules.provider({ serial: other.serial, label: 'well' });
    await provider.list();
    const [starts, questions] = [startsOf(other.modulePath), opened.questions.filter(({ tokenLabel }) => tokenLabel === 'well').length];
    for (const order of orders) {
      fault.order(order);
      await refused();
      expect(await provider.list()).toEqual([]);
    }
    expect([startsOf(other.modulePath), opened.questions.filter(({ tokenLabel }) => tokenLabel === 'well').length]).toEqual([starts, questions]);
    expect(questions).toBe(1);
  });

  test('is not held up by one that hangs and is in trouble', async () => {
    await opened.modules.restart(fault.modulePath);
    fault.order('C_GetTokenInfo hang');
    await refused(() => opened.modules.provider({ serial: 'nothing', label: 'nothing' }));
    expect(opened.modules.troubleOf(fault.modulePath)).toContain('did not answer "tokens"');
    fault.order('C_GetTokenInfo hang');
    await opened.modules.provider({ serial: other.serial, label: 'well' });
    expect(fault.waiting(), 'the other one was not even asked').toBe(true);
    await refused(() => opened.modules.provider({ serial: token.serial, label: 'failing' }));
    expect(fault.waiting()).toBe(false);
  });
});
