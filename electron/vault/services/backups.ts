/** Backups: `vault.backup`, `backupCheck`, `drill`, and what an unlock says of them. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { concatBytes, equalBytes, toHex } from '../crypto/bytes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import type { VersionRecord } from '../records/records.ts';
import { putSetting, settingOf } from '../records/settings.ts';
import { VaultRecords } from '../records/vaultRecords.ts';
import { invalidBackup, readBackup } from '../unlock/backupFile.ts';
import type { BackupFile } from '../unlock/backupFile.ts';
import { openBackup } from '../unlock/openBackup.ts';
import type { OpenedBackup } from '../unlock/openBackup.ts';
import type { BackupManifest, CborMap, OpenVault } from '../unlock/openVault.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { withOutput } from '../work/outputFile.ts';
import { GivenSecrets } from './givenSecrets.ts';
import { isoTime } from './keyViews.ts';
import type { Ports, Workbench } from './workbench.ts';

const dayLength = 24 * 60 * 60 * 1000;
/** A vault of a hundred thousand keys has some hundred mebibytes; all of it is held in memory. */
const backupLimit = 1024 * 1024 * 1024;

export function viewManifest({ vault, genesis, epoch, size, root, at, length, sha256 }: BackupManifest): Reply<'vault.backup'>['backup'] {
  return { vaultId: toHex(vault), genesisFingerprint: toHex(genesis), epoch, logEntries: size, logRoot: toHex(root), takenAt: isoTime(at), bytes: length, sha256: toHex(sha256) };
}

