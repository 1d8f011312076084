/** A guarded act, approved: what carries it out gets this and can prove it. Made in one place only. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { put } from '../records/vaultRecords.ts';
import { requireApprovals } from '../rules/requireApprovals.ts';
import type { Workbench } from '../services/workbench.ts';
import type { Approval, RowPut } from '../unlock/openVault.ts';
import { readRequest, requestRowId, requireFresh, writeRequest } from './guardedRequest.ts';
import type { GuardedAct } from './guardedRequest.ts';
import { sentenceOf } from './sentence.ts';

export interface Approved {
  readonly hash: Uint8Array;
  readonly approval: Approval;
  /** Written with the intent: the request is consumed there and then. */
  readonly consumed: RowPut;
}

/**
 * Fixes the act in a request, shows its sentence at the trusted prompt, takes the typed confirmation and the passphrase for the approval key,
 * and hands back the act as it stands in the blob (rules QUORUM-1, QUORUM-2).
 * @throws `declined`, `confirmation-wrong`, `wrong-passphrase`, `secret-unavailable`, `refused`
 */
export async function approveAtPrompt(bench: Workbench, act: GuardedAct): Promise<{ readonly act: GuardedAct; readonly approved: Approved }> {
  const { vault } = bench;
  const { blob, hash } = writeRequest(vault, act, await bench.trustedNow());
  const request = readRequest(blob);
  const approval = await askFor(bench, request.act, hash);
  const now = await bench.trustedNow();
  requireFresh(vault, request, hash, now);
  requireApprovals(vault, hash, [approval]);
  const consumed = put('request', requestRowId(hash), { blob, hash, status: 'consumed', at: now });
  return { act: request.act, approved: { hash, approval, consumed } };
}

async function askFor({ vault, ports }: Workbench, act: GuardedAct, hash: Uint8Array): Promise<Approval> {
  const sentence = sentenceOf(act);
  const confirmation = { why: 'act', ...sentence } as const;
  // Where a token alone opened the vault, its PIN opens the approval key, and no passphrase is asked for.
  const { takesPassphrase } = vault.access;
  const { typed, passphrase } = takesPassphrase ? await ports.prompt.approve(confirmation) : { typed: await ports.prompt.confirm(confirmation), passphrase: undefined };
  // SECURITY: what was typed decides, not a click
  if (typed.normalize('NFC') !== sentence.expected) {
    passphrase?.wipe();
    throw new StrongroomError('confirmation-wrong', `${sentence.expectedIs} expected "${sentence.expected}", got another text; nothing was done`, { nextStep: 'try again, and type it letter for letter' });
  }
  if (!takesPassphrase) return await vault.approve(hash, undefined);
  if (passphrase === undefined) throw new StrongroomError('secret-unavailable', 'the passphrase that signs the approval was not given', { nextStep: 'try again' });
  return await passphrase.consume(() => vault.approve(hash, passphrase));
}
