/** Tokens that are pulled while somebody works, on real modules, some of which go on answering for them: what a person is told, and that nothing is concluded from what is not there any more. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { KeyProvider, SignResult } from '../../electron/vault/providers/provider.ts';
import { openToken } from '../fixtures/openModules.ts';
import { makePivToken } from '../fixtures/pivToken.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import { whatIsSaid } from '../fixtures/whatIsSaid.ts';

const digest = new Uint8Array(createHash('sha256').update('signed').digest());
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A signature that failed among others is said like any other failure. */
async function assertSigned(done: Promise<readonly SignResult[]>): Promise<void> {
  for (const one of await done) if (one.ok === false) throw one.error;
}

const isGone = /^token-absent: the token .*is not there.*; (check that the token is plugged in|plug the token in), then try again/;

describe('SoftHSM, which goes on with the sessions of a token whose folder is gone', () => {
  const request = (label: string) => ({ id: new Uint8Array(16).fill(label.length), label, algorithm: 'ec-p256', purpose: 'signature', exportable: false }) as const;

  async function pulled(): Promise<{ readonly provider: KeyProvider; readonly ref: string }> {
    const token = makeSoftHsmToken('gone');
    const { provider, modules } = await openToken(token);
    closers.push(async () => {
      await modules.close();
      token.remove();
    });
    const { ref } = await provider.generate(request('signer'));
    const folder = join(token.folder, 'tokens');
    const own = readdirSync(folder).find((name) => statSync(join(folder, name)).isDirectory()) ?? '';
    renameSync(join(folder, own), join(token.folder, 'away'));
    return { provider, ref };
  }

  test.each([
    ['sign', ({ provider, ref }) => assertSigned(provider.sign({ ref, mechanism: 'ecdsa-sha256', inputs: [digest] }))],
    ['list', ({ provider }) => provider.list()],
    ['look for a key', ({ provider, ref }) => provider.find(ref)],
    ['survey', async ({ provider }) => await provider.adoption?.survey()],
    ['generate', ({ provider }) => provider.generate(request('another'))],
    ['destroy', ({ provider, ref }) => provider.destroy(ref)],
  ] as [string, (at: { readonly provider: KeyProvider; readonly ref: string }) => Promise<unknown>][])('SECURITY: to %s says that it is gone, never that it is empty', async (_, work) => {
    const at = await pulled();
    expect(await whatIsSaid(() => work(at))).toMatch(isGone);
    expect(await whatIsSaid(() => work(at)), 'and again').toMatch(isGone);
  });
});

describe.each([
  ['OpenSC', 'token-absent: the card was pulled (C_Sign: CKR_DEVICE_REMOVED 0x32); put the card back, then try again'],
  ['YKCS11', 'token-refused: the YubiKey does not answer: it was pulled, or another program holds it (C_Sign: CKR_DEVICE_ERROR 0x30); plug it in, end other programs that use it (gpg), then try again'],
] as const)('a card through %s', (through, first) => {
  test('is told to be pulled by the call that it fails, and to be gone by the next ones', async () => {
    const card = await makePivToken(through);
    closers.push(() => card.close());
    const key = await card.prepared('rsa-2048', 'signature');
    const sign = () => card.provider.sign({ ref: key?.ref ?? '', mechanism: 'rsa-pkcs1-sha256', inputs: [digest] });
    expect((await sign())[0]?.ok).toBe(true);
    process.kill(Number(readFileSync(join(card.folder, 'card.pid'), 'utf8')));
    await setTimeout(1500); // the reader's daemon looks for its card now and then
    expect(await whatIsSaid(() => assertSigned(sign()))).toBe(first);
    for (const work of [() => assertSigned(sign()), () => card.provider.list()]) expect(await whatIsSaid(work)).toMatch(isGone);
    expect(await card.modules.tokens()).toEqual([]);
  });
});
