/** PINs of a token: what a person is told before and after each, on SoftHSM, and on a module whose flags and PIN pad a test sets. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { pinDetails, pinSentence } from '../../electron/vault/ports/pinWords.ts';
import type { PinQuestion } from '../../electron/vault/ports/prompt.ts';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import { familyFacts, familyOf } from '../../electron/vault/providers/pkcs11/moduleFamily.ts';
import { Pkcs11Modules } from '../../electron/vault/providers/pkcs11/pkcs11Modules.ts';
import type { Pkcs11Provider } from '../../electron/vault/providers/pkcs11/pkcs11Provider.ts';
import { changePin, checkPin, unblockPin } from '../../electron/vault/providers/pkcs11/tokenPins.ts';
import type { TokenAt } from '../../electron/vault/providers/pkcs11/tokenPins.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { openNss } from '../fixtures/nssToken.ts';
import { testLauncher } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { whatIsSaid } from '../fixtures/whatIsSaid.ts';

const flag = { pinPad: 0x100, countLow: 0x1_0000, finalTry: 0x2_0000, locked: 0x4_0000, toBeChanged: 0x8_0000, soFinalTry: 0x20_0000, soLocked: 0x40_0000 } as const;

let token: SoftHsmToken;
let fault: FaultModule;
let modules: Pkcs11Modules;
let provider: Pkcs11Provider;
let at: TokenAt;
let pin = '';
let questions: PinQuestion[] = [];
let answers: string[] = [];

function answer(question: PinQuestion): Promise<SecretBytes> {
  questions.push(question);
  const next = answers.shift();
  return next === undefined ? Promise.reject(new StrongroomError('declined', 'it was put off at the prompt')) : Promise.resolve(SecretBytes.own(new TextEncoder().encode(next)));
}
const ask = { pin: answer, newPin: answer };

beforeAll(async () => {
  token = makeSoftHsmToken('pins');
  pin = token.userPin;
  fault = makeFaultModule(token);
  modules = new Pkcs11Modules({ launcher: testLauncher(), askPin: answer });
  modules.open({ ...describeModuleFile(fault.modulePath), environment: fault.environment, folders: [token.folder] });
  provider = await modules.provider({ serial: token.serial, label: token.label });
  const [info] = (await modules.tokens()).filter(({ serial }) => serial === token.serial);
  if (info === undefined) throw new Error('the token is not shown');
  at = modules.at(info);
}, 60_000);
beforeEach(async () => {
  questions = [];
  answers = [];
  await provider.close();
});
afterEach(() => fault.flags(0));
afterAll(async () => {
  await modules.close();
  token.remove();
});

describe('before it is asked', () => {
  test.each([
    [flag.countLow, 'the token says that a wrong PIN was entered since the last right one'],
    [flag.countLow | flag.finalTry, 'ONE try is left: a wrong PIN locks the token'],
    [flag.toBeChanged, 'the token says that this PIN must be changed: `token change-pin`'],
    [0, 'it has 4 to 255 bytes: a letter outside of ASCII counts more than one'],
  ])('flags %i', async (flags, line) => {
    fault.flags(flags);
    answers = [pin];
    await provider.list();
    const [question] = questions;
    if (question === undefined) throw new Error('nothing was asked');
    expect(pinDetails(question)).toContain(line);
    expect(pinDetails(question).join()).not.toMatch(/[2-9] (tries|attempts)/);
    expect(pinSentence(question)).toBe(`The PIN of the token "pins" (${token.serial})`);
  });

  test('locked: nothing is asked, and the way out is told', async () => {
    fault.flags(flag.locked);
    expect(await whatIsSaid(() => provider.list())).toBe('pin-locked: the PIN of the token "pins" is locked; let its SO set a new PIN: `token unblock-pin`');
    fault.flags(flag.soLocked);
    expect(await whatIsSaid(() => unblockPin(at, ask))).toContain('pin-locked: the SO PIN of the token "pins" is locked');
    expect(questions).toEqual([]);
  });
});

describe('after a wrong one', () => {
  test.each([
    [flag.countLow, 'pin-wrong: the PIN of the token "pins" is wrong; make sure of the PIN before the next try: it sets a flag after a wrong PIN and never locks'],
    [flag.finalTry, 'pin-wrong: the PIN of the token "pins" is wrong, and the token says that one try is left;'],
    [flag.locked, 'pin-locked: the PIN of the token "pins" is locked; let its SO set a new PIN'],
  ])('flags %i', async (flags, sentence) => {
    const before = answer;
    const wrong = modules.at({ ...(await theToken()), modulePath: fault.modulePath });
    const asked = { pin: (question: PinQuestion) => { fault.flags(flags); return before(question); }, newPin: answer };
    answers = ['000000'];
    expect(await whatIsSaid(() => checkPin(wrong, 'user', asked))).toContain(sentence);
  });

  test('a module that answers CKR_PIN_LOCKED and has no flag for it', async () => {
    fault.order('C_Login error 0xa4');
    answers = [pin];
    expect(await whatIsSaid(() => provider.list())).toBe('pin-locked: the PIN of the token "pins" is locked; let its SO set a new PIN: `token unblock-pin`');
  });
});

async function theToken() {
  const found = (await modules.tokens()).find(({ serial }) => serial === token.serial);
  if (found === undefined) throw new Error('the token is not shown');
  return found;
}

describe('no try is spent', () => {
  /** A right one takes the flag back that earlier wrong ones left. */
  beforeAll(async () => {
    answers = [pin];
    await checkPin(at, 'user', ask);
  });

  test.each([['an empty PIN', ''], ['a short one', '123'], ['a short one outside of ASCII', 'ü'], ['a long one', '1'.repeat(256)]])('on %s', async (_, text) => {
    answers = [text];
    expect(await whatIsSaid(() => checkPin(at, 'user', ask))).toContain('pin-invalid: "pin" expected 4..255 bytes');
    expect((await theToken()).flags).not.toContain('user-pin-count-low');
  });
});

