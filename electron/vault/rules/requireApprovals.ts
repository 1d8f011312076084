/** Rules QUORUM-1 and QUORUM-2: a guarded act has the approvals that the vault's quorum asks for. In a solo vault that is the one person's own. */
import { refusal } from '../../../shared/errors/strongroomError.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { isApproval } from '../quorum/approval.ts';
import { principalSchema } from '../records/principalRecord.ts';
import type { Approval, OpenVault } from '../unlock/openVault.ts';

/** @throws `refused` QUORUM-2 for an approval that is none, QUORUM-1 where there are too few */
export function requireApprovals(vault: OpenVault, requestHash: Uint8Array, approvals: readonly Approval[]): void {
  for (const approval of approvals) requireGenuine(vault, requestHash, approval);
  if (approvals.length < 1) throw refusal('QUORUM-1', 'the request has no approval');
}

function requireGenuine(vault: OpenVault, requestHash: Uint8Array, approval: Approval): void {
  const row = vault.get('principal', approval.principal);
  const principal = row === undefined ? undefined : principalSchema.parse(row);
  // SECURITY: only a principal of this vault approves, only with the approval key, only this request
  if (principal === undefined || !equalBytes(approval.requestHash, requestHash) || !isApproval(approval, principal.approvalKey, vault.vaultId))
    throw refusal('QUORUM-2', 'an approval of the request is not genuine', 'ask for the approval again');
}
