/** Opens a backup in memory and verifies all of it: the vault in it as an unlock and a full check do, then the manifest by that vault's own keys. */
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { ed25519Verifier } from '../crypto/ed25519.ts';
import { principalSchema } from '../records/principalRecord.ts';
import { invalidBackup } from './backupFile.ts';
import type { BackupFile } from './backupFile.ts';
import type { BackupManifest, OpenVault } from './openVault.ts';
import { unlockBytes } from './unlockVault.ts';
import type { Unlocking } from './unlockVault.ts';

export interface OpenedBackup {
  readonly manifest: BackupManifest;
  /** In memory, read-only. Whoever has it closes it. */
  readonly vault: OpenVault;
  readonly entries: number;
  readonly rows: number;
}

/** What is wrong with the vault inside is wrong with the backup. */
function asInvalid(error: unknown): unknown {
  return isStrongroomError(error) && error.code.startsWith('vault-') ? invalidBackup(`the vault in the backup is not whole: ${error.message}`, error) : error;
}

/** SECURITY: what the manifest says is what the vault in it is, and one who may make backups there signed it. */
function requireVouched(vault: OpenVault, { manifest, message, signature }: BackupFile): void {
  const { log, epoch, vaultId, genesisFingerprint } = vault;
  const same = equalBytes(manifest.vault, vaultId) && equalBytes(manifest.genesis, genesisFingerprint) && manifest.epoch === epoch && manifest.size === log.size && equalBytes(manifest.root, log.root());
  if (!same) throw invalidBackup('the manifest describes another vault than the one in the backup');
  const signer = vault.get('principal', manifest.signer);
  if (signer === undefined) throw invalidBackup(`the backup was signed by nobody of its vault (${toHex(manifest.signer)})`);
  const { logKey, role } = principalSchema.parse(signer);
  if (!ed25519Verifier(logKey)(message, signature)) throw invalidBackup('the signature of the backup is not that of its signer');
  if (role !== 'officer' && role !== 'custodian') throw invalidBackup(`the signer of the backup is ${role} and makes none`);
}

/** @throws `backup-invalid` with what is wrong, `wrong-passphrase` */
export async function openBackup(backup: BackupFile, unlocking: Pick<Unlocking, 'path' | 'passphrase' | 'tokenSecret' | 'clock'>): Promise<OpenedBackup> {
  let vault: OpenVault | undefined;
  try {
    vault = await unlockBytes(backup.payload, unlocking);
    requireVouched(vault, backup);
    const { entries, rows } = await vault.check();
    return { manifest: backup.manifest, vault, entries, rows };
  } catch (error) {
    vault?.close();
    throw asInvalid(error);
  }
}
