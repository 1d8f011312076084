/** One call: its shape, whether the vault is open, the role, the approval where it is guarded, the answer. Refusals are logged. */
import { contract } from '../../../shared/ipc/contract.ts';
import type { GuardedMethod, MethodName, Reply, Request } from '../../../shared/ipc/contract.ts';
import type { ErrorCode } from '../../../shared/errors/errorCodes.ts';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { approveAtPrompt } from '../quorum/approved.ts';
import { allowRole } from '../rules/allowRole.ts';
import { backupHandlers } from '../services/backups.ts';
import { certificateHandlers } from '../services/certificates.ts';
import { copyHandlers } from '../services/copies.ts';
import { handingOutHandlers } from '../services/handingOut.ts';
import { importHandlers } from '../services/imports.ts';
import { keyHandlers } from '../services/keys.ts';
import { keyUseHandlers } from '../services/keyUse.ts';
import { agreementHandlers } from '../services/agreement.ts';
import { macHandlers } from '../services/macs.ts';
import { logHandlers } from '../services/log.ts';
import { recipientHandlers } from '../services/recipients.ts';
import { restoreHandlers } from '../services/restore.ts';
import { salvageHandlers } from '../services/salvage.ts';
import { signatureLogHandlers } from '../services/signatureLog.ts';
import { signingHandlers } from '../services/signing.ts';
import { attestationHandlers } from '../services/attestations.ts';
import { adoptionHandlers } from '../services/adoption.ts';
import { tokenChangeHandlers } from '../services/tokenChanges.ts';
import { tokenContentsHandlers } from '../services/tokenContents.ts';
import { tokenDoctorHandlers } from '../services/tokenDoctor.ts';
import { tokenProfileHandlers } from '../services/tokenProfiles.ts';
import { tokenPinHandlers } from '../services/tokenPins.ts';
import { tokenTemplateHandlers } from '../services/tokenTemplate.ts';
import { tokenHandlers } from '../services/tokens.ts';
import { vaultHandlers } from '../services/vaultFile.ts';
import { verifyingHandlers } from '../services/verifying.ts';
import { waysInHandlers } from '../services/waysIn.ts';
import type { Workbench } from '../services/workbench.ts';
import type { Guarded, Handlers, LockedContext } from './handlers.ts';
import type { Run } from './run.ts';
import { toErrorInfo } from './toErrorInfo.ts';

const handlers: Handlers = { ...vaultHandlers, ...waysInHandlers, ...backupHandlers, ...restoreHandlers, ...salvageHandlers, ...tokenHandlers, ...tokenPinHandlers, ...tokenDoctorHandlers, ...tokenProfileHandlers, ...tokenTemplateHandlers, ...tokenContentsHandlers, ...tokenChangeHandlers, ...recipientHandlers, ...keyHandlers, ...keyUseHandlers, ...signingHandlers, ...verifyingHandlers, ...signatureLogHandlers, ...certificateHandlers, ...macHandlers, ...agreementHandlers, ...handingOutHandlers, ...importHandlers, ...adoptionHandlers, ...copyHandlers, ...attestationHandlers, ...logHandlers };

/** @throws `request-invalid` that names the field, what was expected and what was got: never the value, which might be a secret typed into the wrong place */
function parseRequest<M extends MethodName>(method: M, request: unknown): Request<M> {
  const result = contract[method].request.safeParse(request);
  if (result.success) return result.data as Request<M>;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  const named = field === '' ? 'the request' : `"${field}"`;
  const what = issue?.code === 'unrecognized_keys' ? `has fields that "${method}" does not know` : lowerFirst(issue?.message ?? 'is malformed');
  throw new StrongroomError('request-invalid', `${named}: ${what}`, field === '' ? {} : { field });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}

/** What an open vault notes when it says no: also of a key or a file that was given to it and not taken. */
const noted: readonly ErrorCode[] = ['input-malformed', 'unwrap-failed', 'choice-needed', 'wrong-file-password', 'refused', 'declined', 'confirmation-wrong', 'wrong-passphrase', 'clock-untrusted', 'pin-wrong', 'pin-locked', 'module-changed'];
/** Where somebody's key is given: every refusal of it is noted, also one that the request is at fault for. */
const takesKeys: readonly MethodName[] = ['key.import', 'key.unwrap', 'key.adopt', 'key.attest', 'recipient.add'];
const notedOfKeys: readonly ErrorCode[] = ['request-invalid', 'not-found', 'already-exists', 'input-too-large', 'token-cannot', 'token-ambiguous', 'token-key-missing'];

function noteRefusal(bench: Workbench, method: MethodName, request: unknown, error: unknown): void {
  const { code, rule } = toErrorInfo(error);
  if (!noted.includes(code) && !(takesKeys.includes(method) && notedOfKeys.includes(code))) return;
  bench.vault.commit({ kind: 'refusal', body: { method, code, rule, ...keyOf(bench, request) } });
}

/** The key that a refused request was about, where it is one of the vault's. */
function keyOf({ records }: Workbench, request: unknown): { readonly key?: Uint8Array } {
  const name = (request as { readonly key?: unknown }).key;
  const row = typeof name === 'string' ? records.find('key', (record) => record.name === name) : undefined;
  return row === undefined ? {} : { key: row.id };
}

export async function callMethod<M extends MethodName>(context: LockedContext, method: M, raw: unknown, run: Run): Promise<Reply<M>> {
  const request = parseRequest(method, raw);
  if (contract[method].whileLocked) return await answer(handlers[method], context, request, run);
  const { bench } = context;
  if (bench === undefined) throw new StrongroomError('locked', 'no vault is open', { nextStep: 'open one with its passphrase' });
  try {
    allowRole(bench.vault.principal.role, contract[method].roles, method);
    return await onOpenVault(bench, method, request, run);
  } catch (error) {
    // A vault that was locked meanwhile can note nothing, and says so.
    if (context.bench !== bench) throw new StrongroomError('locked', 'the vault was locked meanwhile', { cause: error });
    noteRefusal(bench, method, request, error);
    throw error;
  }
}

async function onOpenVault<M extends MethodName>(bench: Workbench, method: M, request: Request<M>, run: Run): Promise<Reply<M>> {
  const handler = handlers[method];
  if (contract[method].access !== 'guarded') return await answer(handler, bench, request, run);
  // SECURITY: a guarded method has no other way than through the approval (rule QUORUM-1)
  const { prepare, execute } = handler as unknown as Guarded<GuardedMethod>;
  const wanted = await prepare(bench, request as never, run);
  const { act, approved } = await approveAtPrompt(bench, wanted);
  return (await execute(bench, act as never, approved, request as never, run)) as Reply<M>;
}

type AnyAnswer = (context: unknown, request: unknown, run: Run) => unknown;

/** The table's types tie handler, request and reply of one method together; here the three meet again. */
async function answer<M extends MethodName>(handler: Handlers[M], context: LockedContext | Workbench, request: Request<M>, run: Run): Promise<Reply<M>> {
  return (await (handler as unknown as AnyAnswer)(context, request, run)) as Reply<M>;
}
