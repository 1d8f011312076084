/** Keys on a token as `token.info` shows them, against the keys of the vault: what is known, what is not, what should be there and is missing. */
import type { Reply } from '../../../shared/ipc/contract.ts';
import type { z } from 'zod';
import type { companionView } from '../../../shared/ipc/views.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import { plainKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { Companion, FoundKey, LoneCertificate } from '../providers/provider.ts';
import type { Place } from '../records/records.ts';
import type { VaultRecords } from '../records/vaultRecords.ts';
import { residentsAt } from './tokenResidents.ts';

type TokenKeyView = Reply<'token.info'>['keys'][number];

export function viewCompanion({ kind, label, id, spki }: Companion): z.infer<typeof companionView> {
  return { kind, label, id: toHex(id), fingerprint: toHex(sha256(spki)) };
}

function viewFound({ ref, label, kind, id, algorithm, publicKey, exportable, attributes, warnings, purposes, companions }: FoundKey): TokenKeyView {
  return {
    ref,
    label,
    kind,
    id: toHex(id),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(publicKey === undefined ? {} : { fingerprint: toHex(sha256(publicKey)) }),
    exportable,
    attributes: [...(attributes ?? [])],
    warnings: [...warnings],
    purposes: [...purposes],
    companions: companions.map(viewCompanion),
  };
}

export function compareKeys(records: VaultRecords, place: Place, found: readonly FoundKey[]): { readonly keys: TokenKeyView[]; readonly missing: string[] } {
  const expected = residentsAt(records, place).filter(({ gone }) => !gone);
  const names = new Map(expected.toReversed().map(({ ref, name }) => [ref, name])); // of two with one reference the first
  const there = found.map((key) => ({ key, ref: plainKeyUri(key.ref) }));
  const refs = new Set(there.map(({ ref }) => ref));
  const keys = there.map(({ key, ref }) => {
    const knownAs = names.get(ref);
    return { ...viewFound(key), ...(knownAs === undefined ? {} : { knownAs }) };
  });
  return { keys, missing: expected.filter(({ ref }) => !refs.has(ref)).map(({ name }) => name) };
}

/** A certificate without its private key signs nothing. Where this vault destroyed that key, it says so. */
export function viewOrphan(records: VaultRecords, { label, id, spki }: LoneCertificate): Reply<'token.info'>['orphans'][number] {
  const fingerprint = sha256(spki);
  const gone = records.find('version', (record) => record.state === 'destroyed' && record.fingerprint !== undefined && equalBytes(record.fingerprint, fingerprint));
  return { label, id: toHex(id), fingerprint: toHex(fingerprint), note: gone === undefined ? 'its private key is not on this token' : 'private key destroyed' };
}
