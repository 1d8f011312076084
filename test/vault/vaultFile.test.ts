/** The vault file: made, opened, committed to, locked, its passphrase changed, checked, its log exported. */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { randomBytes } from '../../electron/vault/crypto/random.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { verifyExport } from '../../electron/vault/log/verifyExport.ts';
import { isApproval } from '../../electron/vault/quorum/approval.ts';
import { createVault } from '../../electron/vault/unlock/createVault.ts';
import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';
import { unlockVault } from '../../electron/vault/unlock/unlockVault.ts';
import type { VaultFile } from '../../electron/vault/unlock/vaultFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-vault-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let path: string;
let now = Date.now();
const clock = { now: () => now };
const secret = (text: string) => SecretBytes.own(new TextEncoder().encode(text));
const make = () => createVault({ path, personName: 'Ada', passphrase: secret('correct horse'), cost: 'minimum', clock });
const unlock = (text = 'correct horse') => unlockVault({ path, passphrase: () => Promise.resolve(secret(text)), clock });
const usage = (protections: number) => ({ protections, processings: 0, lastAt: 0 });

beforeEach(() => {
  path = join(folder, `${Math.random().toString(16).slice(2)}.strongroom`);
  now = Date.now();
});

describe('a vault', () => {
  test('is readable by its user alone, opens by its passphrase, and holds what was committed', async () => {
    const vault = await make();
    const id = randomBytes(16);
    vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id, value: usage(1) }] });
    vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id, value: usage(2) }], personal: { reason: 'because' } });
    vault.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const opened = await unlock();
    expect(opened.vault.get('usage', id)).toEqual(usage(2));
    expect(opened.vault.principal).toMatchObject({ name: 'Ada', role: 'officer' });
    expect([...opened.vault.log.entries()].map(({ kind }) => kind)).toEqual(['genesis', 'use', 'use', 'unlock']);
    expect([...opened.vault.log.entries(2)][0]?.personal).toEqual({ reason: 'because' });
    opened.vault.close();
    expect(() => opened.vault.log).toThrow('locked');
  });

  test('commits durably: synchronous is EXTRA, deletes are overwritten, nothing goes to temporary files', async () => {
    const vault = (await make()) as VaultFile;
    expect(['synchronous', 'secure_delete', 'temp_store', 'journal_mode', 'locking_mode', 'trusted_schema'].map((name) => vault.pragma(name))).toEqual([3, 1, 2, 'delete', 'exclusive', 0]);
    vault.close();
  });

  test('a wrong passphrase is refused and slowed; the next unlock notes how often', async () => {
    (await make()).close();
    await expect(unlock('wrong')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    const start = performance.now();
    await expect(unlock('wrong again')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    expect(performance.now() - start).toBeGreaterThan(250);
    const { vault, findings } = await unlock();
    expect(findings.join()).toContain('2 failed attempts');
    expect([...vault.log.entries()].find(({ kind }) => kind === 'attempts')?.body).toMatchObject({ attempts: 2, authenticated: false });
    vault.close();
    const again = await unlock();
    expect(again.findings.join()).not.toContain('failed attempts');
    again.vault.close();
  });

  test('changes its passphrase: the old one opens it no longer', async () => {
    const vault = await make();
    await expect(vault.access.changePassphrase(secret('wrong'), secret('next one'), 'minimum')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    await vault.access.changePassphrase(secret('correct horse'), secret('n\u0065\u0301xt'), 'minimum');
    const approval = await vault.approve(randomBytes(32), secret('n\u00e9xt'));
    expect(approval.signature).toHaveLength(64);
    vault.close();
    await expect(unlock()).rejects.toMatchObject({ code: 'wrong-passphrase' });
    (await unlock('n\u00e9xt')).vault.close(); // NFC: RFC 8265 §4.2
  });

  test('QUORUM-2: an approval is a signature by the approval key over this hash, for this vault', async () => {
    const vault = await make();
    const hash = randomBytes(32);
    const approval = await vault.approve(hash, secret('correct horse'));
    const key = vault.get('principal', vault.principal.id)?.approvalKey as Uint8Array;
    expect(isApproval(approval, key, vault.vaultId)).toBe(true);
    expect(isApproval({ ...approval, requestHash: randomBytes(32) }, key, vault.vaultId)).toBe(false);
    expect(isApproval(approval, key, randomBytes(16))).toBe(false);
    expect(isApproval(approval, vault.get('principal', vault.principal.id)?.logKey as Uint8Array, vault.vaultId)).toBe(false);
    await expect(vault.approve(hash, secret('wrong'))).rejects.toMatchObject({ code: 'wrong-passphrase' });
    vault.close();
  });

  test('keeps key material under keys of its own, and shreds it from the file', async () => {
    const vault = await make();
    const id = randomBytes(16);
    const bytes = new TextEncoder().encode('MARKED-MATERIAL-0123456789abcdef');
    vault.commit({ kind: 'key', body: {}, materials: [{ id, material: SecretBytes.own(new Uint8Array(bytes)) }] });
    expect(Buffer.from(vault.openMaterial(id)?.expose() ?? []).toString()).toBe('MARKED-MATERIAL-0123456789abcdef');
    expect(readFileSync(path).includes('MARKED')).toBe(false);
    const before = readFileSync(path);
    vault.commit({ kind: 'key', body: {}, shreds: [id] });
    expect(vault.hasMaterial(id)).toBe(false);
    expect(vault.openMaterial(id)).toBeUndefined();
    // The blob stood in the file; after the shredding no 64 bytes of it do.
    const at = before.indexOf(Buffer.from(id));
    expect(at).toBeGreaterThan(0);
    const sealed = before.subarray(before.lastIndexOf(Buffer.from(id)) + 16, before.lastIndexOf(Buffer.from(id)) + 80);
    expect(readFileSync(path).includes(sealed)).toBe(false);
    await vault.check();
    vault.close();
    (await unlock()).vault.close();
  });

  test('TIME-1: entries are never older than the one before, and a clock far ahead does not move the log', async () => {
    const vault = await make();
    const start = now;
    now = start - 3_600_000;
    expect(vault.commit({ kind: 'use', body: {} }).time).toBe(start);
    now = start + 30 * 86_400_000;
    expect(vault.commit({ kind: 'use', body: {} }).time).toBe(start);
    expect(vault.commit({ kind: 'clock', body: {} }).time).toBe(now);
    now += 1000;
    expect(vault.commit({ kind: 'use', body: {} }).time).toBe(now);
    vault.close();
  });

  test('a commit that fails leaves memory and file as they were', async () => {
    const vault = await make();
    const { size } = vault.log;
    const root = vault.log.root();
    const id = randomBytes(16);
    const bad = { kind: 'use', body: {}, puts: [{ table: 'usage', id, value: usage(1) }, { table: 'usage', id: randomBytes(15), value: usage(1) }] } as const;
    expect(() => vault.commit(bad)).toThrow();
    expect(vault.log.size).toBe(size);
    expect(vault.log.root()).toEqual(root);
    expect(vault.get('usage', id)).toBeUndefined();
    vault.commit({ kind: 'use', body: {}, puts: [{ table: 'usage', id, value: usage(1) }] });
    vault.close();
    const opened = await unlock();
    expect(opened.vault.get('usage', id)).toEqual(usage(1));
    opened.vault.close();
  });
});

describe('a file that is no vault of ours, or cannot be one now', () => {
  test('missing, a folder, a text, another database, an empty file, a newer vault, a cut one', async () => {
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-not-found' });
    mkdirSync(path);
    await expect(unlock()).rejects.toMatchObject({ code: 'file-unreadable' });
    rmSync(path, { recursive: true });
    writeFileSync(path, 'dear diary');
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-foreign' });
    writeFileSync(path, '');
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-truncated' });
    rmSync(path);
    (await make()).close();
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 4096);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-truncated', message: expect.stringContaining(`${whole.length} bytes expected, got ${whole.length - 4096}`) });
    const newer = Buffer.from(whole);
    newer.writeUInt32BE(2, 60);
    writeFileSync(path, newer);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-newer', message: expect.stringContaining('format 2') });
    expect(readFileSync(path).equals(newer), 'untouched').toBe(true);
    const foreign = Buffer.from(whole);
    foreign.writeUInt32BE(0x12345678, 68);
    writeFileSync(path, foreign);
    await expect(unlock()).rejects.toMatchObject({ code: 'vault-foreign' });
  });

  test('an existing file is never overwritten by a new vault', async () => {
    writeFileSync(path, 'dear diary');
    await expect(make()).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(path, 'utf8')).toBe('dear diary');
    path = join(folder, 'no such folder', 'v.strongroom');
    await expect(make()).rejects.toMatchObject({ code: 'file-unwritable' });
  });

  test('open in another place: said before a passphrase is asked', async () => {
    const vault = await make();
    await expect(unlockVault({ path, passphrase: () => Promise.reject(new Error('asked')), clock })).rejects.toMatchObject({ code: 'vault-in-use' });
    vault.close();
    (await unlock()).vault.close();
  });
});

