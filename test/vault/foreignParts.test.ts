/** Genuine parts in the wrong place: of another vault with the same passphrase, and of an earlier epoch of this one. SQLite's own program puts them there. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-foreign-'));
const at = (name: string) => join(folder, name);
let t: TestCore;

async function makeVault(name: string): Promise<void> {
  const core = makeTestCore();
  await core.create();
  await core.call('key.generate', { name: 'one', purpose: 'data-encryption', algorithm: 'aes-256' });
  await core.call('vault.lock', {});
  copyFileSync(core.vaultPath, at(name));
  await core.close();
}

beforeAll(async () => {
  await makeVault('ours');
  await makeVault('foreign');
  copyFileSync(at('ours'), at('earlier'));
  t = makeTestCore({ folder });
  const file = t.files.read(at('ours'));
  await t.call('vault.unlock', { file });
  await t.call('vault.renew', { unlockCost: 'minimum' });
  await t.call('vault.lock', {});
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing links a way in to its header before a key is known: the vault's id goes into the key, and another id is another key. */
const anotherKey = { code: 'wrong-passphrase', nextStep: expect.stringContaining('the way in may have been edited') };
const named = (sentence: RegExp) => ({ code: 'vault-tampered', message: expect.stringMatching(sentence) });

const everythingPlain = 'DELETE FROM header; INSERT INTO header SELECT * FROM foreign_.header; DELETE FROM access; INSERT INTO access SELECT * FROM foreign_.access; DELETE FROM root; INSERT INTO root SELECT * FROM foreign_.root';

test.each<[string, string, object]>([
  ["another vault's header", 'DELETE FROM header; INSERT INTO header SELECT * FROM foreign_.header', named(/the header was edited: it names epoch 1, which has no root/)],
  ["another vault's header, in our epoch", 'DELETE FROM header; INSERT INTO header SELECT id, suite, seed, vault, 2, genesis FROM foreign_.header', anotherKey],
  ["another vault's header but for its genesis", 'UPDATE header SET vault = (SELECT vault FROM foreign_.header)', named(/the header was edited/)],
  ["another vault's genesis", 'UPDATE header SET genesis = (SELECT genesis FROM foreign_.header)', named(/names another genesis/)],
  ["another vault's identity", 'DELETE FROM access; INSERT INTO access SELECT * FROM foreign_.access', anotherKey],
  ["another vault's identity beside ours", 'INSERT INTO access SELECT * FROM foreign_.access', named(/a way in was added/)],
  ["another vault's header, identity and roots over our rows", everythingPlain, named(/the state digest was edited/)],
  ['the roots of an earlier epoch beside ours', 'INSERT INTO root SELECT * FROM earlier.root', named(/a root was (added|put back)/)],
  ["an earlier epoch's root in the place of ours", "UPDATE root SET sealed = (SELECT sealed FROM earlier.root AS old WHERE old.kind = root.kind) WHERE kind = 'metadata'", named(/a root was edited/)],
  ["an earlier epoch's material root in the place of ours", "UPDATE root SET sealed = (SELECT sealed FROM earlier.root AS old WHERE old.kind = root.kind) WHERE kind = 'material'", named(/a root was edited/)],
  ['the header set back to an earlier epoch, with its roots', 'UPDATE header SET epoch = 1; INSERT INTO root SELECT * FROM earlier.root', named(/a root was edited|the state digest was edited|names epoch 1/)],
  ["an earlier epoch's identity, roots and header", 'UPDATE header SET epoch = 1; DELETE FROM access; INSERT INTO access SELECT * FROM earlier.access; DELETE FROM root; INSERT INTO root SELECT * FROM earlier.root', named(/the state digest was edited/)],
])('%s', async (_, sql, expected) => {
  copyFileSync(at('ours'), at('edited'));
  execFileSync('sqlite3', [at('edited'), `ATTACH '${at('foreign')}' AS foreign_; ATTACH '${at('earlier')}' AS earlier; ${sql}`], { stdio: 'pipe' });
  expect(await t.refused('vault.unlock', { file: t.files.read(at('edited')) })).toMatchObject(expected);
  await t.call('vault.unlock', { file: t.files.read(at('ours')), readOnly: true }); // what was not edited opens, and ends the slowing after a wrong passphrase
  await t.call('vault.lock', {});
});
