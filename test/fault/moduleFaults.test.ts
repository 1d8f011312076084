/** A module that hangs, crashes or lies costs the one operation, with the declared code; the next one works, and nothing of the child's memory comes out. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { decode } from 'cborg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readTrace, traceRecordBytes } from '../../electron/pkcs11-wire/callTrace.ts';
import type { ErrorCode } from '../../shared/errors/errorCodes.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';
import type { ChildLauncher } from '../../electron/vault/ports/childLauncher.ts';
import type { ProviderKey } from '../../electron/vault/providers/provider.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { openToken, testLauncher } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

const digest = createHash('sha256').update('to be signed').digest();
const limits = { call: 1_200, generate: 1_500 };

let token: SoftHsmToken;
let fault: FaultModule;
let opened: OpenedToken;
let signer: ProviderKey;
let cipherKey: ProviderKey;
let kek: ProviderKey;
let tagger: ProviderKey;
/** Every byte that the children have sent. */
const received: Uint8Array[] = [];

/** A launcher that keeps a copy of all that comes from its children. */
function recording(launcher: ChildLauncher): ChildLauncher {
  return {
    isolation: launcher.isolation,
    launch: (options) => {
      const child = launcher.launch(options);
      const onFrame = (listener: (frame: Uint8Array) => void) =>
        child.onFrame((frame) => {
          received.push(new Uint8Array(frame));
          listener(frame);
        });
      return { ...child, onFrame };
    },
  };
}

beforeAll(async () => {
  token = makeSoftHsmToken();
  fault = makeFaultModule(token);
  opened = await openToken(token, { module: fault, limits, launcher: recording(testLauncher()) });
  const make = (label: string, algorithm: 'rsa-2048' | 'aes-256' | 'hmac-sha256', purpose: 'signature' | 'data-encryption' | 'key-wrapping' | 'mac') =>
    opened.provider.generate({ id: randomBytes(16), label, algorithm, purpose, exportable: true });
  signer = await make('signer', 'rsa-2048', 'signature');
  cipherKey = await make('cipher', 'aes-256', 'data-encryption');
  kek = await make('kek', 'aes-256', 'key-wrapping');
  tagger = await make('tagger', 'hmac-sha256', 'mac');
  await opened.provider.capabilities();
}, 60_000);

afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

async function signature(): Promise<Uint8Array> {
  const [result] = await opened.provider.sign({ ref: signer.ref, mechanism: 'rsa-pkcs1-sha256', inputs: [digest] });
  if (result?.ok !== true) throw result?.error;
  return result.signature;
}

/** Bytes of the trace of calls, which is numbers of known functions alone. */
function traceOf(frame: Uint8Array): number {
  const { trace = new Uint8Array(0) } = decode(frame) as { readonly trace?: Uint8Array };
  expect(readTrace(trace).length).toBe(trace.length / traceRecordBytes);
  return trace.length;
}

const operations = {
  sign: signature,
  encrypt: () => opened.provider.encrypt({ ref: cipherKey.ref, plaintext: new Uint8Array(40), aad: new Uint8Array(0) }),
  wrap: () => opened.provider.wrap({ ref: cipherKey.ref, wrapper: { ref: kek.ref }, format: 'aes-kw' }),
  mac: () => opened.provider.mac({ ref: tagger.ref, algorithm: 'hmac-sha256', message: digest }),
  list: () => opened.provider.list(),
  tokens: () => opened.modules.tokens(),
  generate: () =>
    opened.provider.generate({
      id: randomBytes(16),
      label: `made ${randomBytes(4).toString('hex')}`,
      algorithm: 'aes-128',
      purpose: 'data-encryption',
      exportable: false,
    }),
} as const;

type Outcome = { readonly code: ErrorCode | 'no error' | 'foreign error'; readonly value?: unknown };

async function outcomeOf(operation: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { code: 'no error', value: await operation() };
  } catch (error) {
    return { code: isStrongroomError(error) ? error.code : 'foreign error' };
  }
}

async function codeOf(operation: () => Promise<unknown>): Promise<Outcome['code']> {
  return (await outcomeOf(operation)).code;
}

interface Row {
  readonly operation: keyof typeof operations;
  readonly order: string;
  readonly codes: readonly (ErrorCode | 'no error')[];
}

