/** The copies of a version as its record has them: added, told, and marked once they are gone. */
import { equalBytes } from '../crypto/bytes.ts';
import type { CopyRecord, Place, VersionRecord } from '../records/records.ts';
import { samePlace } from '../rules/allowExport.ts';

/** Those that are there, as far as this vault knows. */
export function heldCopies(version: VersionRecord | undefined): readonly CopyRecord[] {
  return (version?.copies ?? []).filter(({ destroyedAt }) => destroyedAt === undefined);
}

export function copyAt(version: VersionRecord, place: Place): CopyRecord | undefined {
  return heldCopies(version).find((copy) => samePlace(copy.place, place));
}

export function withCopy(version: VersionRecord, copy: CopyRecord): VersionRecord {
  return { ...version, copies: [...(version.copies ?? []), copy] };
}

/** Its record stays, marked. */
export function withoutCopy(version: VersionRecord, copy: Uint8Array, at: number): VersionRecord {
  return { ...version, copies: (version.copies ?? []).map((one) => (equalBytes(one.id, copy) ? { ...one, destroyedAt: at } : one)) };
}

/** The version in the place of one of its copies; where it was is from then on a copy that is still there. */
export function movedTo(version: VersionRecord, from: Place, to: CopyRecord, left: Pick<CopyRecord, 'id' | 'at' | 'entry'>): VersionRecord {
  const { ref, label, exportable, copies = [] } = version;
  const behind: CopyRecord = { ...left, place: from, ref, label, exportable, proof: to.proof };
  return { ...version, ref: to.ref, label: to.label, exportable: to.exportable, copies: [...copies.filter(({ id }) => !equalBytes(id, to.id)), behind] };
}