test('a PIN outside of ASCII is changed to, counted in bytes, and taken by other programs', async () => {
  answers = [pin, 'Schlüssel€5'];
  await changePin(at, 'user', ask);
  pin = 'Schlüssel€5';
  expect(token.run('pkcs11-tool', ['--module', token.modulePath, '--token-label', 'pins', '--login', '--pin', pin, '--list-objects']).toString()).toBe('');
  expect(questions.map(({ user, replaces }) => [user, replaces])).toEqual([['user', undefined], ['user', true]]);
  answers = [pin];
  await checkPin(at, 'user', ask);
});

test('the SO logs in, changes his own PIN, and gives the user a new one', async () => {
  answers = [token.soPin, 'another-so'];
  await changePin(at, 'so', ask);
  answers = [token.soPin];
  expect(await whatIsSaid(() => checkPin(at, 'so', ask))).toContain('pin-wrong: the SO PIN of the token "pins" is wrong');
  answers = ['another-so', '271828'];
  await unblockPin(at, ask);
  pin = '271828';
  expect(questions.slice(-2).map(({ user }) => user)).toEqual(['so', 'user']);
  answers = [pin];
  expect(await provider.list()).toEqual([]);
});

test('who puts the new PIN off has changed nothing', async () => {
  answers = [pin];
  expect(await whatIsSaid(() => changePin(at, 'user', ask))).toContain('declined');
  answers = [pin];
  await checkPin(at, 'user', ask);
});

test('a token that wants its PIN changed before it lets anybody in', async () => {
  fault.order('C_Login error 0xa3');
  answers = [pin, '161803'];
  await changePin(at, 'user', ask);
  pin = '161803';
  answers = [pin];
  await checkPin(at, 'user', ask);
});

