/** A backup becomes a vault again: `vault.restore` writes it as a new file and begins a new epoch there. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { removeDatabase, requireFreeName } from '../store/database.ts';
import type { BackupFile } from '../unlock/backupFile.ts';
import type { BackupManifest, OpenVault } from '../unlock/openVault.ts';
import { unlockVault } from '../unlock/unlockVault.ts';
import { withOutput } from '../work/outputFile.ts';
import { ageInDays, notInIt, openWith, readBackupFile, secretsOf, viewManifest } from './backups.ts';
import type { GivenSecrets } from './givenSecrets.ts';
import { isoTime } from './keyViews.ts';
import { openBench, requireLocked, viewVault } from './vaultFile.ts';
import type { Ports } from './workbench.ts';

interface Restored {
  readonly vault: OpenVault;
  readonly found: readonly string[];
  readonly logEntry: number;
}

/** The log says which backup it was; the statement that begins the epoch names the head that it goes on from. */
async function beginEpoch(vault: OpenVault, { size, root, at, sha256 }: BackupManifest, { given }: GivenSecrets): Promise<number> {
  vault.commit({ kind: 'backup', body: { act: 'vault.restore', size, root, at, sha256 } });
  const { seq } = await vault.renew(given, { act: 'vault.restore', cost: 'calibrated' }); // the ways in stay as they are, and so does their cost
  return seq;
}

/** SECURITY: a restored copy that goes on in the old epoch could not be told from the vault that it was taken of: either it begins a new one, or it is gone. */
async function openRestored(path: string, manifest: BackupManifest, secrets: GivenSecrets, { clock, host: { anchorsPath } }: Ports): Promise<Restored> {
  let vault: OpenVault | undefined;
  try {
    const { passphrase, tokenSecret } = secrets;
    // Whoever restores says by it that this older copy is the vault from now on: where a newer one was seen here, the log notes what is missing.
    const confirm = ({ expected }: { readonly expected: string }) => Promise.resolve(expected);
    const unlocked = await unlockVault({ path, passphrase, tokenSecret, clock, anchorsPath, confirm, beginLater: true });
    ({ vault } = unlocked);
    const logEntry = await beginEpoch(vault, manifest, secrets);
    unlocked.begin(); // only now is the other file given up: until here this one may go again
    return { vault, found: unlocked.findings, logEntry };
  } catch (error) {
    vault?.close();
    removeDatabase(path);
    throw error;
  }
}

async function writeVault(path: string, { payload }: BackupFile): Promise<void> {
  await withOutput({ kind: 'write', path, overwrite: false }, async (output) => {
    await output.write(payload);
    await output.sync();
  });
}

function findingsOf({ at, size }: BackupManifest): string[] {
  return [
    `what was done after ${isoTime(at)} is not in it: keys that were made since are missing, those that were destroyed since open again, and counters of uses count from then`,
    `whoever goes on with the vault that this backup was taken of parts ways with this one after entry ${size - 1}: keep one of the two`,
  ];
}

async function restore(context: LockedContext, request: Request<'vault.restore'>): Promise<Reply<'vault.restore'>> {
  const since = requireLocked(context);
  const { ports } = context;
  const grant = ports.files.redeemRead(request.backup);
  const { path } = ports.files.redeemWrite(request.file);
  requireFreeName(path);
  const file = await readBackupFile(grant);
  const { manifest } = file;
  const secrets = secretsOf(ports, grant.path, file, `, to restore it as ${path}`);
  const { vault, found, logEntry } = await secrets.during(async () => {
    const { vault: copy } = await openWith(secrets, ports, grant.path, file);
    copy.close();
    await writeVault(path, file);
    return await openRestored(path, manifest, secrets, ports);
  });
  const bench = await openBench(context, vault, [...findingsOf(manifest), ...found], since);
  return { backup: viewManifest(manifest), ageDays: ageInDays(manifest.at, ports.clock.now()), epoch: vault.epoch, logEntry, findings: [...findingsOf(manifest), ...notInIt(vault)], vault: viewVault(bench) };
}

export const restoreHandlers = { 'vault.restore': restore } satisfies Partial<Handlers>;
