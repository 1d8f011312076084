/** Attestations as replies show them: the verdict and why, and what the device says where it is believed. */
import type { z } from 'zod';
import type { attestationView } from '../../../shared/ipc/views.ts';
import { algorithmFacts } from '../../../shared/lifecycle/purposes.ts';
import type { Attestation } from '../formats/attestation/verifyAttestation.ts';
import type { AttestationRecord, KeyRecord, VersionRecord } from '../records/records.ts';
import { attestationRecord } from '../work/takeAttestation.ts';

export type AttestationView = z.infer<typeof attestationView>;

export function viewRecord({ verdict, reason, facts, path, notChecked, at, from, evidence }: AttestationRecord): AttestationView {
  return { verdict, reason, facts: [...facts], path: [...path], notChecked: [...notChecked], ...(evidence.length === 0 ? {} : { from }), at: new Date(at).toISOString() };
}

/** Of what was verified just now, and is not kept. */
export function viewAttestation(found: Attestation): AttestationView {
  const { verdict, reason, facts, path, notChecked } = attestationRecord(found, { from: 'files', at: 0 }, []);
  return { verdict, reason, facts, path, notChecked };
}

/** What is shown of a version. @returns undefined where no device is in question */
export function attestationOf({ place, algorithm }: KeyRecord, { attestation }: VersionRecord): AttestationView | undefined {
  if (place.kind === 'software') return undefined;
  if (attestation !== undefined) return viewRecord(attestation);
  const reason = algorithmFacts[algorithm].kind === 'secret' ? 'devices attest pairs alone, and this is a secret key' : 'no attestation was taken yet: `key attest`';
  return { verdict: 'unproven', reason, facts: [], path: [], notChecked: [] };
}