test.each([
  ['C_InitPIN error 0x54', 'the module does not let its SO set a new PIN (C_InitPIN: CKR_FUNCTION_NOT_SUPPORTED 0x54)'],
  ['C_InitPIN error 0xa2', 'the token does not take the new PIN: its length or its characters (C_InitPIN: CKR_PIN_LEN_RANGE 0xa2)'],
  ['C_Login error 0x103', 'the module has no such user: many smart cards have no SO (C_Login: CKR_USER_TYPE_INVALID 0x103)'],
  ['C_Login error 0x104', 'another program has a session with the token (C_Login: CKR_USER_ANOTHER_ALREADY_LOGGED_IN 0x104)'],
])('unblocking, %s', async (order, sentence) => {
  fault.order(order);
  answers = ['another-so', '314159'];
  expect(await whatIsSaid(() => unblockPin(at, ask))).toContain(sentence);
});

test('on a PIN pad nothing is asked here', async () => {
  fault.flags(flag.pinPad);
  fault.type(pin, '577215');
  expect(await provider.list()).toEqual([]);
  await changePin(at, 'user', ask);
  fault.type('577215');
  await checkPin(at, 'user', ask);
  pin = '577215';
  expect(questions).toEqual([]);
});

test('NSS has no SO any more: the answer comes before a question', async () => {
  const nss = await openNss('nss-pins');
  try {
    const [info] = (await nss.modules.tokens()).filter(({ label }) => label === 'nss-pins');
    if (info === undefined) throw new Error('no token');
    expect(await whatIsSaid(() => unblockPin(nss.modules.at(info), ask))).toContain('token-cannot: NSS has no SO once its user PIN is set; a lost password cannot be replaced');
    expect(questions).toEqual([]);
    answers = ['648219', '648220'];
    await changePin(nss.modules.at(info), 'user', ask);
    answers = ['648219'];
    expect(await whatIsSaid(() => checkPin(nss.modules.at(info), 'user', ask))).toContain('it has no flags for wrong PINs and never locks');
  } finally {
    await nss.close();
  }
});

test('a key of NSS that should ask each time, which NSS ignores: the PIN is proved by a login', async () => {
  const nss = await openNss('nss-pins');
  try {
    const [info] = (await nss.modules.tokens()).filter(({ label }) => label === 'nss-pins');
    if (info === undefined) throw new Error('no token');
    await nss.provider.list();
    const { client, name } = nss.modules.at(info);
    const flags = { token: true, private: true, sensitive: true, sign: true };
    const id = randomBytes(8);
    await client.call('generatePair', { token: name, algorithm: 'ec-p256', privateTemplate: { id, label: 'each time', flags: { ...flags, alwaysAuth: true } }, publicTemplate: { id, label: 'each time', flags: { token: true, verify: true } } });
    const request = { token: name, key: { id }, mechanism: 'ecdsa-sha256', inputs: [createHash('sha256').digest()] } as const;
    expect(await client.call('sign', request)).toEqual({ results: [], asksPin: true });
    const { results } = await client.call('sign', { ...request, forOneUse: { pin: new TextEncoder().encode('648219') } });
    expect(results).toMatchObject([{ signature: expect.any(Uint8Array) }]);
    const wrong = await client.call('sign', { ...request, forOneUse: { pin: new TextEncoder().encode('000000') } });
    expect(wrong.results).toMatchObject([{ failure: { ckr: 0xa0, function: 'C_Login' } }]);
    expect(nss.modules.traceOf(info.modulePath).text).toContain('C_Login user 2');
  } finally {
    await nss.close();
  }
});

test.each([
  ['/usr/lib/x86_64-linux-gnu/libykcs11.so.2', '`ykman piv access unblock-pin`'],
  ['C:\\Program Files\\OpenSC Project\\OpenSC\\pkcs11\\opensc-pkcs11.dll', '`pkcs15-tool --unblock-pin`'],
  ['/usr/lib/pkcs11/libtpm2_pkcs11.so', '`tpm2_dictionarylockout --clear-lockout`'],
  ['/usr/lib/pkcs11/libopencryptoki.so', '`token unblock-pin`'],
  ['/opt/vendor/libp11.so', '`token unblock-pin`'],
])('the way out for %s', (path, command) => {
  expect(familyFacts(familyOf(path)).wayOut).toContain(command);
});

