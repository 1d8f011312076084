/** The vendors under whose certificates an attestation is believed: the rows of `resources/attestation/roots.json`. */
import known from '../../resources/attestation/roots.json' with { type: 'json' };
import type { AttestationIssuer } from '../../shared/model/attestation.ts';

export function attestationIssuers(): readonly AttestationIssuer[] {
  return known.certificates as readonly AttestationIssuer[];
}
