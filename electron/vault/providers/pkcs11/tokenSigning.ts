/** Signatures made on a token, each verified here before it leaves: a module has no say in what is genuine. */
import { setImmediate } from 'node:timers/promises';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { KeyName } from '../../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf } from '../../../pkcs11-wire/messages.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import type { SignRequest, SignResult } from '../provider.ts';
import type { TokenClient } from './tokenClient.ts';
import { errorOf, userNotLoggedIn } from './tokenRefusal.ts';

/** Verifications between two looks at what else is to be done. */
const slice = 16;

type Result = ReplyOf<'sign'>['results'][number];

function doesNotVerify(): StrongroomError {
  return new StrongroomError('token-refused', "the signature that the token gave does not verify with the key's public half: it was thrown away", { nextStep: 'another program may have changed the key: see `token info`; else do not trust this token' });
}

function checked(result: Result | undefined, index: number, { mechanism, inputs, messages, saltLength }: SignRequest, publicKey: Uint8Array): SignResult {
  if (result === undefined || !('signature' in result)) return { ok: false, error: result === undefined ? doesNotVerify() : errorOf(result.failure) };
  // SECURITY: a faulty computation would give the private key away (Boneh, DeMillo, Lipton 1997), and a module may answer anything
  const native = messages?.[index]?.verify(publicKey, result.signature);
  const valid = native ?? verifySignature(publicKey, mechanism, inputs[index] ?? new Uint8Array(0), result.signature, saltLength === undefined ? {} : { saltLength }).valid;
  return valid ? { ok: true, signature: result.signature } : { ok: false, error: doesNotVerify() };
}

async function signOnce(token: TokenClient, key: KeyName, { mechanism, saltLength }: SignRequest, inputs: readonly Uint8Array[]): Promise<readonly Result[]> {
  const salt = saltLength === undefined ? {} : { saltLength };
  const { results } = await token.call('sign', { key, mechanism, ...salt, inputs });
  if (results.length !== inputs.length) throw new StrongroomError('module-malformed', `${inputs.length} signatures expected, got ${results.length}`);
  return results;
}

function lostLogin(result: Result | undefined): boolean {
  return result !== undefined && 'failure' in result && result.failure.ckr === userNotLoggedIn;
}

/** A card forgets its login in the middle: OpenSC after a refusal, any when another program resets it. What it did not sign goes to it once more, after a new login. */
async function signLoggedIn(token: TokenClient, key: KeyName, request: SignRequest): Promise<readonly Result[]> {
  const first = await signOnce(token, key, request, request.inputs);
  if (!first.some(lostLogin)) return first;
  const second = [...(await signOnce(token, key, request, request.inputs.filter((_, index) => lostLogin(first[index]))))];
  return first.map((result) => (lostLogin(result) ? (second.shift() ?? result) : result));
}

/** The key's public half; `anew` where another program may have put another key in its place since it was looked for. */
export type PublicKeyOf = (anew: boolean) => Promise<Uint8Array>;

export async function signOnToken(token: TokenClient, key: KeyName, request: SignRequest, publicKey: PublicKeyOf): Promise<readonly SignResult[]> {
  const results = await signLoggedIn(token, key, request);
  if (!results.some((result) => 'signature' in result)) return results.map((result) => ({ ok: false, error: 'failure' in result ? errorOf(result.failure) : doesNotVerify() }));
  const known = await publicKey(false);
  const verified = await allChecked(results, request, known);
  if (verified.some(({ ok }, index) => ok || 'failure' in (results[index] ?? {}))) return verified;
  const anew = await publicKey(true);
  return equalBytes(anew, known) ? verified : await allChecked(results, request, anew);
}

async function allChecked(results: readonly Result[], request: SignRequest, spki: Uint8Array): Promise<readonly SignResult[]> {
  const verified: SignResult[] = [];
  for (const [index, result] of results.entries()) {
    verified.push(checked(result, index, request, spki));
    if (verified.length % slice === 0) await setImmediate();
  }
  return verified;
}
