/** The attestation of a key version: what its token shows or a person gives, judged against the vendors' roots, as the vault keeps it. */
import { evidenceFor } from '../formats/attestation/evidence.ts';
import { knownIssuers } from '../formats/attestation/knownIssuers.ts';
import { verifyAttestation } from '../formats/attestation/verifyAttestation.ts';
import type { Attestation } from '../formats/attestation/verifyAttestation.ts';
import type { HostFacts } from '../ports/hostFacts.ts';
import type { KeyProvider, ProviderKey } from '../providers/provider.ts';
import type { AttestationRecord, Place } from '../records/records.ts';

interface Asked {
  readonly publicKey: Uint8Array;
  readonly place: Place;
  readonly at: number;
}

export function attestationRecord({ verdict, reason, attested, path, notChecked }: Attestation, { from, at }: Pick<AttestationRecord, 'from' | 'at'>, evidence: readonly Uint8Array[]): AttestationRecord {
  return { at, from, verdict, reason, facts: verdict === 'unproven' ? [] : [...(attested?.facts ?? [])], path: [...path], notChecked: [...notChecked], evidence: [...evidence] };
}

/** What was given, held against the key as the vault knows it and against the token where it lives. */
export function judgeGiven(host: HostFacts, evidence: readonly Uint8Array[], { publicKey, place, at }: Asked, from: AttestationRecord['from']): AttestationRecord {
  const found = verifyAttestation(evidence, { spki: publicKey, serial: place.kind === 'pkcs11' ? place.serial : undefined }, knownIssuers(host.attestationIssuers));
  return attestationRecord(found, { from, at }, evidence);
}

function nothingShown(attests: boolean, at: number): AttestationRecord {
  const reason = attests ? 'this token attests keys that it made, and shows no attestation of this one' : 'this token attests nothing';
  return { at, from: 'token', verdict: 'unproven', reason, facts: [], path: [], notChecked: [], evidence: [] };
}

/** @returns undefined where there is no token to ask */
export async function takeAttestation(host: HostFacts, provider: KeyProvider, asked: Asked): Promise<AttestationRecord | undefined> {
  if (provider.adoption === undefined) return undefined;
  const { evidence, attests } = evidenceFor(await provider.adoption.certificates(), asked.publicKey);
  return evidence.length === 0 ? nothingShown(attests, asked.at) : judgeGiven(host, evidence, asked, 'token');
}

/** Of a key that was just made or found: what cannot be learned now is left for `key attest`, since the key is there. */
export async function firstAttestation(host: HostFacts, provider: KeyProvider, { publicKey }: ProviderKey, place: Place, at: number): Promise<AttestationRecord | undefined> {
  if (publicKey === undefined) return undefined;
  return await takeAttestation(host, provider, { publicKey, place, at }).catch(() => undefined);
}
