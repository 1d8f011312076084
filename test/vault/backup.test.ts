/** Backups: taken while the vault is open, checked without restoring, drilled against the vault, and refused for what they are. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';
import { ed25519Signer } from '../../electron/vault/crypto/ed25519.ts';
import { sha256 } from '../../electron/vault/crypto/hashes.ts';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { readBackup, writeBackup } from '../../electron/vault/unlock/backupFile.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import type { BackupManifest } from '../../electron/vault/unlock/openVault.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';

const day = 24 * 60 * 60 * 1000;
const aes = (name: string) => ({ name, purpose: 'data-encryption', algorithm: 'aes-256' }) as const;

let t: TestCore;
beforeAll(async () => {
  t = makeTestCore();
  await t.create();
  await t.call('key.generate', aes('payroll'));
  await t.call('key.generate', { name: 'release', purpose: 'signature', algorithm: 'rsa-2048' });
  await t.call('vault.backup', { out: t.write('good.strongroom-backup') });
});
afterAll(() => t.close());

const bytesOf = (name: string) => new Uint8Array(readFileSync(t.path(name)));
const check = (name: string) => t.call('vault.backupCheck', { backup: t.read(name) });
const refused = (name: string) => t.refused('vault.backupCheck', { backup: t.read(name) });

describe('a backup', () => {
  test('is one file for this user alone, and checks while its vault is open', async () => {
    expect(statSync(t.path('good.strongroom-backup')).mode & 0o777).toBe(0o600);
    const before = bytesOf('test.strongroom');
    const { backup, keys, ageDays, entries, findings } = await check('good.strongroom-backup');
    expect([keys, ageDays]).toEqual([2, 0]);
    expect(entries).toBe(backup.logEntries);
    expect(findings.join()).toContain('no newer backup exists');
    expect(Buffer.compare(bytesOf('test.strongroom'), before)).toBe(0);
    expect(readdirSync(t.folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('holds the entry of its own making, and the vault remembers what was written', async () => {
    const made = await t.call('vault.backup', { out: t.write('second.strongroom-backup'), remindAfterDays: 5 });
    const { entries } = await t.call('audit.list', { from: made.backup.logEntries - 1 });
    expect(entries.map(({ kind, body }) => [kind, body.act, body.begun ?? body.remindAfterDays])).toEqual([
      ['backup', 'vault.backup', 5],
      ['backup', 'vault.backup', made.backup.logEntries - 1],
    ]);
    expect(entries[1]?.body).toMatchObject({ sha256: made.backup.sha256, root: made.backup.logRoot, size: made.backup.logEntries });
    expect(made.backup.sha256).toBe(Buffer.from(sha256(readBackup(bytesOf('second.strongroom-backup')).payload)).toString('hex'));
  });

  test('does not take the place of a file, and leaves no entry of what was not begun', async () => {
    const { logEntries } = await t.call('vault.info', {});
    expect(await t.refused('vault.backup', { out: t.write('good.strongroom-backup') })).toMatchObject({ code: 'file-exists' });
    expect((await t.call('vault.info', {})).logEntries).toBe(logEntries);
  });

  test('is not made of a file that another program changed under our feet', async () => {
    const path = t.path('large.strongroom');
    const secret = () => SecretBytes.own(new TextEncoder().encode('correct horse'));
    const vault = await createVault({ path, personName: 'Ada', passphrase: secret(), cost: 'minimum', clock: { now: () => Date.now() } });
    const puts = Array.from({ length: 3000 }, () => ({ table: 'usage' as const, id: randomBytes(16), value: { protections: 1, processings: 0, lastAt: 0 } }));
    vault.commit({ kind: 'use', body: {}, puts });
    vault.commit({ kind: 'use', body: { large: new Uint8Array(30_000_000) } }); // more than SQLite keeps in memory: the rows before it must be read again
    await vault.takeBackup(Date.now());
    const file = openSync(path, 'r+');
    for (let page = 40; page < 200; page += 10) writeSync(file, new Uint8Array(16), 0, 16, page * 4096 + 4000);
    closeSync(file);
    await expect(vault.takeBackup(Date.now())).rejects.toMatchObject({ code: 'vault-tampered' });
    vault.close();
  });

  test('wants the passphrase of its day', async () => {
    t.answers.passphrase = 'another passphrase';
    expect(await refused('good.strongroom-backup')).toMatchObject({ code: 'wrong-passphrase' });
    t.answers.passphrase = 'correct horse battery';
  });
});

/** A backup whose manifest says something else; signed by a key that the vault does not know, unless the old signature is kept. */
function rewritten(change: Partial<BackupManifest>, payload?: Uint8Array): Uint8Array {
  const { manifest, payload: own } = readBackup(bytesOf('good.strongroom-backup'));
  const body = payload ?? own;
  return Buffer.concat(writeBackup({ ...manifest, length: body.length, sha256: sha256(body), ...change }, body, ed25519Signer(randomBytes(32))));
}

