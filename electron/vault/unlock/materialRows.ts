/** Key material in its two rows: the material under a key of its own, and that key under the material root (FORMAT.md, "Key material"). */
import { openEnvelope, sealEnvelope } from '../crypto/envelope.ts';
import { randomBytes } from '../crypto/random.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import { rowContext } from '../store/sealedRow.ts';

type MaterialTable = 'material' | 'materialKey';

/** Whose material, under which root of which epoch. */
export interface MaterialSealing {
  readonly vault: Uint8Array;
  readonly epoch: number;
  /** 32 bytes, borrowed. */
  readonly root: Uint8Array;
}

function context(vault: Uint8Array, table: MaterialTable, id: Uint8Array): Uint8Array {
  return rowContext({ vault, table, id, revision: 0 });
}

/** SECURITY: material has a key of its own, so that listing never opens it and one row less shreds it. */
export function sealMaterial({ vault, epoch, root }: MaterialSealing, id: Uint8Array, material: SecretBytes): Readonly<Record<MaterialTable, Uint8Array>> {
  const key = randomBytes(32);
  try {
    return {
      materialKey: sealEnvelope(root, epoch, context(vault, 'materialKey', id), key),
      material: sealEnvelope(key, epoch, context(vault, 'material', id), material.expose()),
    };
  } finally {
    key.fill(0); // SECURITY: the key of the material is wiped once it is sealed
  }
}

/** A fresh copy; the caller wipes it. @throws Error where either was not sealed for this id of this vault */
export function openMaterialRows({ vault, root }: Omit<MaterialSealing, 'epoch'>, id: Uint8Array, sealed: Readonly<Record<MaterialTable, Uint8Array>>): SecretBytes {
  const key = openEnvelope(root, context(vault, 'materialKey', id), sealed.materialKey);
  try {
    return SecretBytes.own(openEnvelope(key, context(vault, 'material', id), sealed.material));
  } finally {
    key.fill(0); // SECURITY: the key of the material lives as long as its one use
  }
}
