/** Signatures over digests, up to a thousand in one message; what is finished is kept when another fails. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { maxModulusBytes } from '../../pkcs11-wire/limits.ts';
import { malformed } from '../cryptoki.ts';
import { toFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { findKey } from '../keyObjects.ts';
import { digestLength, signatureInput, signatureMechanism } from '../mechanisms.ts';
import type { TokenSession } from '../tokenSession.ts';

type Request = RequestOf<'sign'>;
type Result = ReplyOf<'sign'>['results'][number];

/** Milliseconds between signs of life. */
const signOfLife = 500;

/** The length of a signature of this key, by its modulus. */
function signatureLength(session: TokenSession, key: Buffer): number {
  const modulus = session.attributes.bytes(key, 'modulus', maxModulusBytes);
  if (modulus === undefined || modulus.length === 0) throw malformed('an RSA private key without CKA_MODULUS');
  return modulus[0] === 0 ? modulus.length - 1 : modulus.length;
}

function signOne(session: TokenSession, request: Request, digest: Uint8Array): Uint8Array {
  const key = findKey(session, 'private', request.id);
  const length = session.signatureLengths.get(key) ?? signatureLength(session, key);
  session.signatureLengths.set(key, length);
  session.cryptoki.call('C_SignInit', session.work, signatureMechanism(request.mechanism), key);
  return session.cryptoki.fill('C_Sign', session.work, signatureInput(request.mechanism, digest), [length]);
}

function resultOf(session: TokenSession, request: Request, digest: Uint8Array): Result {
  try {
    return { signature: signOne(session, request, digest) };
  } catch (error) {
    session.recover(error);
    return { failure: toFailure(error) };
  }
}

export function sign(request: Request, host: Host, done: (count: number) => Promise<void>): Promise<ReplyOf<'sign'>> {
  const expected = digestLength(request.mechanism);
  const wrong = request.digests.find((digest) => digest.length !== expected);
  if (wrong !== undefined) throw new StrongroomError('request-invalid', `"digests" expected ${expected} bytes each, got ${wrong.length}`);
  return host.onToken(request.token, async (session) => {
    const results: Result[] = [];
    let last = performance.now();
    for (const digest of request.digests) {
      results.push(resultOf(session, request, digest));
      if (performance.now() - last < signOfLife) continue;
      last = performance.now();
      await done(results.length);
    }
    return { results };
  });
}
