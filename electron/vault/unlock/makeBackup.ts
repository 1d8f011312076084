/** A backup of an open vault: its file as it is at one moment, read back and verified before anything of it leaves. */
import { sha256 } from '../crypto/hashes.ts';
import { openBytes } from '../store/database.ts';
import { RowStore } from '../store/rowStore.ts';
import { writeBackup } from './backupFile.ts';
import type { BackupManifest, TakenBackup } from './openVault.ts';
import type { VaultParts } from './vaultFile.ts';

/** @param check of all that the parts hold against their store @throws `vault-tampered` where the file is not what was committed */
export async function makeBackup(parts: VaultParts, at: number, check: (copy: VaultParts) => Promise<unknown>): Promise<TakenBackup> {
  const { vaultId, genesis, epoch, state, principal, sign } = parts;
  const payload = parts.store.copy();
  const manifest: BackupManifest = { v: 1, vault: vaultId, genesis, epoch, size: state.tree.size, root: state.tree.root(), at, signer: principal.id, length: payload.length, sha256: sha256(payload) };
  const signed = writeBackup(manifest, payload, sign);
  const store = new RowStore(openBytes(payload));
  try {
    // What is committed while the copy is checked is not in the copy.
    await check({ ...parts, store, readOnly: true, state: { ...state, elements: new Map(state.elements) } });
  } finally {
    store.close();
  }
  return { manifest, parts: signed };
}
