/** A new epoch: everything is sealed anew, the log goes on and verifies, what belonged to the epoch before opens nothing, and a kill leaves one epoch whole. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../electron/vault/crypto/bytes.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { verifyExport } from '../../electron/vault/log/verifyExport.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-renew-'));
const path = join(folder, 'a.strongroom');
const clock = { now: () => Date.now() };
const secret = (text: string) => SecretBytes.own(new TextEncoder().encode(text));
const [first, second, words] = ['correct horse battery', 'another passphrase of length', 'the words of the sheet'];
const id = (byte: number) => new Uint8Array(16).fill(byte);
const open = async (typed: string, mode: 'passphrase' | 'recovery' = 'passphrase') => (await unlockVault({ path, passphrase: secret(typed), clock, mode })).vault;
const material = (byte: number) => SecretBytes.own(new Uint8Array(32).fill(byte));
const sql = (text: string) => execFileSync('sqlite3', [path, text]).toString().trim();

let vault: OpenVault;

beforeEach(async () => {
  rmSync(path, { force: true });
  vault = await createVault({ path, personName: 'Ada', passphrase: secret(first), cost: 'minimum', clock });
  for (const byte of [1, 2, 3]) vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(byte), value: { protections: byte, processings: 0, lastAt: 0 } }], materials: [{ id: id(byte), material: material(byte) }] });
  vault.commit({ kind: 'use', body: {}, removes: [{ table: 'usage', id: id(3) }], shreds: [id(3)] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows, material and log as they were, but for the statement. */
function requireContent(opened: OpenVault): void {
  expect([...opened.list('usage')].map((row) => [row.id[0], row.value['protections']])).toEqual([[1, 1], [2, 2]]);
  for (const byte of [1, 2]) expect(opened.openMaterial(id(byte))?.expose()).toEqual(new Uint8Array(32).fill(byte));
  expect(opened.openMaterial(id(3))).toBeUndefined();
}

describe('a new epoch with new keys', () => {
  test('has all that the vault had, here and after it is opened again, and its log verifies by itself', async () => {
    const { genesisFingerprint } = vault;
    const entry = await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' });
    expect([entry.kind, entry.epoch, vault.epoch]).toEqual(['epoch', 2, 2]);
    requireContent(vault);
    vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(2), value: { protections: 2, processings: 1, lastAt: 0 } }] });
    const verified = await verifyExport(vault.exportLog(), { genesisFingerprint });
    expect(verified.entries).toBe(vault.log.size);
    expect(await vault.check()).toMatchObject({ entries: verified.entries });
    vault.close();
    const again = await open(second);
    requireContent(again);
    expect([again.epoch, toHex(again.genesisFingerprint)]).toEqual([2, toHex(genesisFingerprint)]);
    await again.check();
    again.close();
  });

  test('the old passphrase opens nothing any more, nor do the words of an old sheet', async () => {
    await vault.access.addWay(secret(first), 'recovery', { passphrase: secret(words) });
    expect(vault.access.ways().map(({ mode }) => mode).toSorted()).toEqual(['passphrase', 'recovery']);
    await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' });
    expect(vault.access.ways().map(({ mode }) => mode)).toEqual(['passphrase']);
    vault.close();
    await expect(open(first)).rejects.toMatchObject({ code: 'wrong-passphrase' });
    await expect(open(words, 'recovery')).rejects.toMatchObject({ code: 'not-found' });
    (await open(second)).close();
  });

  test('every sealed row and every key of material is another than before', async () => {
    vault.close();
    const columns = () => ['SELECT hex(sealed) FROM usage', 'SELECT hex(sealed) FROM material', 'SELECT hex(sealed) FROM "materialKey"', 'SELECT hex(sealed) FROM entry', 'SELECT hex(sealed) FROM root', 'SELECT hex(daily) FROM access'].flatMap((text) => sql(text).split('\n'));
    const before = new Set(columns());
    vault = await open(first);
    await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' });
    vault.close();
    expect(columns().filter((column) => before.has(column))).toEqual([]);
    expect(sql('SELECT DISTINCT epoch FROM root')).toBe('2');
  });

  test('a second one follows the first', async () => {
    await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' });
    await vault.renew(secret(second), { act: 'vault.renew', passphrase: secret(first), cost: 'minimum' });
    vault.close();
    vault = await open(first);
    requireContent(vault);
    expect(vault.epoch).toBe(3);
    expect((await verifyExport(vault.exportLog(), {})).entries).toBe(vault.log.size);
    vault.close();
  });

  test('what was begun before it does not seal old keys into the vault: the vault opens all the same', async () => {
    const third = 'a third passphrase here';
    const all = await Promise.allSettled([
      vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' }),
      vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(first), cost: 'minimum' }),
      vault.access.changePassphrase(secret(first), secret(third), 'calibrated'),
      vault.access.addWay(secret(first), 'recovery', { passphrase: secret(words) }),
    ]);
    // Which comes first is not told; what comes too late says so.
    for (const one of all) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'refused' });
    expect(all.slice(0, 2).filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    requireContent(vault);
    vault.close();
    let opens = 0;
    for (const typed of [first, second, third]) {
      const again = await open(typed).catch(() => undefined);
      if (again === undefined) continue;
      opens += 1;
      requireContent(again);
      expect(again.epoch).toBe(2);
      await again.check();
      again.close();
    }
    expect(opens).toBe(1);
  });

  test('a wrong passphrase changes nothing', async () => {
    await expect(vault.renew(secret('not the passphrase'), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' })).rejects.toMatchObject({ code: 'wrong-passphrase' });
    expect(vault.epoch).toBe(1);
    requireContent(vault);
    vault.close();
  });
});