/** The payload with one byte of it changed where `find` stands. */
function edited(find: Uint8Array, past: number): Uint8Array {
  const payload = readBackup(bytesOf('good.strongroom-backup')).payload.slice();
  const at = Buffer.from(payload).indexOf(Buffer.from(find)) + past;
  payload[at] = (payload[at] ?? 0) ^ 1;
  return payload;
}

describe('is refused, with what is wrong', () => {
  const good = () => bytesOf('good.strongroom-backup');
  const at = (bytes: Uint8Array, index: number) => Object.assign(bytes.slice(), { [index]: (bytes[index] ?? 0) ^ 1 });

  test.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['an empty file', () => new Uint8Array(0), 'is not a backup of a vault'],
    ['another file', () => Buffer.from('name;wage\n'), 'is not a backup of a vault'],
    ['a vault', () => bytesOf('test.strongroom'), 'perhaps a vault, and not a backup'],
    ['a newer version', () => Buffer.concat([Buffer.from('strongroom backup 2\n'), good().subarray(20)]), 'another version'],
    ['cut in the line', () => good().subarray(0, 22), 'its manifest is missing'],
    ['cut in the manifest', () => good().subarray(0, 100), 'its manifest is not whole'],
    ['cut in the vault', () => good().subarray(0, good().length - 1), 'was cut short'],
    ['a byte more', () => Buffer.concat([good(), Buffer.alloc(1)]), '1 bytes after its end'],
    ['a giant manifest', () => Object.assign(good().slice(), { 20: 0xff }), 'manifest of the backup was edited'],
    ['the manifest edited', () => at(good(), 30), 'manifest of the backup was edited'],
    ['the last byte of the vault', () => at(good(), good().length - 1), 'its SHA-256 is not that of the manifest'],
    ['the first byte of the vault', () => at(good(), good().length - readBackup(good()).payload.length), 'its SHA-256 is not that of the manifest'],
    ['another signature', () => rewritten({}), 'signature of the backup is not that of its signer'],
    ['another signer', () => rewritten({ signer: randomBytes(16) }), 'signed by nobody of its vault'],
    ['another time', () => { const { signature, manifest, payload } = readBackup(good()); return Buffer.concat(writeBackup({ ...manifest, at: manifest.at + 1 }, payload, () => signature)); }, 'signature of the backup is not that of its signer'],
    ['another root', () => rewritten({ root: randomBytes(32) }), 'describes another vault'],
    ['another size', () => rewritten({ size: 1 }), 'describes another vault'],
    ['another epoch', () => rewritten({ epoch: 2 }), 'describes another vault'],
    ['another genesis', () => rewritten({ genesis: randomBytes(32) }), 'describes another vault'],
    ['another vault', () => rewritten({ vault: randomBytes(16) }), 'describes another vault'],
    ['no vault in it', () => rewritten({}, new Uint8Array(0)), 'vault in the backup is not whole: the file is empty'],
    ['something else in it', () => rewritten({}, new Uint8Array(5000)), 'is not a Strongroom vault'],
    ['a vault with write-ahead log', () => { const payload = readBackup(good()).payload.slice(); payload.set([2, 2], 18); return rewritten({}, payload); }, 'vault in the backup is not whole'],
    ['a vault of a newer version', () => { const payload = readBackup(good()).payload.slice(); payload[63] = 99; return rewritten({}, payload); }, 'has format 99'],
    ['a vault that was edited', async () => rewritten({}, edited(Buffer.from((await t.call('key.list', {})).keys[0]?.id ?? '', 'hex'), 80)), 'the vault was changed by another program'],
    ['a manifest with a field more', () => { const { manifest, payload } = readBackup(good()); return Buffer.concat(writeBackup({ ...manifest, note: 'x' } as BackupManifest, payload, ed25519Signer(randomBytes(32)))); }, 'manifest of the backup was edited'],
  ])('%s', async (name, make, said) => {
    const file = `${name.replaceAll(' ', '-')}.bad`;
    writeFileSync(t.path(file), await make());
    const error = await refused(file);
    expect([error.code, error.message.includes(said)], error.message).toEqual(['backup-invalid', true]);
    expect(error.nextStep).toBeTruthy();
  });

  test('a manifest in another encoding of the same value', async () => {
    const { manifest } = readBackup(good());
    const encoded = encodeCanonical(manifest);
    const longer = Buffer.concat([Buffer.from([0xb9, 0x00, 0x0a]), encoded.subarray(1)]); // the count of the map's fields in two bytes
    const rest = good().subarray(20 + 4 + encoded.length);
    writeFileSync(t.path('encoding.bad'), Buffer.concat([good().subarray(0, 20), Buffer.from([0, 0, longer.length >> 8, longer.length & 0xff]), longer, rest]));
    expect(await refused('encoding.bad')).toMatchObject({ code: 'backup-invalid' });
  });

  test('nothing that FORMAT.md shows: its bytes are those that are written', () => {
    const zeros = (length: number) => new Uint8Array(length);
    const manifest = { v: 1, vault: zeros(16), genesis: zeros(32), epoch: 1, size: 9, root: zeros(32), at: 1_795_836_000_000, signer: zeros(16), length: 98_304, sha256: zeros(32) } as const;
    const written = Buffer.concat(writeBackup(manifest, zeros(0), () => zeros(64))).toString('hex');
    const shown = /^ {4}(7374726f6e67.*)…$/m.exec(readFileSync(new URL('../../electron/vault/FORMAT.md', import.meta.url), 'utf8'))?.[1]?.replaceAll(' ', '') ?? 'nothing';
    expect(written.startsWith(shown)).toBe(true);
    expect(shown.length).toBeGreaterThan(80);
  });

  test('a file that is not there', async () => expect(await refused('nothing')).toMatchObject({ code: 'file-not-found' }));
});

