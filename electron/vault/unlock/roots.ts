/** The roots of an epoch: sealed to each principal who may have them, and the keys that come from them. */
import { concatBytes, uint32, utf8 } from '../crypto/bytes.ts';
import { hkdf } from '../crypto/hashes.ts';
import { hkdfLabels } from '../crypto/hkdfLabels.ts';
import { hpkeOpen, hpkeSeal } from '../crypto/hpke.ts';

export type RootKind = 'metadata' | 'material';

export interface RootName {
  readonly vault: Uint8Array;
  readonly epoch: number;
  readonly principal: Uint8Array;
  readonly kind: RootKind;
}

function info({ vault, epoch, principal, kind }: RootName): Uint8Array {
  return concatBytes(utf8(`strongroom/v1/root\0${kind}\0`), vault, uint32(epoch), principal);
}

/** The id of a root's row. */
export function rootRowId({ epoch, principal, kind }: RootName): Uint8Array {
  return concatBytes(principal, uint32(epoch), Uint8Array.of(kind === 'metadata' ? 0 : 1));
}

export function sealRoot(name: RootName, publicKey: Uint8Array, root: Uint8Array): Promise<Uint8Array> {
  return hpkeSeal(publicKey, info(name), root);
}

/** @throws Error where it was sealed to another, or edited */
export function openRoot(name: RootName, seed: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
  return hpkeOpen(seed, info(name), sealed);
}

/** The keys of an open epoch. Wiped when the vault is locked. */
export interface EpochKeys {
  readonly row: Uint8Array;
  readonly digest: Uint8Array;
  /** Missing where the principal may not open material. */
  readonly material: Uint8Array | undefined;
}

/** Both roots are wiped: only what comes from them is kept. */
export function epochKeys(vault: Uint8Array, epoch: number, metadata: Uint8Array, material: Uint8Array | undefined): EpochKeys {
  const context = uint32(epoch);
  const keys = {
    row: hkdf(hkdfLabels.row, metadata, vault, context, 32),
    digest: hkdf(hkdfLabels.stateDigest, metadata, vault, context, 32),
    material: material === undefined ? undefined : hkdf(hkdfLabels.materialWrap, material, vault, context, 32),
  };
  metadata.fill(0); // SECURITY: the root is wiped once its keys are made
  material?.fill(0); // SECURITY: and so is the other
  return keys;
}

export function wipeKeys({ row, digest, material }: EpochKeys): void {
  for (const key of [row, digest, material]) key?.fill(0); // SECURITY: a locked vault holds no key
}
