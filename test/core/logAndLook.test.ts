/** Proofs of log entries by a verifier of our own (RFC 6962 §2.1.1), the log of one key, a look at a closed vault, and a vault opened read-only. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../shared/ipc/contract.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

type Proof = Reply<'audit.proof'>;

const sha256 = (...parts: readonly Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const one = Buffer.of(0x01);

/** The root that a leaf and its audit path lead to, as RFC 9162 §2.1.3.2 words it for the path of RFC 6962 §2.1.1; undefined where the path has the wrong length. */
function rootOf({ entry, size, path }: Proof): string | undefined {
  let node = entry.seq;
  let last = size - 1;
  let hash = Buffer.from(entry.leaf, 'hex');
  for (const text of path) {
    if (last === 0) return undefined;
    const beside = Buffer.from(text, 'hex');
    if (node % 2 === 1 || node === last) {
      hash = sha256(one, beside, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [node >> 1, last >> 1];
    } else hash = sha256(one, hash, beside);
    [node, last] = [node >> 1, last >> 1];
  }
  return last === 0 ? hash.toString('hex') : undefined;
}

/** RFC 6962 §2.1, word for word: MTH of a list of leaf hashes. */
function treeHead(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only !== undefined && leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(one, treeHead(leaves.slice(0, split)), treeHead(leaves.slice(split)));
}

let t: TestCore;
beforeEach(async () => {
  t = makeTestCore();
  await t.create();
});
afterEach(() => t.close());

const generate = (name: string) => t.call('key.generate', { name, purpose: 'data-encryption', algorithm: 'aes-256' });
const size = async () => (await t.call('audit.list', {})).size;
const prove = (entry: number) => t.call('audit.proof', { entry });

describe('audit.proof', () => {
  test('leads from every entry to the root, at every size on the way', async () => {
    const sizes = new Set<number>();
    for (let round = 0; (await size()) < 18; round += 1) {
      const now = await size();
      sizes.add(now);
      const { entries } = await t.call('audit.list', {});
      const { logRoot } = await t.call('vault.info', {});
      expect(treeHead(entries.map(({ leaf }) => Buffer.from(leaf, 'hex'))).toString('hex')).toBe(logRoot);
      for (const entry of entries) {
        const proof = await prove(entry.seq);
        expect(proof).toMatchObject({ entry, size: now, root: logRoot });
        expect(rootOf(proof), `entry ${entry.seq} of ${now}`).toBe(logRoot);
      }
      if (round % 3 === 2) await generate(`k${round}`);
      else await t.call('vault.passwd', { unlockCost: 'minimum' });
    }
    expect([...sizes].some((one) => one > 4 && Math.log2(one) % 1 !== 0)).toBe(true);
  });

  test('leads nowhere with another leaf, another place, another size or another path', async () => {
    await generate('a');
    await generate('b');
    const proof = await prove(2);
    expect(rootOf(proof)).toBe(proof.root);
    expect(rootOf({ ...proof, entry: { ...proof.entry, leaf: (await prove(3)).entry.leaf } })).not.toBe(proof.root);
    expect(rootOf({ ...proof, entry: { ...proof.entry, seq: 3 } })).not.toBe(proof.root);
    expect(rootOf({ ...proof, path: proof.path.slice(1) })).not.toBe(proof.root);
    expect(rootOf({ ...proof, path: proof.path.toReversed() })).not.toBe(proof.root);
    expect(rootOf({ ...proof, size: proof.size * 2 })).not.toBe(proof.root);
  });

  test('the leaf is that of the exported entry: SHA-256(0x00, salt, entry, signature)', async () => {
    await generate('a');
    const proofs = await Promise.all(Array.from({ length: await size() }, (_, entry) => prove(entry)));
    await t.call('audit.export', { out: t.write('log.jsonl') });
    const lines = readFileSync(t.path('log.jsonl'), 'utf8').trim().split('\n').slice(1).map((line) => JSON.parse(line) as { seq: number; salt: string; entry: string; signature: string });
    for (const { entry } of proofs) {
      const line = lines[entry.seq];
      expect(sha256(Buffer.of(0x00), ...[line?.salt, line?.entry, line?.signature].map((text) => Buffer.from(text ?? '', 'hex'))).toString('hex')).toBe(entry.leaf);
    }
  });

  test('holds for what was written before the last unlock too, and the older root is that of the older proof', async () => {
    await generate('a');
    const before = await prove(1);
    await t.call('vault.lock', {});
    await t.unlock();
    await generate('b');
    const after = await prove(1);
    expect(after.entry.leaf).toBe(before.entry.leaf);
    expect(after.size).toBeGreaterThan(before.size);
    expect([rootOf(before), rootOf(after)]).toEqual([before.root, after.root]);
  });

  test('an entry that is not there is not found', async () => {
    expect(await t.refused('audit.proof', { entry: await size() })).toMatchObject({ code: 'not-found', field: 'entry' });
    expect(await t.refused('audit.proof', { entry: -1 })).toMatchObject({ code: 'request-invalid' });
    await t.call('vault.lock', {});
    expect(await t.refused('audit.proof', { entry: 0 })).toMatchObject({ code: 'locked' });
  });
});

describe('audit.list of one key', () => {
  test('gives the entries about it, with the outcomes of what was intended, and no other', async () => {
    await generate('a');
    await generate('b');
    writeFileSync(t.path('in'), 'wages');
    await t.call('key.encrypt', { key: 'a', in: t.read('in'), out: t.write('out') });
    await t.call('key.suspend', { key: 'a', reason: 'audit' });
    await t.call('key.suspend', { key: 'b', reason: 'audit' });
    const all = (await t.call('audit.list', {})).entries;
    const { key } = await t.call('key.show', { key: 'a' });
    const { entries, size: whole } = await t.call('audit.list', { key: 'a' });
    expect(whole).toBe(all.length);
    const intents = all.filter(({ kind, body }) => kind === 'intent' && body['key'] === key.id).map(({ seq }) => seq);
    expect(entries).toEqual(all.filter(({ body }) => body['key'] === key.id || intents.includes(body['intent'] as number)));
    expect(entries.length).toBeGreaterThanOrEqual(3);
    expect(entries.length).toBeLessThan(all.length);
  });

  test('goes on from a number, up to a number; an unknown key is not found', async () => {
    await generate('a');
    await t.call('key.suspend', { key: 'a', reason: 'audit' });
    await t.call('key.resume', { key: 'a', reason: 'done' });
    const { entries } = await t.call('audit.list', { key: 'a' });
    const [first, second] = entries;
    expect((await t.call('audit.list', { key: 'a', limit: 1 })).entries).toEqual([first]);
    expect((await t.call('audit.list', { key: 'a', from: (first?.seq ?? 0) + 1, limit: 1 })).entries).toEqual([second]);
    expect(await t.refused('audit.list', { key: 'nobody' })).toMatchObject({ code: 'not-found' });
  });

  test('finds the outcome of an intent that came before the first number', async () => {
    await generate('a');
    await t.call('key.destroy', { key: 'a', reason: 'gone' });
    const outcome = (await t.call('audit.list', { key: 'a' })).entries.at(-1);
    expect(outcome).toMatchObject({ kind: 'outcome', body: { act: 'key.destroy' } });
    expect((await t.call('audit.list', { key: 'a', from: outcome?.seq ?? 0 })).entries).toEqual([outcome]);
  });
});

describe('vault.look', () => {
  test('says what the header says, without a passphrase, and changes nothing', async () => {
    const { vaultId, genesisFingerprint, formatVersion } = await t.call('vault.info', {});
    expect(await t.refused('vault.look', { file: t.read('test.strongroom') })).toMatchObject({ code: 'already-unlocked' });
    await t.call('vault.lock', {});
    const before = readFileSync(t.vaultPath);
    expect(await t.call('vault.look', { file: t.read('test.strongroom') })).toEqual({ vaultId, genesisFingerprint, formatVersion });
    expect(readFileSync(t.vaultPath).equals(before)).toBe(true);
  });

  test('refuses what is no vault', async () => {
    await t.call('vault.lock', {});
    writeFileSync(t.path('text'), 'not a vault');
    expect(await t.refused('vault.look', { file: t.read('text') })).toMatchObject({ code: 'vault-foreign' });
    expect(await t.refused('vault.look', { file: t.read('nothing') })).toMatchObject({ code: 'vault-not-found' });
  });

  test('releases the file: it can be opened at once', async () => {
    await t.call('vault.lock', {});
    await t.call('vault.look', { file: t.read('test.strongroom') });
    await t.unlock();
  });
});

describe('vault.unlock, read-only', () => {
  const unlock = () => t.call('vault.unlock', { file: t.read('test.strongroom'), readOnly: true });

  test('shows everything, leaves no trace, and every change is refused', async () => {
    await generate('a');
    await t.call('vault.lock', {});
    const before = readFileSync(t.vaultPath);
    const opened = await unlock();
    expect(opened).toMatchObject({ readOnly: true, keys: 1 });
    expect(opened.findings.join()).toContain('leaves no trace');
    expect(rootOf(await prove(0))).toBe(opened.logRoot);
    await t.call('vault.check', {});
    writeFileSync(t.path('in'), 'wages');
    const changes = [
      () => generate('b'),
      () => t.call('key.suspend', { key: 'a', reason: 'audit' }),
      () => t.call('key.destroy', { key: 'a', reason: 'gone' }),
      () => t.call('key.encrypt', { key: 'a', in: t.read('in'), out: t.write('out') }),
      () => t.call('vault.passwd', { unlockCost: 'minimum' }),
    ];
    for (const change of changes) await expect(change()).rejects.toThrow('vault-read-only');
    expect(existsSync(t.path('out'))).toBe(false);
    expect((await t.call('key.list', {})).keys.map(({ name, state }) => [name, state])).toEqual([['a', 'active']]);
    await t.call('vault.lock', {});
    expect(readFileSync(t.vaultPath).equals(before)).toBe(true);
  });

  test('a wrong passphrase leaves no trace either', async () => {
    await t.call('vault.lock', {});
    const before = readFileSync(t.vaultPath);
    t.answers.passphrase = 'another one altogether';
    expect(await t.refused('vault.unlock', { file: t.read('test.strongroom'), readOnly: true })).toMatchObject({ code: 'wrong-passphrase' });
    expect(readFileSync(t.vaultPath).equals(before)).toBe(true);
  });
});
