/** Unlock beyond the KDF, `key list` and `vault check`, with 1,000 to 100,000 keys, and the peak of memory, against the bare cost of opening as many sealed rows. */
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { argon2Floor, passphraseKey } from '../../electron/vault/crypto/passphraseKey.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { openRow, sealRow } from '../../electron/vault/store/sealedRow.ts';
import type { CborMap, RowPut } from '../../electron/vault/unlock/openVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';
import { keyRows } from '../fixtures/manyKeys.ts';
import { makeTestCore } from '../fixtures/testCore.ts';

type Say = (line: string) => void;

/** Opening `count` sealed rows like those of the vault, and nothing else. */
function bareOpening(rows: readonly RowPut[], count: number): number {
  const key = randomBytes(32);
  const vault = randomBytes(16);
  const sealed = rows.map(({ table, id, value }) => [{ vault, table, id, revision: 1 }, sealRow(key, 1, { vault, table, id, revision: 1 }, value as CborMap)] as const);
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const [name, blob] = sealed[index % sealed.length] ?? [];
    if (name !== undefined && blob !== undefined) openRow(key, name, blob);
  }
  return performance.now() - start;
}

async function one(keys: number, say: Say): Promise<void> {
  const t = makeTestCore();
  await t.create();
  await t.core.close();
  const passphrase = () => Promise.resolve(SecretBytes.own(new TextEncoder().encode(t.answers.passphrase)));
  const { vault } = await unlockVault({ path: t.vaultPath, passphrase, clock: { now: () => t.now } });
  const sample = keyRows(0, t.now, randomBytes);
  for (let at = 0; at < keys; at += 100) vault.commit({ kind: 'key', body: {}, puts: Array.from({ length: 100 }, (_, index) => keyRows(at + index, t.now, randomBytes)).flat() });
  vault.close();
  const kdfStart = performance.now();
  await passphraseKey(new TextEncoder().encode(t.answers.passphrase), randomBytes(32), argon2Floor);
  const kdf = performance.now() - kdfStart;
  const start = performance.now();
  await t.unlock();
  const unlock = performance.now() - start - kdf;
  const listStart = performance.now();
  const { length } = (await t.call('key.list', {})).keys;
  const list = performance.now() - listStart;
  const againStart = performance.now();
  await t.call('key.list', {});
  const again = performance.now() - againStart;
  const checkStart = performance.now();
  await t.call('vault.check', {});
  const check = performance.now() - checkStart;
  const bare = bareOpening(sample, 3 * keys);
  say(`${length} keys (${3 * keys} rows): opening the bare rows ${bare.toFixed(0)} ms; unlock beyond the KDF (${kdf.toFixed(0)} ms) ${unlock.toFixed(0)} ms, ${(unlock / bare).toFixed(1)} times; key list ${list.toFixed(0)} ms, again ${again.toFixed(0)} ms; check ${check.toFixed(0)} ms, ${(check / bare).toFixed(1)} times; peak of memory so far ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
  await t.close();
}

export async function vaultSizeBench(say: Say): Promise<string> {
  const { folder } = makeTestCore();
  for (const keys of [1000, 10_000, 100_000]) await one(keys, say);
  say('unlock is bound by opening sealed rows (XChaCha20-Poly1305 in JavaScript), then by their digest and integrity_check');
  return folder;
}
