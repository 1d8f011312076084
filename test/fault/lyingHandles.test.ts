/** A module whose handles lie: no key is used or destroyed in the place of another, and no foreign memory is handed out. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Algorithm } from '../../shared/model/terms.ts';
import { makeFaultModule } from '../fixtures/faultModule.ts';
import type { FaultModule } from '../fixtures/faultModule.ts';
import { openToken } from '../fixtures/openModules.ts';
import type { OpenedToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';

let token: SoftHsmToken;
let fault: FaultModule;
let opened: OpenedToken;

beforeAll(async () => {
  token = makeSoftHsmToken();
  fault = makeFaultModule(token);
  opened = await openToken(token, { module: fault });
  for (const label of ['first', 'second', 'third']) await make(label);
});
afterAll(async () => {
  await opened.modules.close();
  token.remove();
});

const make = (label: string, algorithm: Algorithm = 'aes-256') => opened.provider.generate({ id: randomBytes(16), label, algorithm, purpose: 'data-encryption', exportable: false });
/** As pkcs11-tool sees them. */
const onToken = () => [...token.pkcs11Tool('--list-objects').matchAll(/label:\s+(.+)/g)].map(([, label]) => label).toSorted();

async function anew(): Promise<void> {
  await opened.modules.close();
  opened = await openToken(token, { module: fault });
}

test.each(['C_GenerateKeyPair other', 'C_GenerateKey other', 'C_CreateObject other'])('a probe whose throw-away key has the handle of another key destroys none: %s', async (order) => {
  await anew();
  const before = onToken();
  await opened.provider.list();
  fault.order(order);
  await opened.provider.capabilities().catch(() => undefined);
  await opened.modules.close();
  expect(fault.waiting(), 'the module lied').toBe(false);
  expect(onToken()).toEqual(before);
});

test('a search that gives another object has no other object destroyed', async () => {
  const doomed = Array.from({ length: 16 }, (_, index) => `doomed ${index + 1}`);
  await anew();
  const keys = await Promise.all(doomed.map((label) => make(label)));
  let [before, lied] = [onToken(), 0];
  for (const [index, label] of doomed.entries()) {
    fault.program([`C_FindObjects ${index + 1} other`]);
    await anew();
    await opened.provider.destroy(keys[index]?.ref ?? '').catch(() => undefined);
    lied += fault.done().length;
    fault.program([]);
    const after = onToken();
    expect(before.filter((other) => other !== label && !after.includes(other)), `search ${index + 1}`).toEqual([]);
    before = after;
  }
  await anew();
  expect(lied).toBeGreaterThan(3);
}, 120_000);

test('positive control: the bare binding hands out the pattern that the module fills its memory with', () => {
  fault.program(['C_GetAttributeValue 2 grow 4000']);
  const script = `
    import pkcs11 from 'pkcs11js';
    const lib = new pkcs11.PKCS11();
    lib.load(${JSON.stringify(fault.modulePath)});
    lib.C_Initialize({ flags: 2 });
    const session = lib.C_OpenSession(lib.C_GetSlotList(true)[0], 4);
    lib.C_Login(session, 1, ${JSON.stringify(token.userPin)});
    lib.C_FindObjectsInit(session, [{ type: pkcs11.CKA_LABEL, value: 'first' }]);
    const [object] = lib.C_FindObjects(session, 1);
    process.stdout.write(lib.C_GetAttributeValue(session, object, [{ type: pkcs11.CKA_LABEL }])[0].value);`;
  const shown = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env: { ...process.env, ...fault.environment }, encoding: 'latin1' });
  fault.program([]);
  expect(shown).toContain('CanaryOfTheHeap!');
});
