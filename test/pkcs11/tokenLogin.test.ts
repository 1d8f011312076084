/** PINs: asked for once, never spent in vain, and what the token's flags say of them. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import type { PinQuestion } from '../../electron/vault/ports/prompt.ts';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import { Pkcs11Modules } from '../../electron/vault/providers/pkcs11/pkcs11Modules.ts';
import type { KeyProvider } from '../../electron/vault/providers/provider.ts';
import { openToken, testLauncher } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

let token: SoftHsmToken;
let modules: Pkcs11Modules;
let provider: KeyProvider;
let answers: (() => SecretBytes)[];
let questions: PinQuestion[];
const pin = (text: string) => () => SecretBytes.own(new TextEncoder().encode(text));

beforeAll(() => {
  token = makeSoftHsmToken();
});

afterAll(() => token.remove());

beforeEach(async () => {
  questions = [];
  answers = [];
  const askPin = (question: PinQuestion) => {
    questions.push(question);
    const answer = answers.shift();
    return answer === undefined ? Promise.reject(new StrongroomError('secret-unavailable', 'nobody can be asked')) : Promise.resolve(answer());
  };
  modules = new Pkcs11Modules({ launcher: testLauncher(), askPin });
  modules.open({ ...describeModuleFile(token.modulePath), environment: token.environment, folders: [token.folder] });
  provider = await modules.provider({ serial: token.serial, label: token.label });
  return async () => modules.close();
});

test('nothing is asked before a key is looked for, and then once', async () => {
  await modules.tokens();
  expect(questions).toEqual([]);
  answers = [pin(token.userPin)];
  await Promise.all([provider.list(), provider.list(), provider.capabilities()]);
  await provider.list();
  expect(questions).toEqual([
    { user: 'user', tokenLabel: token.label, tokenSerial: token.serial, finalTry: false, countLow: false, minLength: 4, maxLength: 255 },
  ]);
});

test('a wrong PIN says so, the flag shows in the next question, and the right one is taken', async () => {
  answers = [pin('000000'), pin(token.userPin)];
  await expect(provider.list()).rejects.toMatchObject({ code: 'pin-wrong', message: `the PIN of the token "${token.label}" is wrong` });
  expect(await provider.list()).toEqual([]);
  expect(questions.map((question) => question.countLow)).toEqual([false, true]);
});

describe('a PIN that cannot be right costs no try', () => {
  const unfit = {
    'too short': new TextEncoder().encode('123'),
    'too long': new Uint8Array(256).fill(0x31),
    'not UTF-8': Uint8Array.of(0xff, 0xfe, 0x31, 0x32),
  };

  test.each(Object.entries(unfit))('%s', async (_, bytes) => {
    answers = [() => SecretBytes.own(new Uint8Array(bytes)), pin(token.userPin)];
    await expect(provider.list()).rejects.toMatchObject({ code: 'pin-invalid' });
    await provider.list();
    expect(questions.map((question) => question.countLow)).toEqual([false, false]);
  });
});

test('the PIN is wiped, whether it was right or wrong', async () => {
  const given = ['000000', token.userPin].map((text) => new TextEncoder().encode(text));
  answers = given.map((bytes) => () => SecretBytes.own(bytes));
  await expect(provider.list()).rejects.toMatchObject({ code: 'pin-wrong' });
  await provider.list();
  for (const bytes of given) expect(Array.from(bytes)).toEqual(Array.from(bytes, () => 0));
});

test('no PIN stands in an error', async () => {
  answers = [pin('271828')];
  const error = await provider.list().catch((reason: unknown) => reason);
  expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toContain('271828');
});

test("who cannot be asked is not logged in, and the error is the prompt's own", async () => {
  await expect(provider.list()).rejects.toMatchObject({ code: 'secret-unavailable' });
});

test('after close the PIN is asked for again', async () => {
  answers = [pin(token.userPin), pin(token.userPin)];
  await provider.list();
  await provider.close();
  await provider.list();
  expect(questions.length).toBe(2);
});

test('a token that is told to close while its child never ran starts none', async () => {
  const opened = await openToken(token);
  await opened.modules.close();
  await provider.close();
  expect(questions).toEqual([]);
});

describe('initToken', () => {
  const secret = (text: string) => SecretBytes.own(new TextEncoder().encode(text));
  const freeSlot = async () => {
    const free = (await modules.tokens()).find((candidate) => !candidate.flags.includes('token-initialized'));
    if (free === undefined) throw new Error('SoftHSM shows no free slot');
    return { modulePath: free.modulePath, slot: free.slot };
  };

  test('makes a token with a label in UTF-8, which other programs see and which keeps keys', async () => {
    const info = await modules.initToken({ ...(await freeSlot()), label: 'Schlüsselraum 1', soPin: secret('so-pin-1'), userPin: secret('user-pin-1') });
    expect(info).toMatchObject({
      label: 'Schlüsselraum 1',
      manufacturer: 'SoftHSM project',
      flags: expect.arrayContaining(['token-initialized', 'user-pin-initialized']) as unknown,
    });
    expect(token.run('softhsm2-util', ['--show-slots']).toString()).toContain('Schlüsselraum 1');
    answers = [pin('user-pin-1')];
    const made = await modules.provider(info);
    await made.generate({ id: randomBytes(16), label: 'k', algorithm: 'aes-256', purpose: 'data-encryption', exportable: false });
    expect((await made.list()).map((key) => key.label)).toEqual(['k']);
  });

  test('an initialised token wants its own SO PIN', async () => {
    const slot = await freeSlot();
    const made = await modules.initToken({ ...slot, label: 'again', soPin: secret('so-pin-2'), userPin: secret('user-pin-2') });
    const request = { modulePath: made.modulePath, slot: made.slot, label: 'other', userPin: secret('user-pin-2') };
    await expect(modules.initToken({ ...request, soPin: secret('wrong-so') })).rejects.toMatchObject({ code: 'pin-wrong' });
    expect(await modules.initToken({ ...request, soPin: secret('so-pin-2') })).toMatchObject({ label: 'other' });
  });

  test('a label or PIN that does not fit is refused before anything is erased', async () => {
    const slot = await freeSlot();
    const good = { ...slot, label: 'fits', soPin: secret('so-pin-3'), userPin: secret('user-pin-3') };
    await expect(modules.initToken({ ...good, label: 'ü'.repeat(17) })).rejects.toMatchObject({ code: 'request-invalid', field: 'label' });
    await expect(modules.initToken({ ...good, label: '' })).rejects.toMatchObject({ code: 'request-invalid', field: 'label' });
    await expect(modules.initToken({ ...good, userPin: secret('12') })).rejects.toMatchObject({ code: 'pin-invalid' });
    await expect(modules.initToken({ ...good, slot: 999 })).rejects.toMatchObject({ code: 'token-absent' });
    expect((await freeSlot()).slot).toBe(slot.slot);
  });
});