export function ageInDays(at: number, now: number): number {
  return Math.max(0, Math.floor((now - at) / dayLength));
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function keyCount(vault: OpenVault): number {
  return [...vault.list('key')].length;
}

/** What a backup of the file cannot hold. */
export function notInIt(vault: OpenVault): string[] {
  const onTokens = [...new VaultRecords(vault).all('key')].filter(({ record }) => record.place.kind === 'pkcs11').length;
  if (onTokens === 0) return [];
  return [`${counted(onTokens, 'key lives', 'keys live')} on a token: only the record of it is in the backup, never the key`];
}

async function backup(bench: Workbench, request: Request<'vault.backup'>): Promise<Reply<'vault.backup'>> {
  const { vault, ports } = bench;
  const { remindAfterDays } = request;
  const out = ports.files.redeemWrite(request.out);
  const at = await bench.trustedNow();
  const { manifest, begun } = await withOutput(out, async (output) => {
    // The copy holds this entry, so that a restored vault knows that it was one.
    const { seq } = vault.commit({ kind: 'backup', body: { act: 'vault.backup', remindAfterDays } });
    const taken = await vault.takeBackup(at);
    for (const part of taken.parts) await output.write(part);
    await output.sync();
    return { manifest: taken.manifest, begun: seq };
  });
  const { size, root, sha256 } = manifest;
  const puts = [putSetting({ name: 'backup', at, size, root, sha256, remindAfterDays })];
  const { seq: logEntry } = vault.commit({ kind: 'backup', body: { act: 'vault.backup', begun, size, root, sha256 }, puts });
  return { backup: viewManifest(manifest), keys: keyCount(vault), remindAfterDays, logEntry, notInIt: notInIt(vault) };
}

export async function readBackupFile(grant: ReadGrant): Promise<BackupFile> {
  return readBackup(await readSmallFile(grant, backupLimit));
}

/** What opens a backup: the passphrase, or token, of the day that it was taken. */
export function secretsOf(ports: Ports, path: string, { manifest }: BackupFile, purpose = ', to check it'): GivenSecrets {
  return new GivenSecrets(ports, `The passphrase of the backup ${path}, as it was on ${isoTime(manifest.at).slice(0, 10)}${purpose}`);
}

export function openWith({ passphrase, tokenSecret }: GivenSecrets, { clock }: Ports, path: string, file: BackupFile): Promise<OpenedBackup> {
  return openBackup(file, { path, clock, passphrase, tokenSecret });
}

async function check({ ports }: LockedContext, request: Request<'vault.backupCheck'>): Promise<Reply<'vault.backupCheck'>> {
  const grant = ports.files.redeemRead(request.backup);
  const file = await readBackupFile(grant);
  const secrets = secretsOf(ports, grant.path, file);
  const { manifest, vault, entries, rows } = await secrets.during(() => openWith(secrets, ports, grant.path, file));
  try {
    const findings = ['that no newer backup exists, and how far the vault went on after this one, a backup cannot prove: compare it with the vault (`vault drill`)', ...notInIt(vault)];
    return { backup: viewManifest(manifest), ageDays: ageInDays(manifest.at, ports.clock.now()), keys: keyCount(vault), entries, rows, findings };
  } finally {
    vault.close();
  }
}

/** SECURITY: the log of the backup is where the log of this vault once was, by its root (RFC 6962). */
function requireAncestor(vault: OpenVault, { manifest }: OpenedBackup): void {
  if (!equalBytes(manifest.vault, vault.vaultId) || !equalBytes(manifest.genesis, vault.genesisFingerprint)) throw invalidBackup('the backup is of another vault than the one that is open');
  const root = vault.log.rootAt(manifest.size);
  if (root === undefined) throw invalidBackup(`the backup is newer than the vault that is open: it has ${manifest.size} entries, the vault ${vault.log.size}`);
  if (!equalBytes(root, manifest.root)) throw invalidBackup('the backup is of another copy of this vault: their logs parted ways');
}

type Compared = Pick<Reply<'vault.drill'>, 'lost' | 'wouldComeBack'>;

/** What a restore of the backup would undo. */
function compare(vault: OpenVault, copy: OpenVault, manifest: BackupManifest): Compared {
  const newer = (table: 'key' | 'version') => [...vault.list(table)].filter(({ id }) => copy.get(table, id) === undefined).length;
  const stateThen = (id: Uint8Array) => (copy.get('version', id) as unknown as VersionRecord | undefined)?.state;
  const destroyedSince = [...new VaultRecords(vault).all('version')].filter(({ id, record }) => record.state === 'destroyed' && copy.hasMaterial(id) && stateThen(id) !== 'destroyed');
  return { lost: { entries: vault.log.size - manifest.size, keys: newer('key'), versions: newer('version') }, wouldComeBack: destroyedSince.length };
}

interface Rehearsed extends Compared {
  readonly manifest: BackupManifest;
  readonly milliseconds: number;
  readonly notInIt: readonly string[];
}

async function rehearse({ vault, ports }: Workbench, grant: ReadGrant | undefined): Promise<Rehearsed> {
  const start = performance.now();
  const file = grant === undefined ? await freshCopy(vault, ports.clock.now()) : await readBackupFile(grant);
  const path = grant?.path ?? vault.path;
  const secrets = grant === undefined ? new GivenSecrets(ports, 'The passphrase of this vault, to open a copy of it') : secretsOf(ports, path, file);
  const opened = await secrets.during(() => openWith(secrets, ports, path, file));
  try {
    requireAncestor(vault, opened);
    const milliseconds = Math.round(performance.now() - start - secrets.waited); // the clock of the drill stands still while a person types
    return { manifest: opened.manifest, milliseconds, notInIt: notInIt(opened.vault), ...compare(vault, opened.vault, opened.manifest) };
  } finally {
    opened.vault.close();
  }
}

async function freshCopy(vault: OpenVault, at: number): Promise<BackupFile> {
  const { parts } = await vault.takeBackup(at);
  return readBackup(concatBytes(...parts));
}

async function drill(bench: Workbench, request: Request<'vault.drill'>, run: Run): Promise<Reply<'vault.drill'>> {
  const { vault, ports } = bench;
  const grant = request.backup === undefined ? undefined : ports.files.redeemRead(request.backup);
  const now = await bench.trustedNow();
  const record = (body: CborMap) => vault.commit({ kind: 'backup', body: { act: 'vault.drill', from: grant === undefined ? 'a copy' : 'a file', ...body } });
  try {
    run.signal.throwIfAborted();
    const { manifest, milliseconds, lost, wouldComeBack, notInIt: outside } = await rehearse(bench, grant);
    const { seq: logEntry } = record({ ok: true, milliseconds, size: manifest.size, root: manifest.root, at: manifest.at, lost: { ...lost }, wouldComeBack });
    const findings = [...(grant === undefined ? ['the copy was taken from the open vault: what is on another disk was not looked at'] : []), ...outside];
    return { backup: viewManifest(manifest), milliseconds, ageDays: ageInDays(manifest.at, now), lost, wouldComeBack, logEntry, findings };
  } catch (error) {
    const { code } = toErrorInfo(error);
    if (code === 'backup-invalid') record({ ok: false, code });
    throw error;
  }
}

/** The newest backup, as `vault.info` has it. */
export function viewNewestBackup(records: VaultRecords): Pick<Reply<'vault.info'>, 'newestBackup'> {
  const newest = settingOf(records, 'backup');
  return newest === undefined ? {} : { newestBackup: { takenAt: isoTime(newest.at), logEntries: newest.size, remindAfterDays: newest.remindAfterDays } };
}

const graceDays = 7;

/** What an unlock says of backups: never one, or an old one, and what to do. */
export function backupFindings({ vault, records }: Pick<Workbench, 'vault' | 'records'>, now: number): readonly string[] {
  const keys = keyCount(vault);
  const newest = settingOf(records, 'backup');
  if (newest === undefined) {
    const [genesis] = vault.log.entries(0);
    const age = ageInDays(genesis?.time ?? now, now);
    return keys === 0 || age < graceDays ? [] : [`this vault is ${age} days old, holds ${counted(keys, 'key', 'keys')} and was never backed up: make a backup with \`vault backup\``];
  }
  const age = ageInDays(newest.at, now);
  if (age < newest.remindAfterDays) return [];
  return [`the newest backup is ${counted(age, 'day', 'days')} old, and was to be renewed after ${newest.remindAfterDays}; the log had ${newest.size} entries then, now it has ${vault.log.size}: make one with \`vault backup\``];
}

export const backupHandlers = {
  'vault.backup': backup,
  'vault.backupCheck': check,
  'vault.drill': drill,
} satisfies Partial<Handlers>;