describe('the exported log', () => {
  const exported = async (): Promise<{ readonly lines: string[]; readonly genesis: Uint8Array }> => {
    const vault = await make();
    vault.commit({ kind: 'use', body: { count: 1 }, personal: { reason: 'for the auditor' } });
    vault.commit({ kind: 'use', body: { count: 2 } });
    const lines = [...vault.exportLog()];
    const genesis = vault.genesisFingerprint;
    vault.close();
    return { lines, genesis };
  };

  test('verifies without the vault, against a genesis from outside, and says what is not proved', async () => {
    const { lines, genesis } = await exported();
    const verified = await verifyExport(lines, { genesisFingerprint: genesis });
    expect(verified).toMatchObject({ entries: 3, findings: [] });
    expect(verified.statement).toContain('begins with the genesis that you named');
    expect(verified.statement).toContain('absence of newer entries is not proved');
    await expect(verifyExport(lines, { genesisFingerprint: randomBytes(32) })).rejects.toMatchObject({ code: 'log-invalid' });
  });

  test('a personal field can be redacted, and that is said', async () => {
    const { lines } = await exported();
    const redacted = lines.map((line) => {
      const entry = JSON.parse(line) as { personal?: Record<string, unknown> };
      return entry.personal?.reason === undefined ? line : JSON.stringify({ ...entry, personal: {} });
    });
    expect((await verifyExport(redacted)).findings).toEqual(['1 personal fields are redacted']);
  });

  test.each<[string, (lines: string[]) => string[], string]>([
    ['an entry is missing', (lines) => lines.filter((_, index) => index !== 2), 'expected number 1, got 2'],
    ['entries are swapped', (lines) => [lines[0], lines[1], lines[3], lines[2]] as string[], 'expected number 1, got 2'],
    ['a byte of an entry is changed', (lines) => lines.map((line, index) => (index === 2 ? line.replace('65636f756e74', '65636f756e75') : line)), 'entry 1'],
    ['a signature is changed', (lines) => lines.map((line, index) => (index === 3 ? line.replace(/"signature":"../, '"signature":"00') : line)), 'signature is not that of its signer'],
    ['a personal field is changed', (lines) => lines.map((line) => line.replace('for the auditor', 'for nobody at all')), 'does not fit its commitment'],
    ['a salt is changed', (lines) => lines.map((line, index) => (index === 1 ? line.replace(/"salt":"..../, '"salt":"0000') : line)), 'another log before it'],
    ['the vault id is changed', (lines) => lines.map((line, index) => (index === 0 ? line.replace(/"vault":"..../, '"vault":"0000') : line)), ''],
    ['a field is added', (lines) => lines.map((line, index) => (index === 2 ? line.replace('{', '{"more":1,') : line)), 'line 3'],
    ['it is empty', () => [], 'empty'],
    ['it is a text', () => ['dear diary'], 'line 1'],
  ])('is refused where %s', async (_, change, sentence) => {
    const { lines } = await exported();
    await expect(verifyExport(change(lines))).rejects.toMatchObject({ code: 'log-invalid', message: expect.stringContaining(sentence) });
  });
});

describe('after a crash', () => {
  test('every commit that was acknowledged is there, and the vault opens', async () => {
    const writer = fileURLToPath(new URL('crashWriter.ts', import.meta.url));
    for (let round = 0; round < 8; round += 1) {
      path = join(folder, `crash-${round}.strongroom`);
      (await make()).close();
      const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await new Promise<void>((resolve) => {
        child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), 5 + Math.random() * 150));
        child.on('exit', () => resolve());
      });
      const acknowledged = said.split('\n').slice(0, -1).map(Number);
      const { vault } = await unlock();
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(vault.log.size).toBeGreaterThan(Math.max(...acknowledged));
      await vault.check();
      vault.close();
      expect(existsSync(`${path}-journal`)).toBe(false);
    }
  });
});

describe('a full disk', () => {
  test('is said, changes nothing, and the vault goes on once there is room', async () => {
    const vault = (await make()) as OpenVault & VaultFile;
    const id = randomBytes(16);
    // A fake, and named so: SQLite is told that the file may not grow, and answers as it does on a full disk.
    vault.pragma(`max_page_count = ${Number(vault.pragma('page_count'))}`);
    const big = { kind: 'use', body: { filler: new Uint8Array(200_000) }, puts: [{ table: 'usage', id, value: usage(1) }] } as const;
    expect(() => vault.commit(big)).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(vault.get('usage', id)).toBeUndefined();
    vault.pragma('max_page_count = 1073741823');
    vault.commit(big);
    await vault.check();
    vault.close();
    (await unlock()).vault.close();
  });
});

test.each([1, 4, 16])('a new vault for which there is no room leaves nothing behind: %d KiB', (kibibytes) => {
  const here = mkdtempSync(join(folder, 'small-'));
  writeFileSync(join(here, 'passphrase'), 'correct horse battery');
  const strongroom = fileURLToPath(new URL('../../electron/cli/strongroom.cjs', import.meta.url));
  const create = `ulimit -f ${2 * kibibytes}; exec "${process.execPath}" "${strongroom}" vault create --vault v.strongroom --person Ada --new-passphrase-file passphrase --unlock-cost minimum`;
  const { status, stderr } = spawnSync('sh', ['-c', create], { cwd: here, encoding: 'utf8' }); // no file may grow past this: a real limit of the system
  expect([status, stderr.split('\n')[0]]).toEqual([3, 'strongroom: the disk is full or failed; nothing was changed']);
  expect(readdirSync(here)).toEqual(['passphrase']);
});

test('a copy of the file opens as the vault does: that it is older cannot be told, and every unlock says so', async () => {
  const vault = await make();
  vault.close();
  copyFileSync(path, `${path}.old`);
  const { vault: newer } = await unlock();
  newer.commit({ kind: 'use', body: {} });
  newer.close();
  copyFileSync(`${path}.old`, path);
  const { vault: older, findings } = await unlock();
  expect(findings.join()).toContain('an older copy of the whole file could not be told');
  older.close();
});
