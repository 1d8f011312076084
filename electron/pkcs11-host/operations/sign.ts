/** Signatures over digests, up to a thousand in one message; what is finished is kept when another fails. */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { maxModulusBytes } from '../../pkcs11-wire/limits.ts';
import { malformed } from '../cryptoki.ts';
import { toFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { findKey } from '../keyObjects.ts';
import { digestLength, signatureInput, signatureMechanism } from '../mechanisms.ts';
import { eachAlive } from '../signOfLife.ts';
import type { Done } from '../signOfLife.ts';
import type { TokenSession } from '../tokenSession.ts';

type Request = RequestOf<'sign'>;
type Result = ReplyOf<'sign'>['results'][number];

/** A key that was found, and the length of its signatures in bytes. */
interface Signer {
  readonly key: Buffer;
  readonly length: number;
}

function findSigner(session: TokenSession, id: Uint8Array): Signer {
  const key = findKey(session, 'private', id);
  const known = session.signatureLengths.get(key);
  if (known !== undefined) return { key, length: known };
  const modulus = session.attributes.bytes(key, 'modulus', maxModulusBytes);
  if (modulus === undefined || modulus.length === 0) throw malformed('an RSA private key without CKA_MODULUS');
  const length = modulus[0] === 0 ? modulus.length - 1 : modulus.length; // with or without a leading zero, by module
  session.signatureLengths.set(key, length);
  return { key, length };
}

/** Looks the key up once for a batch, and again after an item that failed: its handle died with the session. */
class BatchSigner {
  readonly #session: TokenSession;
  readonly #request: Request;
  #signer: Signer | undefined;

  constructor(session: TokenSession, request: Request) {
    this.#session = session;
    this.#request = request;
  }

  sign(digest: Uint8Array): Result {
    try {
      return { signature: this.#signOne(digest) };
    } catch (error) {
      if (isStrongroomError(error, 'module-malformed')) throw error; // nothing more is believed of this module
      this.#session.recover(error);
      this.#signer = undefined;
      return { failure: toFailure(error) };
    }
  }

  #signOne(digest: Uint8Array): Uint8Array {
    this.#signer ??= findSigner(this.#session, this.#request.id);
    const { key, length } = this.#signer;
    const { cryptoki, work } = this.#session;
    cryptoki.call('C_SignInit', work, signatureMechanism(this.#request.mechanism), key);
    return cryptoki.fill('C_Sign', work, signatureInput(this.#request.mechanism, digest), [length]);
  }
}

export function sign(request: Request, host: Host, done: Done): Promise<ReplyOf<'sign'>> {
  const expected = digestLength(request.mechanism);
  const wrong = request.digests.find((digest) => digest.length !== expected);
  if (wrong !== undefined) throw new StrongroomError('request-invalid', `"digests" expected ${expected} bytes each, got ${wrong.length}`);
  return host.onToken(request.token, async (session) => {
    const signer = new BatchSigner(session, request);
    return { results: await eachAlive(request.digests, done, (digest) => signer.sign(digest)) };
  });
}
