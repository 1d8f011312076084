/** Edits by another program: the unlock names each. The program is sqlite3, after the passphrase is known to nobody but the vault. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-tamper-'));
const original = join(folder, 'original.strongroom');
/** The same vault some commits earlier: where rows are rolled back to. */
const earlier = join(folder, 'earlier.strongroom');
const path = join(folder, 'edited.strongroom');
const clock = { now: () => Date.now() };
const secret = () => SecretBytes.own(new TextEncoder().encode('correct horse'));
/** Opens the edited vault and closes it again, so that one which opens unexpectedly does not stand in the next one's way. */
const unlock = async () => (await unlockVault({ path, passphrase: () => Promise.resolve(secret()), clock })).vault.close();
const id = (byte: number) => new Uint8Array(16).fill(byte);
const idSql = (byte: number) => `X'${Buffer.from(id(byte)).toString('hex')}'`;
const usage = (protections: number) => ({ protections, processings: 0, lastAt: 0 });

beforeAll(async () => {
  const vault = await createVault({ path: original, personName: 'Ada', passphrase: secret(), cost: 'minimum', clock });
  for (const byte of [1, 2, 3]) vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(byte), value: usage(1) }], materials: [{ id: id(byte), material: SecretBytes.own(new Uint8Array(32)) }] });
  vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(4), value: usage(1) }] });
  vault.close();
  copyFileSync(original, earlier);
  const { vault: later } = await unlockVault({ path: original, passphrase: () => Promise.resolve(secret()), clock });
  later.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(1), value: usage(2) }], removes: [{ table: 'usage', id: id(4) }] });
  later.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id: id(2), value: usage(2) }] });
  later.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lowered = Buffer.from(encodeCanonical({ mode: 'passphrase', memoryKiB: 8, passes: 1, lanes: 1, salt: new Uint8Array(32) })).toString('hex');

