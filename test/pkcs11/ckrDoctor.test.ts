/** What a refusal means here, and the trace of calls that goes into a support ticket. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import { readTrace, traceRecordBytes } from '../../electron/pkcs11-wire/callTrace.ts';
import { CallTrace } from '../../electron/pkcs11-host/callTrace.ts';
import { ckrNumbered, explainCkr } from '../../electron/vault/providers/pkcs11/ckrDoctor.ts';
import { ckrTable } from '../../electron/vault/providers/pkcs11/ckrTable.ts';
import { moduleFamilies } from '../../electron/vault/providers/pkcs11/moduleFamily.ts';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import { operationNames } from '../../electron/pkcs11-wire/messages.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

describe('the doctor', () => {
  test('has a sentence for every number in every operation of every module, and keeps the code of the table', () => {
    for (const [number, entry] of ckrTable)
      for (const operation of operationNames)
        for (const family of moduleFamilies) {
          const { sentence, code, nextStep = 'none' } = explainCkr(number, { operation, family });
          expect(code).toBe(entry.code);
          expect(sentence, `${entry.name} ${operation} ${family}`).toMatch(/^[a-zA-Z].*[^.]$/);
          expect(nextStep, `${entry.name} ${operation} ${family}`).toMatch(/[^.]$/);
        }
  });

  test.each([
    [0x82, 'sign', 'softhsm', 'SOFTHSM2_CONF'],
    [0x30, 'sign', 'p11-kit', 'start `p11-kit server` again'],
    [0x30, 'sign', 'ykcs11', 'plug it in'],
    [0x32, 'sign', 'opensc', 'put the card back'],
    [0xb3, 'sign', 'opensc', 'put the card back'],
    [0x60, 'encrypt', 'nss', "list the token's keys"],
    [0xa2, 'login', 'opencryptoki', '4 to 8 characters'],
    [0x05, 'generatePair', 'tpm2', 'lock and unlock the vault'],
    [0x101, 'generatePair', 'ykcs11', 'ykman piv keys generate'],
    [0xa4, 'login', 'tpm2', 'tpm2_dictionarylockout --clear-lockout'],
    [0xa4, 'login', 'ykcs11', 'ykman piv access unblock-pin'],
    [0xa4, 'unblockPin', 'opencryptoki', 'can only be reset'],
    [0xa3, 'sign', 'other', 'token change-pin'],
  ] as const)('0x%s, %s, %s: %s', (number, operation, family, words) => {
    expect(explainCkr(number, { operation, family }).nextStep).toContain(words);
  });

  test('names the attribute that forbids a use', () => {
    expect(explainCkr(0x68, { operation: 'wrap' }).sentence).toBe("the key's attributes do not allow this use (CKA_WRAP is false)");
    expect(explainCkr(0x68).sentence).toBe("the key's attributes do not allow this use");
  });

  test.each([['0xa0', 0xa0], ['160', 160], ['CKR_PIN_INCORRECT', 0xa0], ['pin_incorrect', 0xa0], ['0x80000005', 0x8000_0005], ['CKR_NOTHING', undefined], ['0x100000000', undefined], ['', undefined]])('%s', (text, number) => {
    expect(ckrNumbered(text)).toBe(number);
  });
});

describe('the trace', () => {
  let token: SoftHsmToken;
  let fault: FaultModule;
  let opened: OpenedToken;
  let signer: ProviderKey;
  const digest = createHash('sha256').update('to be signed').digest();
  const label = 'payroll of the bank';
  const traced = () => opened.modules.traceOf(fault.modulePath);
  const sign = (count = 1) => opened.provider.sign({ ref: signer.ref, mechanism: 'rsa-pkcs1-sha256', inputs: Array.from({ length: count }, () => digest) });

  beforeAll(async () => {
    token = makeSoftHsmToken('secret-label');
    fault = makeFaultModule(token);
    opened = await openToken(token, { module: fault, limits: { call: 1_200, generate: 5_000 } });
    signer = await opened.provider.generate({ id: randomBytes(16), label, algorithm: 'rsa-2048', purpose: 'signature', exportable: false });
  }, 60_000);
  afterAll(async () => {
    await opened.modules.close();
    token.remove();
  });

  test('tells functions, mechanisms, sizes, results and times', async () => {
    await sign();
    const { text } = traced();
    expect(text).toMatch(/^\d{4}-[\d-]+T[\d:.]+Z sign C_SignInit mechanism 0x1 CKR_OK \d+\.\d{3} ms$/m);
    expect(text).toMatch(/ sign C_Sign given 51 got 256 CKR_OK \d+\.\d{3} ms$/m);
    expect(text).toMatch(/ login C_Login user 1 CKR_OK /);
    expect(text).toMatch(/ C_GenerateKeyPair mechanism 0x0 CKR_OK /);
  });

  test('SECURITY: holds no PIN or its length, no label, no serial number and no data', () => {
    const { text } = traced();
    for (const secret of [token.userPin, label, token.label, token.serial, digest.toString('hex'), token.folder]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/C_(Login|SetPIN|InitPIN|InitToken)[^\n]*(given|got)/);
  });

  test('tells a refusal, and a call that hung or crashed as far as it is known', async () => {
    fault.order('C_Sign error 0x68');
    await sign();
    expect(traced().text).toMatch(/ sign C_Sign given 51 CKR_KEY_FUNCTION_NOT_PERMITTED 0x68 /);
    fault.order('C_SignInit hang');
    await expect(sign()).rejects.toMatchObject({ code: 'token-timeout' });
    expect(traced().text).toMatch(/ sign ended: token-timeout\n$/);
    fault.order('C_Initialize crash');
    expect(await sign().then(() => undefined, (error: unknown) => isStrongroomError(error, 'module-crashed'))).toBe(true);
    expect(traced().text).toMatch(/ open ended: module-crashed\n$/);
    fault.order('C_Initialize error 0x1b7');
    await expect(sign()).rejects.toMatchObject({ code: 'module-load-failed' });
    expect(traced().text).toMatch(/ open C_Initialize CKR_LIBRARY_LOAD_FAILED 0x1b7 /);
  });

  test('keeps the last 500 calls', async () => {
    await sign(400);
    expect(traced().calls).toBe(500);
    expect(traced().text.trim().split('\n').every((line) => line.includes(' sign '))).toBe(true);
  });

  test('a ring that went round gives the last, oldest first; a record that is none is refused', () => {
    const ring = new CallTrace();
    for (let size = 0; size < 1203; size += 1) ring.note('C_Sign', [undefined, new Uint8Array(size)], new Uint8Array(1), 0, performance.now());
    expect(readTrace(ring.take()).map(({ given }) => given)).toEqual(Array.from({ length: 500 }, (_, index) => 703 + index));
    expect(ring.take().length).toBe(0);
    expect(() => readTrace(new Uint8Array(traceRecordBytes).fill(0xee))).toThrow('names a function that is none');
    expect(() => readTrace(new Uint8Array(traceRecordBytes - 1))).toThrow('records of 24 bytes');
  });
});
