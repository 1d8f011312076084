/** What a token with many objects costs, and what a module that lies is told: on a fake of the token. */
import { createECDH } from 'node:crypto';
import { expect, test } from 'vitest';
import type { KeyFacts } from '../../electron/pkcs11-wire/keyShapes.ts';
import { aesKwpWrap } from '../../electron/vault/crypto/aesKeyWrap.ts';
import { TokenAdoption } from '../../electron/vault/providers/pkcs11/tokenAdoption.ts';
import type { TokenClient } from '../../electron/vault/providers/pkcs11/tokenClient.ts';
import type { TokenProfile } from '../../electron/vault/providers/pkcs11/tokenProfile.ts';
import { wrapByComputer } from '../../electron/vault/providers/pkcs11/tokenWrapping.ts';
import type { VaultRecords } from '../../electron/vault/records/vaultRecords.ts';
import { compareKeys } from '../../electron/vault/services/tokenKeyViews.ts';

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

/** RSA of 2048 bits, somebody's. */
const recipient = { publicKey: { modulus: new Uint8Array(256).fill(0xc5), exponent: Uint8Array.of(1, 0, 1) } };

test.each([
  ['bytes that were wrapped under no key', () => new Uint8Array(160).fill(7), 'does not open'],
  ['what is no private key', (ephemeral: Uint8Array) => aesKwpWrap(ephemeral, new Uint8Array(40).fill(7)), 'no PKCS#8'],
])('a private key that is to travel: the module gives %s, and is refused by name', async (_, wrappedBy, reason) => {
  const fake: Pick<TokenClient, 'name' | 'call'> = {
    name: { label: 'lies', serial: '1' },
    call: (_operation, args) => Promise.resolve({ wrapped: wrappedBy((args as unknown as { readonly ephemeral: { readonly computer: Uint8Array } }).ephemeral.computer) } as never),
  };
  const [key] = pairs(1);
  if (key === undefined) throw new Error('no key');
  const request = { ref: 'r', wrapper: { publicKey: new Uint8Array(0) }, format: 'rsa-aes-kwp-sha256', ephemeral: 'computer' } as const;
  const journey = { key, wrapper: recipient, request, profile: { aesMechanisms: { 'aes-kwp': 'aes-kwp-210b' } } as unknown as TokenProfile };
  await expect(wrapByComputer(fake as TokenClient, journey)).rejects.toMatchObject({ code: 'token-refused', message: expect.stringContaining(reason) as string });
});

test('SECURITY: each of a thousand objects is read once, so that the core answers and a lock gets through', async () => {
  const token = tokenWith(pairs(500));
  const began = performance.now();
  const { keys: found } = await new TokenAdoption(token).survey();
  expect(performance.now() - began).toBeLessThan(10_000); // a minute and a half where each is read for each
  expect(found).toHaveLength(500);
  expect(found.every(({ publicKey, companions }) => publicKey !== undefined && companions.length === 1)).toBe(true);
  expect(new Set(found.map(({ publicKey }) => Buffer.from(publicKey ?? []).toString('hex'))).size).toBe(500);
}, 60_000);

test('SECURITY: a thousand keys are compared with a thousand of the vault, each reference read once', async () => {
  const token = tokenWith(pairs(1000));
  const { keys: found } = await new TokenAdoption(token).survey();
  const place = { kind: 'pkcs11', label: 'many', serial: '1', manufacturer: 'none' } as const;
  const escaped = (ref: string) => ref.replace('token=many', 'token=%6Dany');
  const rows = found.map(({ ref }, index) => ({ id: new Uint8Array(16), record: { state: 'active', number: index, ref: escaped(ref) } }));
  const gone = { id: new Uint8Array(16), record: { state: 'active', number: 5000, ref: 'pkcs11:token=many;serial=1;id=%FF;type=private' } };
  const records = { all: () => [...rows, gone], keyOf: () => ({ record: { name: 'many', place } }) } as unknown as VaultRecords;
  const began = performance.now();
  const { keys, missing } = compareKeys(records, place, found);
  expect(performance.now() - began).toBeLessThan(10_000); // two minutes where each is read for each
  expect(keys.map(({ knownAs }) => knownAs)).toEqual(found.map((_, index) => `many version ${index}`));
  expect(missing).toEqual(['many version 5000']);
}, 60_000);