/** Where two codes stand, the binding may or may not survive the lie. Where `no error` stands, the answer is the true one all the same. */
const rows: readonly Row[] = [
  { operation: 'sign', order: 'C_Sign hang', codes: ['token-timeout'] },
  { operation: 'sign', order: 'C_SignInit hang', codes: ['token-timeout'] },
  { operation: 'list', order: 'C_FindObjects hang', codes: ['token-timeout'] },
  { operation: 'tokens', order: 'C_GetTokenInfo hang', codes: ['token-timeout'] },
  { operation: 'generate', order: 'C_GenerateKey hang', codes: ['token-timeout'] },
  { operation: 'sign', order: 'C_Sign crash', codes: ['module-crashed'] },
  { operation: 'sign', order: 'C_Sign exit', codes: ['module-crashed'] },
  { operation: 'list', order: 'C_GetAttributeValue crash', codes: ['module-crashed'] },
  { operation: 'sign', order: 'C_Sign error 0x30', codes: ['token-refused'] },
  { operation: 'sign', order: 'C_Sign error 0x32', codes: ['token-absent'] },
  { operation: 'sign', order: 'C_Sign error 0x80000001', codes: ['token-refused'] },
  { operation: 'sign', order: 'C_Sign error 0xb3', codes: ['token-refused'] },
  { operation: 'sign', order: 'C_Sign huge', codes: ['module-malformed'] },
  { operation: 'sign', order: 'C_Sign grow 8', codes: ['module-malformed'] },
  { operation: 'sign', order: 'C_Sign grow 4000', codes: ['module-malformed'] },
  { operation: 'sign', order: 'C_Sign short 8', codes: ['module-malformed'] },
  { operation: 'encrypt', order: 'C_Encrypt grow 16', codes: ['module-malformed'] },
  { operation: 'encrypt', order: 'C_Encrypt short 1', codes: ['module-malformed'] },
  { operation: 'wrap', order: 'C_WrapKey grow 8', codes: ['module-malformed'] },
  { operation: 'wrap', order: 'C_WrapKey huge', codes: ['module-malformed'] },
  { operation: 'sign', order: 'C_Sign abort', codes: ['module-crashed'] },
  { operation: 'sign', order: 'C_Sign flip', codes: ['token-refused'] },
  { operation: 'sign', order: 'C_SignInit pretend', codes: ['token-refused'] },
  { operation: 'encrypt', order: 'C_Encrypt flip', codes: ['token-refused', 'module-malformed'] },
  { operation: 'encrypt', order: 'C_Decrypt flip', codes: ['module-malformed'] },
  { operation: 'mac', order: 'C_Sign flip', codes: ['module-malformed'] },
  { operation: 'wrap', order: 'C_WrapKey flip', codes: ['module-malformed'] },
  { operation: 'wrap', order: 'C_WrapKey other', codes: ['token-refused', 'module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.3 grow 1', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.3 grow 16', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.3 grow 100000', codes: ['module-malformed', 'module-crashed'] },
  { operation: 'list', order: 'C_GetAttributeValue.3 short 1', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.102 grow 8', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.120 grow 64', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.103 grow 1', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue.161 grow 8', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_GetAttributeValue huge', codes: ['module-malformed', 'module-crashed'] },
  { operation: 'list', order: 'C_FindObjects grow 1000', codes: ['module-malformed'] },
  { operation: 'list', order: 'C_FindObjects huge', codes: ['no error'] },
  { operation: 'tokens', order: 'C_GetSlotList grow 2', codes: ['no error'] },
  { operation: 'tokens', order: 'C_GetSlotList grow 1000', codes: ['module-malformed'] },
  { operation: 'tokens', order: 'C_GetSlotList huge', codes: ['module-malformed', 'module-crashed'] },
];

describe('one failed operation each', () => {
  test.each(rows)('$operation, while the module does: $order', async ({ operation, order, codes }) => {
    const healthy: unknown = await operations[operation]();
    fault.order(order);
    const { code, value } = await outcomeOf(operations[operation]);
    expect(fault.waiting(), 'the order was obeyed').toBe(false);
    expect(codes).toContain(code);
    if (code === 'no error') expect(value).toEqual(healthy);
    expect(await codeOf(operations[operation]), 'the next operation works').toBe('no error');
  });

  test("an answer of a length that grew carries no byte of the child's other memory", async () => {
    received.length = 0;
    fault.order('C_GetAttributeValue.3 grow 48');
    await codeOf(operations.list);
    fault.order('C_Sign grow 48');
    await codeOf(operations.sign);
    // Failures alone, which carry text: no attribute, no signature.
    expect(received.length).toBeGreaterThan(0);
    for (const frame of received) expect(frame.length - traceOf(frame)).toBeLessThan(400);
  });

  test('positive control: the bare binding hands out what lies behind a label that grew', () => {
    fault.order('C_GetAttributeValue.3 grow 48');
    const script = `
      import pkcs11 from 'pkcs11js';
      const lib = new pkcs11.PKCS11();
      lib.load(${JSON.stringify(fault.modulePath)});
      lib.C_Initialize({ flags: 2 });
      const session = lib.C_OpenSession(lib.C_GetSlotList(true)[0], 4);
      lib.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PUBLIC_KEY }]);
      const [object] = lib.C_FindObjects(session, 1);
      process.stdout.write(String(lib.C_GetAttributeValue(session, object, [{ type: pkcs11.CKA_LABEL }])[0].value.length));`;
    const length = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, ...fault.environment },
      encoding: 'utf8',
    });
    expect(Number(length)).toBe('signer'.length + 48);
  });

  test("what the module prints reaches neither the channel nor this program's output", async () => {
    await operations.sign();
    received.length = 0;
    fault.order('C_SignInit print');
    expect(await codeOf(operations.sign)).toBe('no error');
    expect(fault.waiting()).toBe(false);
    expect(Buffer.concat(received).includes('vendor')).toBe(false);
  });

  test('after a restart of the child the PIN is asked for again, and once', async () => {
    const before = opened.questions.length;
    fault.order('C_Sign crash');
    expect(await codeOf(operations.sign)).toBe('module-crashed');
    await Promise.all([operations.sign(), operations.list(), operations.encrypt()]);
    expect(opened.questions.length).toBe(before + 1);
  });

  test("after a refusal that is not the token's end the PIN is not asked for again", async () => {
    await operations.sign();
    const before = opened.questions.length;
    fault.order('C_Sign error 0x5');
    expect(await codeOf(operations.sign)).toBe('token-refused');
    await operations.sign();
    expect(opened.questions.length).toBe(before);
  });

  test('a batch keeps what was finished when an item fails', async () => {
    fault.order('C_Sign error 0x5');
    const results = await opened.provider.sign({ ref: signer.ref, mechanism: 'rsa-pkcs1-sha256', inputs: [digest, digest, digest] });
    expect(results.map((result) => result.ok)).toEqual([false, true, true]);
  });

  test('a module that hangs while it is loaded costs the call that loads it', async () => {
    const other = await openToken(token, { module: fault, limits });
    await other.modules.close();
    fault.order('C_Initialize hang');
    await expect(openToken(token, { module: fault, limits: { ...limits, start: 3_000 } })).rejects.toMatchObject({ code: 'token-timeout' });
    const again = await openToken(token, { module: fault, limits });
    await again.modules.close();
  });

  test('mechanisms from behind the end of the list are left out', async () => {
    const other = await openToken(token, { module: fault, limits });
    fault.order('C_GetMechanismList grow 3');
    expect(await other.provider.capabilities()).toEqual(await opened.provider.capabilities());
    expect(fault.waiting()).toBe(false);
    await other.modules.close();
  });

  test('a call that hangs does not hold up a close, and nothing starts after it', async () => {
    const other = await openToken(token, { module: fault, limits: { call: 30_000, close: 300 } });
    await other.provider.list();
    fault.order('C_FindObjects hang');
    const hanging = codeOf(() => other.provider.list());
    const waiting = codeOf(() => other.provider.list());
    await vi.waitFor(() => expect(fault.waiting()).toBe(false));
    const started = performance.now();
    await other.modules.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect([await hanging, await waiting]).toEqual(['module-crashed', 'cancelled']);
  });

  test('a module that hangs at its farewell is ended', async () => {
    const other = await openToken(token, { module: fault, limits: { ...limits, close: 300 } });
    fault.order('C_Finalize hang');
    await other.modules.close();
    expect(fault.waiting()).toBe(false);
  });
});