test.each<[string, string, string]>([
  ['a row edited', `UPDATE usage SET sealed = CAST(zeroblob(length(sealed)) AS BLOB) WHERE id = ${idSql(1)}`, 'the row 01010101 of the table "usage" was edited'],
  ['one byte of a row', `UPDATE usage SET sealed = CAST(substr(sealed, 1, 60) || CASE substr(sealed, 61, 1) WHEN X'01' THEN X'00' ELSE X'01' END || substr(sealed, 62) AS BLOB) WHERE id = ${idSql(3)}`, 'the row 03030303 of the table "usage" was edited'],
  ['a row deleted', `DELETE FROM usage WHERE id = ${idSql(2)}`, 'the row 02020202 of the table "usage" was removed'],
  ['two rows swapped', `CREATE TEMP TABLE t AS SELECT * FROM usage; UPDATE usage SET sealed = (SELECT sealed FROM t WHERE id = ${idSql(2)}), revision = 2 WHERE id = ${idSql(1)}`, 'the row 01010101 of the table "usage" was edited'],
  ['a row rolled back', `ATTACH '${earlier}' AS old; INSERT OR REPLACE INTO usage SELECT * FROM old.usage WHERE id = ${idSql(1)}`, 'the row 01010101 of the table "usage" was rolled back'],
  ['a removed row put back', `ATTACH '${earlier}' AS old; INSERT INTO usage SELECT * FROM old.usage WHERE id = ${idSql(4)}`, 'the row 04040404 of the table "usage" was put back'],
  ['a row added', `INSERT INTO usage SELECT ${idSql(9)}, revision, sealed FROM usage WHERE id = ${idSql(1)}`, 'the row 09090909 of the table "usage" was added'],
  ['a revision changed', `UPDATE usage SET revision = 7 WHERE id = ${idSql(1)}`, 'the row 01010101 of the table "usage" was edited'],
  ['an index added', 'CREATE INDEX fast ON usage (revision)', 'index "fast" that is not ours'],
  ['a trigger added', 'CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM entry; END', 'trigger "t" that is not ours'],
  ['a table dropped', 'DROP TABLE attempt', 'the schema lacks the table "attempt"'],
  ['the schema edited', "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', 'STRICT ') WHERE name = 'attempt'", 'the schema of the table "attempt" was edited'],
  ['the newest entries cut', 'DELETE FROM entry WHERE seq > (SELECT max(seq) - 2 FROM entry)', 'the newest 2 entries of the log were cut'],
  ['an entry deleted in the middle', 'DELETE FROM entry WHERE seq = 2', 'entry 2 of the log was removed'],
  ['an entry edited', 'UPDATE entry SET sealed = CAST(zeroblob(length(sealed)) AS BLOB) WHERE seq = (SELECT max(seq) FROM entry)', 'of the log was edited'],
  ['a leaf edited', 'UPDATE entry SET leaf = zeroblob(32) WHERE seq = 1', 'entries of the log were edited or swapped'],
  ['an entry added', 'INSERT INTO entry SELECT max(seq) + 1, leaf, sealed FROM entry', '1 entries were added to the log, or the state digest was rolled back'],
  ['the state digest rolled back', `ATTACH '${earlier}' AS old; UPDATE digest SET sealed = (SELECT sealed FROM old.digest)`, 'the state digest was rolled back'],
  ['the state digest edited', 'UPDATE digest SET sealed = CAST(zeroblob(length(sealed)) AS BLOB)', 'the state digest was edited'],
  ['the state digest removed', 'DELETE FROM digest', 'the state digest was removed'],
  ["the header's vault id", 'UPDATE header SET vault = zeroblob(16)', 'the header was edited'],
  ["the header's genesis", 'UPDATE header SET genesis = zeroblob(32)', 'the header was edited: it names another genesis'],
  ['the header removed', 'DELETE FROM header', 'the header was edited'],
  ['a foreign way in added', 'INSERT INTO access SELECT zeroblob(16), zeroblob(16), parameters, commitment, daily, approval FROM access', 'a way in was added'],
  ['a way in removed', 'DELETE FROM access', 'there is no way in'],
  ['a way in edited', 'UPDATE access SET approval = CAST(zeroblob(length(approval)) AS BLOB)', 'a way in was edited'],
  ['the daily keys edited', 'UPDATE access SET daily = CAST(zeroblob(length(daily)) AS BLOB)', 'a way in was edited'],
  ['the Argon2id parameters lowered', `UPDATE access SET parameters = X'${lowered}'`, 'argon2 "memoryKiB" expected 65536'],
  ['a root edited', "UPDATE root SET sealed = CAST(zeroblob(length(sealed)) AS BLOB) WHERE kind = 'material'", 'a root was edited'],
  ['a root removed', "DELETE FROM root WHERE kind = 'metadata'", 'leads to no root'],
  ['the material root removed', "DELETE FROM root WHERE kind = 'material'", 'a root was removed'],
  ['key material edited', `UPDATE material SET sealed = CAST(zeroblob(length(sealed)) AS BLOB) WHERE id = ${idSql(1)}`, 'some key material was edited'],
  ['the key of some material removed', `DELETE FROM "materialKey" WHERE id = ${idSql(1)}`, 'the key of some key material was removed'],
])('%s', async (_, sql, sentence) => {
  copyFileSync(original, path);
  execFileSync('sqlite3', [path, sql], { stdio: 'pipe' });
  await expect(unlock()).rejects.toMatchObject({ code: 'vault-tampered', message: expect.stringContaining(sentence) });
});

test('the vault itself, untouched, opens', async () => {
  copyFileSync(original, path);
  execFileSync('sqlite3', [path, 'SELECT count(*) FROM entry'], { stdio: 'pipe' });
  await unlock();
});

test('a doctored page is found by integrity_check', async () => {
  copyFileSync(original, path);
  const pages = execFileSync('sqlite3', [path, "SELECT rootpage FROM sqlite_schema WHERE name = 'usage'"]).toString().trim();
  const { writeSync, openSync, closeSync } = await import('node:fs');
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([0xff, 0xff]), 0, 2, (Number(pages) - 1) * 4096 + 3);
  closeSync(file);
  await expect(unlock()).rejects.toMatchObject({ code: 'vault-tampered' });
});
