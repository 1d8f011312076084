/** An approval: a signature by an approval key over the hash of a request, for one vault and one principal (rule QUORUM-2). */
import { concatBytes, utf8 } from '../crypto/bytes.ts';
import { encodeCanonical } from '../crypto/canonicalCbor.ts';
import { ed25519Signer, ed25519Verifier } from '../crypto/ed25519.ts';
import type { Approval } from '../unlock/openVault.ts';

function message(vaultId: Uint8Array, principal: Uint8Array, requestHash: Uint8Array): Uint8Array {
  return concatBytes(utf8('strongroom/v1/approval\0'), vaultId, encodeCanonical({ v: 1, principal, requestHash }));
}

/** @param seed of the approval key; borrowed */
export function signApproval(seed: Uint8Array, vaultId: Uint8Array, principal: Uint8Array, requestHash: Uint8Array): Approval {
  return { principal, requestHash, signature: ed25519Signer(seed)(message(vaultId, principal, requestHash)) };
}

/** Whether an approval was made by the holder of `approvalKey` (32 bytes), for this vault. */
export function isApproval(approval: Approval, approvalKey: Uint8Array, vaultId: Uint8Array): boolean {
  const { principal, requestHash, signature } = approval;
  return ed25519Verifier(approvalKey)(message(vaultId, principal, requestHash), signature);
}
