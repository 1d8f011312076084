/** RSA-2048 signatures on SoftHSM: through the whole vault against a raw pkcs11js loop, beside the cost of the two bare commits that durability needs. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pkcs11 from 'pkcs11js';
import { makeSoftHsmToken, softHsmModulePath } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';

type Say = (line: string) => void;

/** Milliseconds of each of `count` runs, averaged. */
async function timed(count: number, run: (index: number) => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) await run(index);
  return (performance.now() - start) / count;
}

/** C_SignInit and C_Sign over DigestInfo, nothing around them. */
async function rawLoop(token: SoftHsmToken, count: number): Promise<number> {
  const module = new pkcs11.PKCS11();
  process.env.SOFTHSM2_CONF = token.environment.SOFTHSM2_CONF;
  module.load(softHsmModulePath());
  module.C_Initialize();
  const slot = module.C_GetSlotList(true).find((candidate) => module.C_GetTokenInfo(candidate).label.trim() === token.label);
  if (slot === undefined) throw new Error('the token is not there');
  const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, token.userPin);
  module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY }]);
  const [key] = module.C_FindObjects(session, 1);
  module.C_FindObjectsFinal(session);
  if (key === undefined) throw new Error('the token has no private key');
  const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), createHash('sha256').update('x').digest()]);
  const time = await timed(count, () => {
    module.C_SignInit(session, { mechanism: pkcs11.CKM_RSA_PKCS }, key);
    module.C_Sign(session, info, Buffer.alloc(256));
  });
  module.C_Finalize();
  return time;
}

/** Two commits as the vault makes them: a row and an entry each, on the same disk, with `synchronous=EXTRA`. */
async function bareCommits(folder: string, count: number): Promise<number> {
  const database = new Database(join(folder, 'bare.db'));
  for (const pragma of ['journal_mode = DELETE', 'synchronous = EXTRA', 'locking_mode = EXCLUSIVE', 'secure_delete = ON']) database.pragma(pragma);
  if (database.pragma('synchronous', { simple: true }) !== 3) throw new Error('synchronous is not EXTRA');
  database.exec('CREATE TABLE row (id INTEGER PRIMARY KEY, sealed BLOB) STRICT; CREATE TABLE entry (seq INTEGER PRIMARY KEY, sealed BLOB) STRICT');
  const row = database.prepare('INSERT OR REPLACE INTO row VALUES (1, ?)');
  const entry = database.prepare('INSERT INTO entry (sealed) VALUES (?)');
  const commit = database.transaction(() => {
    row.run(Buffer.alloc(200));
    entry.run(Buffer.alloc(700));
  });
  const time = await timed(count, () => {
    commit.immediate();
    commit.immediate();
  });
  database.close();
  return time;
}

export async function signatureBench(say: Say): Promise<string> {
  const token = makeSoftHsmToken('bench');
  const t = makeTestCore({ token });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(softHsmModulePath()) });
  await t.call('key.generate', { name: 's', purpose: 'signature', algorithm: 'rsa-2048', place: 'bench' });
  writeFileSync(t.path('in'), 'x');
  const sign = (files: number) => t.call('key.sign', { key: 's', files: Array.from({ length: files }, () => t.read('in')), mechanism: 'rsa-pkcs1-sha256' });
  await sign(1);
  const single = await timed(60, () => sign(1));
  const batched = (await timed(6, () => sign(100))) / 100;
  const commits = await bareCommits(t.folder, 60);
  await t.core.close();
  const raw = await rawLoop(token, 600);
  token.remove();
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  say(`raw pkcs11js loop            ${ms(raw)} a signature`);
  say(`two bare commits             ${ms(commits)} (synchronous=EXTRA, checked)`);
  say(`vault, one at a time         ${ms(single)} a signature: ${(single / raw).toFixed(1)} times the loop; less the two commits ${((single - commits) / raw).toFixed(1)} times`);
  say(`vault, in batches of 100     ${ms(batched)} a signature: ${(batched / raw).toFixed(2)} times the loop`);
  say('one at a time is bound by two commits (each writes the counter, the intent, the state and the entry), then by two messages to the child (which token, sign); a batch by the time of the token itself and by reading each file');
  return t.folder;
}
