/** Signatures made on a token, each verified here before it leaves: a module has no say in what is genuine. */
import { setImmediate } from 'node:timers/promises';
import { isStrongroomError, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';
import type { KeyName } from '../../../pkcs11-wire/keyShapes.ts';
import type { ReplyOf } from '../../../pkcs11-wire/messages.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { parsedOnce, publicKeyObject } from '../../crypto/keyObjects.ts';
import { verifySignature } from '../../crypto/verifySignature.ts';
import type { SignRequest, SignResult } from '../provider.ts';
import type { TokenClient } from './tokenClient.ts';
import { userNotLoggedIn } from './tokenRefusal.ts';

/** Verifications between two looks at what else is to be done. */
const slice = 16;

/** Inputs of one call of the child: while it signs these, the ones before them are verified. */
const group = 100;

type Result = ReplyOf<'sign'>['results'][number];

function doesNotVerify(): StrongroomError {
  return new StrongroomError('token-refused', "the signature that the token gave does not verify with the key's public half: it was thrown away", { nextStep: 'another program may have changed the key: see `token info`; else do not trust this token' });
}

type Checker = (result: Result | undefined, index: number) => SignResult;

function checkerOf(token: TokenClient, { mechanism, inputs, messages, saltLength }: SignRequest, spki: Uint8Array): Checker {
  const publicKey = parsedOnce(publicKeyObject, spki);
  const options = saltLength === undefined ? {} : { saltLength };
  return (result, index) => {
    if (result === undefined || !('signature' in result)) return { ok: false, error: result === undefined ? doesNotVerify() : token.errorOf(result.failure, 'sign') };
    const { signature } = result;
    // SECURITY: a faulty computation would give the private key away (Boneh, DeMillo, Lipton 1997), and a module may answer anything
    const native = messages?.[index]?.verify(publicKey(), signature);
    const valid = native ?? verifySignature(spki, mechanism, inputs[index] ?? new Uint8Array(0), signature, options).valid;
    return valid ? { ok: true, signature } : { ok: false, error: doesNotVerify() };
  };
}

/** @returns undefined where the key asks for the PIN before each use */
async function signInOneCall(token: TokenClient, key: KeyName, { mechanism, saltLength }: SignRequest, inputs: readonly Uint8Array[]): Promise<readonly Result[] | undefined> {
  const salt = saltLength === undefined ? {} : { saltLength };
  const { results, asksPin } = await token.call('sign', { key, mechanism, ...salt, inputs });
  if (asksPin === true) return undefined;
  if (results.length !== inputs.length) throw new StrongroomError('module-malformed', `${inputs.length} signatures expected, got ${results.length}`);
  return results;
}

function lostLogin(result: Result | undefined): boolean {
  return result !== undefined && 'failure' in result && result.failure.ckr === userNotLoggedIn;
}

/** A card forgets its login in the middle: OpenSC after a refusal, any when another program resets it. What it did not sign goes to it once more, after a new login. */
async function signLoggedIn(token: TokenClient, key: KeyName, request: SignRequest): Promise<readonly Result[] | undefined> {
  const first = await signInOneCall(token, key, request, request.inputs);
  if (first?.some(lostLogin) !== true) return first;
  const second = [...((await signInOneCall(token, key, request, request.inputs.filter((_, index) => lostLogin(first[index])))) ?? [])];
  return first.map((result) => (lostLogin(result) ? (second.shift() ?? result) : result));
}

/** The key's public half; `anew` where another program may have put another key in its place since it was looked for. */
export type PublicKeyOf = (anew: boolean) => Promise<Uint8Array>;

/** A call that fails whole takes the batch along, with what was signed before it. */
export async function signOnToken(token: TokenClient, key: KeyName, request: SignRequest, publicKey: PublicKeyOf): Promise<readonly SignResult[]> {
  const checked: Promise<readonly SignResult[]>[] = [];
  for (let from = 0; from < request.inputs.length; from += group) {
    const part = partOf(request, from);
    const results = await signLoggedIn(token, key, part);
    if (results === undefined) return await signOneByOne(token, key, request, publicKey);
    const verified = checkGroup(token, part, results, publicKey);
    verified.catch(() => undefined); // it is thrown at the end, unless the token fails before
    checked.push(verified);
  }
  return (await Promise.all(checked)).flat();
}

function partOf({ messages, ...request }: SignRequest, from: number): SignRequest {
  const of = <T>(items: readonly T[]) => items.slice(from, from + group);
  return { ...request, inputs: of(request.inputs), ...(messages === undefined ? {} : { messages: of(messages) }) };
}

async function checkGroup(token: TokenClient, request: SignRequest, results: readonly Result[], publicKey: PublicKeyOf): Promise<readonly SignResult[]> {
  await setImmediate(); // the next call goes out first
  if (!results.some((result) => 'signature' in result)) return results.map((result) => ({ ok: false, error: 'failure' in result ? token.errorOf(result.failure, 'sign') : doesNotVerify() }));
  const known = await publicKey(false);
  const verified = await allChecked(token, results, request, known);
  if (verified.some(({ ok }, index) => ok || 'failure' in (results[index] ?? {}))) return verified;
  const anew = await publicKey(true);
  return equalBytes(anew, known) ? verified : await allChecked(token, results, request, anew);
}

/** What no later signature of the batch is asked for after: whoever refused, or mistook the PIN, is not asked again. */
const endsBatch: readonly ErrorCode[] = ['declined', 'secret-unavailable', 'pin-wrong', 'pin-locked', 'pin-invalid', 'pin-final-try'];

/** SECURITY: a key that asks for the PIN before each use gets it for each signature, from a person; what is finished is kept when a later one is refused. */
async function signOneByOne(token: TokenClient, key: KeyName, request: SignRequest, publicKey: PublicKeyOf): Promise<readonly SignResult[]> {
  const { mechanism, inputs, saltLength } = request;
  const { keys } = await token.call('find', { class: 'private', ...key });
  const check = checkerOf(token, request, await publicKey(false));
  const done: SignResult[] = [];
  for (const [index, input] of inputs.entries()) {
    const salt = saltLength === undefined ? {} : { saltLength };
    const asked = { key: keys[0]?.label ?? '', number: index + 1, count: inputs.length };
    try {
      done.push(check(await token.signOnce({ key, mechanism, ...salt, inputs: [input] }, asked), index));
    } catch (error) {
      if (!isStrongroomError(error)) throw error;
      done.push({ ok: false, error });
      if (endsBatch.includes(error.code)) return [...done, ...inputs.slice(index + 1).map(() => ({ ok: false as const, error }))];
    }
  }
  return done;
}

async function allChecked(token: TokenClient, results: readonly Result[], request: SignRequest, spki: Uint8Array): Promise<readonly SignResult[]> {
  const check = checkerOf(token, request, spki);
  const verified: SignResult[] = [];
  for (const [index, result] of results.entries()) {
    verified.push(check(result, index));
    if (verified.length % slice === 0) await setImmediate();
  }
  return verified;
}
