/** Signatures over digests or short messages, up to a thousand in one call; what is finished is kept when another fails. */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { maxDataBytes, maxModulusBytes } from '../../pkcs11-wire/limits.ts';
import { malformed } from '../cryptoki.ts';
import { toFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { fieldBytes } from '../curves.ts';
import { readCurve } from '../keyFacts.ts';
import { asksPin, findAnyKey } from '../keyObjects.ts';
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

function rsaSignatureLength(session: TokenSession, key: Buffer): number {
  const modulus = session.attributes.bytes(key, 'modulus', maxModulusBytes);
  if (modulus === undefined || modulus.length === 0) throw malformed('an RSA private key without CKA_MODULUS');
  return modulus[0] === 0 ? modulus.length - 1 : modulus.length; // with or without a leading zero, by module
}

/** r and s at the length of the curve's field (PKCS#11 v2.40 §2.3.1), which is Ed25519's R and S too (RFC 8032 §5.1.6). */
function curveSignatureLength(session: TokenSession, key: Buffer): number {
  const curve = readCurve(session.attributes, key);
  if (curve === undefined) throw new StrongroomError('token-cannot', 'the key is on a curve that is not known by name');
  return 2 * fieldBytes(curve);
}

function findSigner(session: TokenSession, request: Request): Signer {
  const key = findAnyKey(session, 'private', request.key);
  const known = session.signatureLengths.get(key);
  if (known !== undefined) return { key, length: known };
  const length = request.mechanism.startsWith('rsa') ? rsaSignatureLength(session, key) : curveSignatureLength(session, key);
  session.signatureLengths.set(key, length);
  return { key, length };
}

/** The key asks for the PIN before each use, and none was given. */
class AsksPin extends Error {}

/** Looks the key up once for a batch, and again after an item that failed: its handle died with the session. */
class BatchSigner {
  readonly #session: TokenSession;
  readonly #request: Request;
  #signer: Signer | undefined;
  /** The PIN was proved by a login of its own, where the module has none for one use. */
  #proved = false;

  constructor(session: TokenSession, request: Request) {
    this.#session = session;
    this.#request = request;
  }

  sign(input: Uint8Array): Result {
    try {
      return { signature: this.#signOne(input) };
    } catch (error) {
      if (isStrongroomError(error, 'module-malformed') || error instanceof AsksPin) throw error; // nothing more is believed of this module
      this.#session.recover(error);
      this.#signer = undefined;
      return { failure: toFailure(error) };
    }
  }

  #signOne(input: Uint8Array): Uint8Array {
    this.#signer ??= findSigner(this.#session, this.#request);
    const { key, length } = this.#signer;
    const { cryptoki, work } = this.#session;
    const { mechanism, saltLength, forOneUse } = this.#request;
    const asks = asksPin(this.#session, key);
    if (asks && forOneUse === undefined) throw new AsksPin(); // nothing is begun that would have to be given up
    cryptoki.call('C_SignInit', work, signatureMechanism(mechanism, saltLength), key);
    if (forOneUse !== undefined && asks && !this.#proved) return this.#signAuthenticated(input, forOneUse.pin);
    return cryptoki.fill('C_Sign', work, signatureInput(mechanism, input, length / 2), [length]);
  }

  #signAuthenticated(input: Uint8Array, pin: Uint8Array | undefined): Uint8Array {
    const { length } = this.#signer ?? findSigner(this.#session, this.#request);
    this.#proved = true;
    if (this.#session.loginForOneUse(pin)) return this.#session.cryptoki.fill('C_Sign', this.#session.work, signatureInput(this.#request.mechanism, input, length / 2), [length]);
    this.#session.loginAgain(pin); // SECURITY: where the module does not enforce what the key says, its PIN is proved all the same
    this.#signer = undefined;
    return this.#signOne(input);
  }
}

/** @throws `request-invalid` */
function assertInputs({ mechanism, inputs, forOneUse }: Request): void {
  // SECURITY: a PIN that was given for one use is for one use, also where the module would take it for more
  if (forOneUse !== undefined && inputs.length !== 1) throw new StrongroomError('request-invalid', `"inputs" expected 1 where a PIN is given for one use, got ${inputs.length}`);
  const expected = digestLength(mechanism);
  const wrong = expected === undefined ? undefined : inputs.find((input) => input.length !== expected);
  if (wrong !== undefined) throw new StrongroomError('request-invalid', `"inputs" expected ${expected} bytes each, got ${wrong.length}`);
  const total = inputs.reduce((sum, { length }) => sum + length, 0);
  if (total > maxDataBytes) throw new StrongroomError('request-invalid', `"inputs" expected at most ${maxDataBytes} bytes together, got ${total}`);
}

export function sign(request: Request, host: Host, done: Done): Promise<ReplyOf<'sign'>> {
  assertInputs(request);
  return host.onToken(request.token, async (session) => {
    const signer = new BatchSigner(session, request);
    try {
      return { results: await eachAlive(request.inputs, done, (input) => signer.sign(input)) };
    } catch (error) {
      if (error instanceof AsksPin) return { results: [], asksPin: true };
      throw error;
    }
  });
}