describe('a new epoch with the keys as they are', () => {
  test('keeps the ways in', async () => {
    await vault.access.addWay(secret(first), 'recovery', { passphrase: secret(words) });
    await vault.renew(secret(first), { act: 'vault.restore', cost: 'minimum' });
    vault.close();
    vault = await open(words, 'recovery');
    requireContent(vault);
    expect(vault.epoch).toBe(2);
    vault.close();
    (await open(first)).close();
  });
});

describe('what belonged to the epoch before', () => {
  test.each([
    ['a root', "DELETE FROM root WHERE kind = 'material'; INSERT INTO root SELECT * FROM old.root WHERE kind = 'material'", 'a root was'],
    ['all roots and the header', 'DELETE FROM root; INSERT INTO root SELECT * FROM old.root; UPDATE header SET epoch = 1', 'vault-tampered'],
    ['a row', 'INSERT OR REPLACE INTO usage SELECT * FROM old.usage WHERE revision = 1', 'was edited'],
    ['a way in', 'INSERT OR REPLACE INTO access SELECT * FROM old.access', 'vault-tampered'],
    ['the key of some material', 'INSERT OR REPLACE INTO "materialKey" SELECT * FROM old."materialKey"', 'the key of some key material was'],
    ['an entry', 'UPDATE entry SET sealed = (SELECT sealed FROM old.entry o WHERE o.seq = entry.seq) WHERE seq = 2', 'entry 2 of the log was edited'],
  ])('%s is refused', async (_, edit, sentence) => {
    vault.close();
    const old = join(folder, 'old.strongroom');
    copyFileSync(path, old);
    vault = await open(first);
    // With the keys as they are, the same passphrase opens both.
    await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(first), cost: 'minimum' });
    vault.close();
    sql(`ATTACH '${old}' AS old; ${edit}`);
    const refused = await open(first).then((opened) => opened.check().then(() => 'opened', (error: unknown) => error).finally(() => opened.close()), (error: unknown) => error);
    expect(refused).toMatchObject({ code: 'vault-tampered' });
    if (sentence !== 'vault-tampered') expect((refused as Error).message).toContain(sentence);
  });
});

test('EPOCH-1: a statement that its keys did not approve, or that another epoch should follow, is no statement', async () => {
  await vault.renew(secret(first), { act: 'vault.renew', passphrase: secret(second), cost: 'minimum' });
  vault.commit({ kind: 'use', body: {} });
  const lines = [...vault.exportLog()];
  vault.close();
  const epochLine = lines.findIndex((line) => line.includes('"seq":5,'));
  const forged = lines.toSpliced(epochLine, 1, (lines[epochLine] ?? '').replace(/"signature":"../, (start) => `${start.slice(0, -2)}${start.endsWith('00') ? '01' : '00'}`));
  await expect(verifyExport(forged, {})).rejects.toMatchObject({ code: 'log-invalid' });
  await expect(verifyExport(lines.toSpliced(epochLine, 1), {})).rejects.toMatchObject({ code: 'log-invalid' });
  expect((await verifyExport(lines, {})).entries).toBe(7);
});