describe('a drill', () => {
  test('says what a restore would lose and bring back, takes its time, and is recorded', async () => {
    const d = makeTestCore();
    await d.create();
    await d.call('key.generate', aes('old'));
    await d.call('vault.backup', { out: d.write('b') });
    await d.call('key.generate', aes('new'));
    await d.call('key.rotate', { key: 'new' });
    await d.call('key.destroy', { key: 'old', version: 1, reason: 'replaced' });
    d.now += 3 * day;
    const { lost, wouldComeBack, milliseconds, ageDays, backup, logEntry } = await d.call('vault.drill', { backup: d.read('b') });
    expect(lost).toMatchObject({ keys: 1, versions: 2 });
    expect(lost.entries).toBe(logEntry - backup.logEntries);
    expect([wouldComeBack, ageDays]).toEqual([1, 3]);
    expect(milliseconds).toBeGreaterThan(20);
    const { entries } = await d.call('audit.list', { from: logEntry });
    expect(entries[0]).toMatchObject({ kind: 'backup', body: { act: 'vault.drill', ok: true, milliseconds, wouldComeBack: 1 } });
    await d.call('vault.check', {});
    await d.close();
  });

  test('without a file takes a copy now, which loses nothing', async () => {
    const { lost, findings } = await t.call('vault.drill', {});
    expect(lost).toEqual({ entries: 0, keys: 0, versions: 0 });
    expect(findings.join()).toContain('another disk was not looked at');
  });

  test('a backup of another vault, of another copy, or from later is none of this one; each failed drill is recorded', async () => {
    const d = makeTestCore();
    await d.create();
    await d.call('vault.backup', { out: d.write('b1') });
    await d.call('vault.lock', {});
    const fork = readFileSync(d.vaultPath);
    await d.unlock();
    await d.call('vault.backup', { out: d.write('b2') });
    await d.call('vault.lock', {});
    writeFileSync(d.vaultPath, fork);
    d.now += 1000;
    await d.unlock();
    expect(await d.refused('vault.drill', { backup: d.read('b2') })).toMatchObject({ code: 'backup-invalid', message: expect.stringContaining('newer than the vault') });
    await d.call('vault.drill', { backup: d.read('b1') });
    expect(await d.refused('vault.drill', { backup: d.read('b2') })).toMatchObject({ code: 'backup-invalid', message: expect.stringContaining('parted ways') });
    writeFileSync(d.path('b3'), readFileSync(t.path('good.strongroom-backup')));
    expect(await d.refused('vault.drill', { backup: d.read('b3') })).toMatchObject({ code: 'backup-invalid', message: expect.stringContaining('of another vault') });
    const { entries } = await d.call('audit.list', {});
    expect(entries.filter(({ body }) => body.act === 'vault.drill').map(({ body }) => body.ok)).toEqual([false, true, false, false]);
    await d.close();
  });
});

