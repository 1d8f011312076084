/** Wrong PINs on real modules, one after the other until each of them locks or shows that it never does: the sentence that a person gets each time, and the way out. */
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { checkPin, unblockPin } from '../../electron/vault/providers/pkcs11/tokenPins.ts';
import { openNss } from '../fixtures/nssToken.ts';
import { makeOpencryptokiToken, opencryptokiSoPin } from '../fixtures/opencryptokiToken.ts';
import { makePivToken, pivPin } from '../fixtures/pivToken.ts';
import type { ModuleUnderTest } from '../fixtures/startedModule.ts';
import { makeTpmToken } from '../fixtures/tpmToken.ts';
import { whatIsSaid } from '../fixtures/whatIsSaid.ts';

const under: ModuleUnderTest[] = [];
afterEach(async () => {
  await Promise.all(under.splice(0).map((module) => module.close()));
});

async function start(make: () => Promise<ModuleUnderTest>): Promise<ModuleUnderTest> {
  const module = await make();
  under.push(module);
  return module;
}

/** Answers each question in turn with one of these. */
function asked(...pins: readonly string[]) {
  const rest = [...pins];
  const next = () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(rest.shift())));
  return { pin: next, newPin: next };
}

const tries = (module: ModuleUnderTest, pin: string) => whatIsSaid(() => checkPin(module.modules.at(module.token), 'user', asked(pin)));
const flagsOf = async ({ modules }: ModuleUnderTest) => ((await modules.tokens())[0]?.flags ?? []).filter((flag) => /^user-pin-(count-low|final-try|locked)$/.test(flag));

/** What is said of so many wrong ones, and the flags after each. */
async function wrongOnes(module: ModuleUnderTest, count: number, wrong = '000000'): Promise<readonly (readonly [said: string, flags: readonly string[]])[]> {
  const course: (readonly [string, readonly string[]])[] = [];
  for (let turn = 0; turn < count; turn += 1) course.push([await tries(module, wrong), await flagsOf(module)]);
  return course;
}

const isWrong = expect.stringMatching(/^pin-wrong: the PIN of the token ".+" is wrong; make sure of the PIN before the next try/) as string;
const lastTry = expect.stringMatching(/^pin-wrong: the PIN of the token ".+" is wrong, and the token says that one try is left/) as string;
const isLocked = (way: string) => expect.stringContaining(`is locked; ${way}`) as string;

test('NSS has no flags, and never locks', async () => {
  const module = await start(() => openNss('wrong'));
  expect(await wrongOnes(module, 6)).toEqual(Array.from({ length: 6 }, () => [isWrong, []]));
  expect((await tries(module, '000000'))).toContain('it has no flags for wrong PINs and never locks');
});

test('a TPM locks without a flag before it; it opens again once its lockout is cleared', async () => {
  const module = await start(makeTpmToken);
  const course = await wrongOnes(module, 5);
  expect(course.flatMap(([, flags]) => flags)).toEqual([]);
  expect(course[0]?.[0]).toEqual(isWrong);
  expect(course.at(-1)?.[0]).toEqual(isLocked("wait until the TPM's lockout has passed, or clear it: `tpm2_dictionarylockout --clear-lockout`"));
  execFileSync('tpm2_dictionarylockout', ['--clear-lockout'], { env: { ...process.env, ...module.environment, TPM2TOOLS_TCTI: 'tabrmd:bus_type=session' }, stdio: 'pipe' });
  expect(await tries(module, '648219')).toBe('done');
});

test('openCryptoki counts, warns before the last try, locks, and is unblocked by its SO', async () => {
  const module = await start(makeOpencryptokiToken);
  const course = await wrongOnes(module, 6);
  const [low, final, locked] = ['user-pin-count-low', 'user-pin-final-try', 'user-pin-locked'].map((flag) => course.findIndex(([, flags]) => flags.includes(flag)));
  expect(course[low ?? -1]?.[0]).toEqual(isWrong);
  expect(course[final ?? -1]?.[0]).toEqual(lastTry);
  expect(course[locked ?? -1]?.[0]).toEqual(isLocked('let its SO set a new PIN: `token unblock-pin`'));
  expect([low, final, locked]).toEqual([low, final, locked].toSorted((one, other) => (one ?? 0) - (other ?? 0)));
  expect(await whatIsSaid(() => unblockPin(module.modules.at(module.token), asked(opencryptokiSoPin, '271828')))).toBe('done');
  expect(await tries(module, '271828')).toBe('done');
});

describe('a PIV card', () => {
  test('through YKCS11 counts, warns before the last try, and locks', async () => {
    const module = await start(() => makePivToken('YKCS11'));
    const course = await wrongOnes(module, 3);
    expect(course.map(([sentence]) => sentence)).toEqual([isWrong, lastTry, isLocked('unblock it with the PUK: `ykman piv access unblock-pin`')]);
    expect(course.at(-1)?.[1]).toContain('user-pin-locked');
    expect(await tries(module, pivPin), 'the right one is not even asked for').toEqual(isLocked('unblock it with the PUK: `ykman piv access unblock-pin`'));
  });

  test('through OpenSC warns before the last try alone, and locks', async () => {
    const module = await start(() => makePivToken('OpenSC'));
    const course = await wrongOnes(module, 3);
    expect(course.map(([sentence]) => sentence)).toEqual([isWrong, lastTry, isLocked("unblock it with the PUK: `pkcs15-tool --unblock-pin`, or the card's own program")]);
    expect(course[0]?.[1]).toEqual([]);
  });
});
