/** What a token with many objects costs, and what a module that makes objects up gets into the vault: on a fake of the token. */
import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import type { KeyFacts } from '../../electron/pkcs11-wire/keyShapes.ts';
import { TokenAdoption } from '../../electron/vault/providers/pkcs11/tokenAdoption.ts';
import type { TokenClient } from '../../electron/vault/providers/pkcs11/tokenClient.ts';

function pairs(count: number): readonly KeyFacts[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = createECDH('prime256v1');
    pair.generateKeys();
    const own = { id: Uint8Array.of(index >> 8, index), label: `key ${index}`, keyType: 'ec', flags: {}, curve: 'ec-p256' } as const;
    return [{ ...own, class: 'private' as const }, { ...own, class: 'public' as const, point: new Uint8Array(pair.getPublicKey()) }];
  }).flat();
}

/** A fake: a token that holds these keys and no certificate. */
function tokenWith(keys: readonly KeyFacts[]): TokenClient {
  const fake: Pick<TokenClient, 'name' | 'call'> = {
    name: { label: 'many', serial: '1' },
    call: (operation) => Promise.resolve((operation === 'find' ? { keys } : { certificates: [] }) as never),
  };
  return fake as TokenClient;
}

test('SECURITY: each of a thousand objects is read once, so that the core answers and a lock gets through', async () => {
  const token = tokenWith(pairs(500));
  const began = performance.now();
  const found = await new TokenAdoption(token).survey();
  expect(performance.now() - began).toBeLessThan(10_000); // a minute and a half where each is read for each
  expect(found).toHaveLength(500);
  expect(found.every(({ publicKey, companions }) => publicKey !== undefined && companions.length === 1)).toBe(true);
  expect(new Set(found.map(({ publicKey }) => Buffer.from(publicKey ?? []).toString('hex'))).size).toBe(500);
}, 60_000);
