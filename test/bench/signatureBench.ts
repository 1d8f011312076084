/** RSA-2048 and P-256 signatures on SoftHSM: through the whole vault against a raw pkcs11js loop, beside the cost of the two bare commits that durability needs. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pkcs11 from 'pkcs11js';
import { makeSoftHsmToken, softHsmModulePath } from '../fixtures/softHsm.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { Algorithm, SignatureMechanism } from '../../shared/model/terms.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

type Say = (line: string) => void;

/** Milliseconds of each of `count` runs, averaged. */
async function timed(count: number, run: (index: number) => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) await run(index);
  return (performance.now() - start) / count;
}

interface Subject {
  readonly algorithm: Algorithm;
  readonly mechanism: SignatureMechanism;
  readonly keyType: number;
  readonly ckm: number;
  readonly input: Buffer;
  readonly signatureBytes: number;
}

const digest = createHash('sha256').update('x').digest();
const subjects: readonly Subject[] = [
  { algorithm: 'rsa-2048', mechanism: 'rsa-pkcs1-sha256', keyType: pkcs11.CKK_RSA, ckm: pkcs11.CKM_RSA_PKCS, input: Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), digest]), signatureBytes: 256 },
  { algorithm: 'ec-p256', mechanism: 'ecdsa-sha256', keyType: pkcs11.CKK_EC, ckm: pkcs11.CKM_ECDSA, input: digest, signatureBytes: 64 },
];

function keyTypeValue(keyType: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(keyType));
  return value;
}

/** Milliseconds of C_SignInit and C_Sign, nothing around them, for each subject. */
async function rawLoops(token: SoftHsmToken, count: number): Promise<readonly number[]> {
  const module = new pkcs11.PKCS11();
  process.env.SOFTHSM2_CONF = token.environment.SOFTHSM2_CONF;
  module.load(softHsmModulePath());
  module.C_Initialize();
  const slot = module.C_GetSlotList(true).find((candidate) => module.C_GetTokenInfo(candidate).label.trim() === token.label);
  if (slot === undefined) throw new Error('the token is not there');
  const session = module.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  module.C_Login(session, pkcs11.CKU_USER, token.userPin);
  const times: number[] = [];
  for (const { keyType, ckm, input, signatureBytes } of subjects) {
    module.C_FindObjectsInit(session, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY }, { type: pkcs11.CKA_KEY_TYPE, value: keyTypeValue(keyType) }]);
    const [key] = module.C_FindObjects(session, 1);
    module.C_FindObjectsFinal(session);
    if (key === undefined) throw new Error('the token has no such private key');
    times.push(
      await timed(count, () => {
        module.C_SignInit(session, { mechanism: ckm }, key);
        module.C_Sign(session, input, Buffer.alloc(signatureBytes));
      }),
    );
  }
  module.C_Finalize();
  return times;
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

interface Measured {
  readonly single: number;
  readonly batched: number;
}

const batch = 1000;

async function measure(t: TestCore, { algorithm, mechanism }: Subject): Promise<Measured> {
  await t.call('key.generate', { name: algorithm, purpose: 'signature', algorithm, place: 'bench' });
  const sign = (files: number) => t.call('key.sign', { key: algorithm, files: Array.from({ length: files }, () => t.read('in')), mechanism });
  await sign(1);
  return { single: await timed(60, () => sign(1)), batched: (await timed(3, () => sign(batch))) / batch };
}

export async function signatureBench(say: Say): Promise<string> {
  const token = makeSoftHsmToken('bench');
  const t = makeTestCore({ token });
  t.answers.pin = token.userPin;
  await t.create();
  await t.call('token.add', { module: t.files.read(softHsmModulePath()) });
  writeFileSync(t.path('in'), 'x');
  const measured: Measured[] = [];
  for (const subject of subjects) measured.push(await measure(t, subject));
  const commits = await bareCommits(t.folder, 60);
  await t.core.close();
  const raw = await rawLoops(token, 600);
  token.remove();
  const ms = (value: number) => `${value.toFixed(3)} ms`;
  const micro = (value: number) => `${Math.max(0, value * 1000).toFixed(0)} µs`;
  say(`two bare commits             ${ms(commits)} (synchronous=EXTRA, checked)`);
  for (const [index, { algorithm }] of subjects.entries()) {
    const [loop, { single, batched }] = [raw[index] ?? 0, measured[index] ?? { single: 0, batched: 0 }];
    say(`${algorithm}`);
    say(`  raw pkcs11js loop          ${ms(loop)} a signature`);
    say(`  vault, one at a time       ${ms(single)} a signature: ${(single / loop).toFixed(1)} times the loop; beyond loop and commits ${micro(single - loop - commits)}`);
    say(`  vault, batches of ${batch}     ${ms(batched)} a signature: ${(batched / loop).toFixed(2)} times the loop; beyond loop and commits ${micro(batched - loop - commits / batch)} an item`);
  }
  say('one at a time is bound by two commits (each writes the counter, the intent, the state and the entry), then by two messages to the child (which token, sign); a batch by reading each file, and by verifying each signature with the public half before it leaves');
  return t.folder;
}
