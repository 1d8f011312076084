/** The plain row of the header. Nothing vouches for it before the genesis, which it names, is open. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { vaultIdOf } from '../log/vaultId.ts';
import type { RowStore } from '../store/rowStore.ts';
import { tampered } from './tampering.ts';

export interface Header {
  readonly vault: Uint8Array;
  readonly epoch: number;
  readonly genesis: Uint8Array;
}

/** @throws `vault-tampered` for a header that contradicts itself or the roots, `vault-truncated` for a vault with nothing in it */
export function readHeader(store: RowStore): Header {
  const row = store.read('header', 1);
  if (row === undefined && store.leaves().length === 0) throw new StrongroomError('vault-truncated', 'the vault is empty: its making was interrupted, or everything in it was removed', { nextStep: 'restore a backup, or remove the file and create the vault anew' });
  const [, suite, seed, vault, epoch, genesis] = row ?? [];
  const whole = suite === 1 && seed instanceof Uint8Array && vault instanceof Uint8Array && typeof epoch === 'number' && genesis instanceof Uint8Array;
  if (!whole || !equalBytes(vaultIdOf(seed), vault)) throw tampered('the header was edited');
  requireRoots(store, epoch);
  return { vault, epoch, genesis };
}

/** An edited epoch would look like a way in that leads nowhere. */
function requireRoots(store: RowStore, epoch: number): void {
  const epochs = [...store.scan('root')].map(([, , of]) => of);
  if (epochs.length > 0 && !epochs.includes(epoch)) throw tampered(`the header was edited: it names epoch ${epoch}, which has no root`);
}