describe('a restore', () => {
  test('is a new file of this user alone, in a new epoch that names the old head; the log travels along, and what was encrypted opens', async () => {
    const d = makeTestCore();
    await d.create();
    await d.call('key.generate', aes('payroll'));
    writeFileSync(d.path('plain'), 'wages');
    await d.call('key.encrypt', { key: 'payroll', in: d.read('plain'), out: d.write('sealed') });
    const { backup } = await d.call('vault.backup', { out: d.write('b') });
    await d.call('key.generate', aes('later'));
    const before = await d.call('vault.info', {});
    await d.call('vault.lock', {});
    d.now += 2 * day;
    const restored = await d.call('vault.restore', { backup: d.read('b'), file: d.write('restored.strongroom') });
    expect(statSync(d.path('restored.strongroom')).mode & 0o777).toBe(0o600);
    expect(restored).toMatchObject({ epoch: 2, ageDays: 2, backup, vault: { vaultId: before.vaultId, genesisFingerprint: before.genesisFingerprint, epoch: 2, keys: 1 } });
    const { entries } = await d.call('audit.list', { from: backup.logEntries });
    expect(entries.map(({ kind, body }) => [kind, body.act])).toEqual([
      ['unlock', undefined],
      ['backup', 'vault.restore'],
      ['epoch', 'vault.restore'],
    ]);
    expect(entries[1]?.body).toMatchObject({ size: backup.logEntries, root: backup.logRoot, sha256: backup.sha256 });
    expect(entries[2]).toMatchObject({ seq: restored.logEntry, body: { epoch: 2, head: { size: restored.logEntry } } });
    await d.call('key.decrypt', { in: d.read('sealed'), out: d.write('opened') });
    expect(readFileSync(d.path('opened'), 'utf8')).toBe('wages');
    await d.call('vault.check', {});
    expect(await d.call('audit.verify', {})).toMatchObject({ genesisFingerprint: before.genesisFingerprint });
    // The vault that it was taken of has gone another way: a backup of one is none of the other.
    await d.call('vault.backup', { out: d.write('of-restored') });
    await d.call('vault.lock', {});
    await d.unlock();
    expect(await d.refused('vault.drill', { backup: d.read('of-restored') })).toMatchObject({ code: 'backup-invalid', message: expect.stringMatching(/parted ways|newer than/) });
    await d.call('vault.lock', {});
    await d.call('vault.unlock', { file: d.read('restored.strongroom') });
    await d.call('vault.drill', { backup: d.read('of-restored') });
    await d.close();
  });

  test('where this computer saw the vault go further, the restored one is the vault from then on, and the log says what is missing', async () => {
    const home = mkdtempSync(join(tmpdir(), 'strongroom-restore-'));
    const d = makeTestCore({ anchorsPath: join(home, 'anchors.json') });
    await d.create();
    await d.call('vault.backup', { out: d.write('b') });
    await d.call('key.generate', aes('later'));
    const { logEntries } = await d.call('vault.info', {});
    await d.call('vault.lock', {});
    await d.call('vault.backupCheck', { backup: d.read('b') });
    const { backup } = await d.call('vault.restore', { backup: d.read('b'), file: d.write('r.strongroom') });
    const { entries } = await d.call('audit.list', { from: backup.logEntries });
    expect(entries.find(({ kind }) => kind === 'anchor')?.body).toMatchObject({ departure: 'rolled-back', missing: logEntries - backup.logEntries });
    await d.call('vault.lock', {});
    await d.call('vault.unlock', { file: d.read('r.strongroom') });
    await d.call('vault.lock', {});
    d.answers.confirm = () => 'no';
    expect(await d.refused('vault.unlock', { file: d.files.read(d.vaultPath) })).toMatchObject({ code: 'vault-forked' });
    await d.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('takes the place of no file, and leaves none where the passphrase is wrong or the backup is not whole', async () => {
    const d = makeTestCore();
    writeFileSync(d.path('b'), readFileSync(t.path('good.strongroom-backup')));
    writeFileSync(d.path('mine.strongroom'), 'mine');
    const restore = (backup: string, file: string) => d.refused('vault.restore', { backup: d.read(backup), file: d.files.write(d.path(file), true) });
    expect(await restore('b', 'mine.strongroom')).toMatchObject({ code: 'file-exists' });
    expect(readFileSync(d.path('mine.strongroom'), 'utf8')).toBe('mine');
    d.answers.passphrase = 'another passphrase';
    expect(await restore('b', 'new.strongroom')).toMatchObject({ code: 'wrong-passphrase' });
    d.answers.passphrase = 'correct horse battery';
    writeFileSync(d.path('edited'), rewritten({}));
    expect(await restore('edited', 'new.strongroom')).toMatchObject({ code: 'backup-invalid' });
    expect(await restore('b', 'no/folder.strongroom')).toMatchObject({ code: 'file-unwritable' });
    expect(readdirSync(d.folder).sort()).toEqual(['b', 'edited', 'mine.strongroom']);
    await d.create();
    expect(await restore('b', 'new.strongroom')).toMatchObject({ code: 'already-unlocked' });
    await d.close();
  });
});

test('a backup of a vault that only a token opens is checked, drilled, restored and salvaged by that token, whose PIN is asked for once for each', async () => {
  const token = makeSoftHsmToken('officers');
  const d = makeTestCore({ token });
  let pins = 0;
  Object.defineProperty(d.answers, 'pin', { get: () => {
      pins += 1;
      return token.userPin;
    } });
  const pinsFor = async (work: Promise<unknown>) => {
    const before = pins;
    await work;
    return pins - before;
  };
  await d.create();
  await d.call('token.add', { module: d.files.read(token.modulePath) });
  await d.call('key.generate', aes('payroll'));
  await d.call('key.generate', { name: 'on-token', purpose: 'signature', algorithm: 'rsa-2048', place: 'officers' });
  await d.call('vault.addWay', { mode: 'token', token: 'officers' });
  await d.call('vault.lock', {});
  await d.call('vault.unlock', { file: d.files.read(d.vaultPath), with: 'token' });
  const { ways } = await d.call('vault.ways', {});
  await d.call('vault.removeWay', { way: ways.find(({ mode }) => mode === 'passphrase')?.id ?? '' });
  d.answers.passphrase = 'nobody knows it';
  const { notInIt } = await d.call('vault.backup', { out: d.write('b') });
  expect(notInIt).toEqual(['1 key lives on a token: only the record of it is in the backup, never the key']);
  expect(await d.call('vault.drill', { backup: d.read('b') })).toMatchObject({ lost: { keys: 0 } });
  expect(await d.call('vault.backupCheck', { backup: d.read('b') })).toMatchObject({ keys: 2 });
  await d.call('vault.lock', {});
  expect(await pinsFor(d.call('vault.restore', { backup: d.read('b'), file: d.write('restored.strongroom') }))).toBe(1);
  expect(await d.call('vault.info', {})).toMatchObject({ epoch: 2 });
  await d.call('vault.lock', {});
  await d.call('vault.unlock', { file: d.read('restored.strongroom') });
  await d.call('vault.check', {});
  await d.call('vault.lock', {});
  execFileSync('sqlite3', [d.path('restored.strongroom'), 'DELETE FROM digest']);
  expect(await d.call('vault.salvage', { damaged: d.read('restored.strongroom'), file: d.write('salvaged.strongroom'), unlockCost: 'minimum' })).toMatchObject({ saved: { keys: 2, versions: 2, materials: 1, modules: 1, tokens: 1 }, losses: [] });
  await d.close();
  token.remove();
}, 60_000);

describe('an unlock says', () => {
  test('that a vault with keys was never backed up, after a week', async () => {
    const d = makeTestCore();
    const reopened = async () => {
      await d.call('vault.lock', {});
      return (await d.unlock()).findings.filter((finding) => finding.includes('back')).join();
    };
    await d.create();
    d.now += 8 * day;
    d.answers.confirm = undefined;
    expect(await reopened()).toBe(''); // nothing would be lost
    await d.call('key.generate', aes('k'));
    expect(await reopened()).toContain('holds 1 key and was never backed up');
    await d.call('vault.backup', { out: d.write('b'), remindAfterDays: 10 });
    expect(await reopened()).toBe('');
    d.now += 5 * day;
    expect(await reopened()).toBe('');
    d.now += 6 * day;
    expect(await reopened()).toContain('the newest backup is 11 days old, and was to be renewed after 10');
    await d.close();
  });
});

describe('on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-backup-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const program = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
  const run = (line: string) => spawnSync(process.execPath, [program, ...line.split(' '), '--passphrase-file', 'pass'], { cwd: folder, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: folder } });

  test('a backup is made, checked in both spellings, and drilled', () => {
    writeFileSync(join(folder, 'pass'), 'six random words would be better\n');
    const lines = [
      'vault create --vault keys.strongroom --person Ada --unlock-cost minimum',
      'key generate payroll --vault keys.strongroom --purpose data-encryption --algorithm aes-256',
      'vault backup --vault keys.strongroom --out keys.strongroom-backup --remind-after-days 7',
      'vault backup-check keys.strongroom-backup',
      'vault backup check keys.strongroom-backup',
      'vault drill --vault keys.strongroom --backup keys.strongroom-backup',
      'vault restore keys.strongroom-backup --vault restored.strongroom',
    ];
    const results = lines.map(run);
    expect(results.map(({ status, stderr }) => [status, stderr])).toEqual(lines.map(() => [0, '']));
    expect(results[3]?.stdout).toContain('keys');
    expect(existsSync(join(folder, 'keys.strongroom-backup'))).toBe(true);
    truncateSync(join(folder, 'keys.strongroom-backup'), 5000);
    const cut = run('vault backup check keys.strongroom-backup');
    expect([cut.status, cut.stderr.includes('cut short')], cut.stderr).toEqual([3, true]);
  }, 60_000);
});