describe('a key that asks before each use', () => {
  const digest = createHash('sha256').update('to be signed').digest();
  const id = randomBytes(8);
  let ref = '';

  beforeAll(async () => {
    token.run('pkcs11-tool', ['--module', token.modulePath, '--token-label', 'pins', '--login', '--pin', pin, '--keypairgen', '--key-type', 'RSA:2048', '--label', 'each time', '--id', id.toString('hex'), '--usage-sign', '--always-auth']);
    answers = [pin];
    await provider.close();
    ref = (await provider.list()).find(({ label }) => label === 'each time')?.ref ?? '';
    expect(ref).not.toBe('');
  });

  const sign = (count: number) => provider.sign({ ref, mechanism: 'rsa-pkcs1-sha256', inputs: Array.from({ length: count }, () => digest) });

  test('is asked for once for each signature, and says before the first how often', async () => {
    answers = [pin, pin, pin, pin];
    const results = await sign(3);
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    const asked = questions.filter(({ forOneUse }) => forOneUse !== undefined);
    expect(asked.map(({ forOneUse }) => forOneUse)).toEqual([1, 2, 3].map((number) => ({ key: 'each time', number, count: 3 })));
    expect(asked.flatMap((question) => pinDetails(question).slice(0, 1))[0]).toBe('this key asks for the PIN before each signature: you will be asked 3 times');
    expect(asked[1] === undefined ? '' : pinSentence(asked[1])).toContain('for signature 2 of 3 with the key "each time"');
  });

  test('a wrong PIN ends the batch, what is finished is kept, and the token is not asked again', async () => {
    answers = [pin, pin, '000000'];
    const results = await sign(3);
    expect(results.map((result) => (result.ok ? 'ok' : (result.error as StrongroomError).code))).toEqual(['ok', 'pin-wrong', 'pin-wrong']);
    expect(questions.length).toBe(3);
    answers = [pin, pin];
    await sign(1);
  });

  test('who declines signs nothing', async () => {
    answers = [pin];
    expect((await sign(2)).map((result) => (result.ok ? 'ok' : (result.error as StrongroomError).code))).toEqual(['declined', 'declined']);
    expect(questions.length).toBe(2);
  });

  test.each([['CKR_USER_TYPE_INVALID', 0x103], ['CKR_USER_ALREADY_LOGGED_IN', 0x100], ['CKR_FUNCTION_NOT_SUPPORTED', 0x54]])('where the module has no login for one use (%s), the PIN is proved by a login', async (_, number) => {
    answers = [pin];
    await provider.list();
    const again = { pin: (question: PinQuestion) => { fault.order(`C_Login error ${number}`); return answer(question); } };
    const own = new Pkcs11Modules({ launcher: testLauncher(), askPin: (question) => (question.forOneUse === undefined ? answer(question) : again.pin(question)) });
    own.open({ ...describeModuleFile(fault.modulePath), environment: fault.environment, folders: [token.folder] });
    try {
      const other = await own.provider({ serial: token.serial, label: token.label });
      answers = [pin, pin];
      // SoftHSM itself enforces the attribute, so that its C_Sign refuses where no such login came before
      expect((await other.sign({ ref, mechanism: 'rsa-pkcs1-sha256', inputs: [digest] })).map((result) => (result.ok ? 'ok' : (result.error as StrongroomError).message))).toEqual([expect.stringContaining('C_Sign: CKR_USER_NOT_LOGGED_IN')]);
      answers = [pin, '000000'];
      expect((await other.sign({ ref, mechanism: 'rsa-pkcs1-sha256', inputs: [digest] })).map((result) => (result.ok ? 'ok' : (result.error as StrongroomError).code))).toEqual(['pin-wrong']);
    } finally {
      await own.close();
    }
  });
});
