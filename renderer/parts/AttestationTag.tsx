/** Whether the birth of a key on its device is shown: a fact in an outline, or absent in a dashed one. Why is said on hover and to readers of the screen. */
import type { ReactElement } from 'react';
import { attestationVerdictTexts } from '../../shared/model/attestation.ts';
import type { AttestationVerdict } from '../../shared/model/attestation.ts';

export function AttestationTag({ verdict, reason }: { readonly verdict: AttestationVerdict; readonly reason?: string }): ReactElement {
  return (
    <span className={`tag ${verdict === 'unproven' ? 'dash' : ''}`} title={reason} data-verdict={verdict}>
      {attestationVerdictTexts[verdict]}
    </span>
  );
}
