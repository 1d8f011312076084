/**
 * The sessions of one token. An anchor session holds the login and does nothing else; work runs in a second one, which is closed and
 * opened again after any error, since a failed call can leave an operation active (CKR_OPERATION_ACTIVE on the next).
 */
import { TokenFlag } from 'graphene-pk11';
import pkcs11 from 'pkcs11js';
import type { TokenName } from '../pkcs11-wire/messages.ts';
import { AttributeReader } from './attributeReader.ts';
import { CkrError } from './cryptoki.ts';
import type { Cryptoki } from './cryptoki.ts';
import { ckr, sessionIsDead } from './ckr.ts';
import { isStill } from './slots.ts';
import type { FoundToken } from './slots.ts';

/** CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS (PKCS#11 v2.40 §3.3), for which the binding has no names. */
const userStates: readonly number[] = [1, 3];

/** CKU_CONTEXT_SPECIFIC; and what modules answer that do not have it (NSS, openCryptoki). */
const contextSpecific = 2;
const noContextLogin: readonly number[] = [ckr.argumentsBad, ckr.functionNotSupported, ckr.operationNotInitialized, ckr.userAlreadyLoggedIn, ckr.userTypeInvalid];

const readWrite = pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION;

export class TokenSession {
  readonly cryptoki: Cryptoki;
  readonly slot: Buffer;
  readonly #name: TokenName;
  readonly #needsLogin: boolean;
  /** Session objects of the work session that are not wanted any longer than it. */
  readonly #throwAways: Buffer[] = [];
  #loggedIn = false;
  #anchor: Buffer | undefined;
  #work: Buffer | undefined;
  #attributes: AttributeReader | undefined;
  /** Handles that were found, by class and id. They die with the work session. */
  readonly handles = new Map<string, Buffer>();
  /** Bytes of a signature, by the handle that is kept in `handles`. */
  readonly signatureLengths = new WeakMap<Buffer, number>();
  /** Whether a key asks for the PIN before each use, likewise. */
  readonly askers = new WeakMap<Buffer, boolean>();

  constructor(cryptoki: Cryptoki, { slot, facts }: FoundToken) {
    this.cryptoki = cryptoki;
    this.slot = slot;
    this.#name = facts;
    this.#needsLogin = (facts.flags & TokenFlag.LOGIN_REQUIRED) !== 0;
  }

  /** SECURITY: without a login a search shows less than is there, and less would be taken for the truth. @throws CkrError */
  assertLoggedIn(): void {
    if (this.#needsLogin && !this.#loggedIn) throw new CkrError(ckr.userNotLoggedIn, 'C_Login');
  }

  /**
   * SECURITY: some modules go on with the sessions of a token that is gone, and show no keys in them (SoftHSM): that nothing is
   * there is believed only while the token itself answers, by its own name. @throws CkrError as a module would that says so itself
   */
  assertThere(): void {
    if (!isStill(this.cryptoki, this.slot, this.#name)) throw new CkrError(ckr.tokenNotPresent, 'C_GetTokenInfo');
  }

  /** The session for work. It belongs to this object: callers do not keep it. */
  get work(): Buffer {
    this.#work ??= this.#openWork();
    return this.#work;
  }

  /** A session for one call that runs aside, or undefined where the token has no room for another. */
  openAside(): Buffer | undefined {
    this.#anchor ??= this.#open();
    try {
      return this.#open();
    } catch (error) {
      if (error instanceof CkrError && error.is(ckr.sessionCount)) return undefined;
      throw error;
    }
  }

  closeAside(session: Buffer): void {
    this.#closeSession(session);
  }

  get isOpen(): boolean {
    return this.#anchor !== undefined;
  }

  get attributes(): AttributeReader {
    this.#attributes ??= new AttributeReader(this.cryptoki, this.work);
    return this.#attributes;
  }

  /** A token with room for one session only works in its anchor. */
  #openWork(): Buffer {
    this.#anchor ??= this.#open();
    return this.openAside() ?? this.#anchor;
  }

  #open(): Buffer {
    return this.cryptoki.call('C_OpenSession', this.slot, readWrite);
  }

  /** @param pin undefined: on the token's own PIN pad. The binding takes text only, a copy that cannot be wiped. */
  login(user: 'user' | 'so', pin: Uint8Array | undefined): void {
    this.#anchor ??= this.#open();
    const type = user === 'so' ? pkcs11.CKU_SO : pkcs11.CKU_USER;
    try {
      this.cryptoki.call('C_Login', this.#anchor, type, pinText(pin));
    } catch (error) {
      if (!(error instanceof CkrError && error.is(ckr.userAlreadyLoggedIn))) throw error;
    }
    this.#loggedIn = user === 'user';
    this.handles.clear(); // what a token shows depends on who looks
  }

  /**
   * For one use of one key that asks for it, after its *Init (PKCS#11 v2.40 §5.6 C_Login).
   * @returns false where the module has no such login, and the operation that was begun is given up
   */
  loginForOneUse(pin: Uint8Array | undefined): boolean {
    try {
      this.cryptoki.call('C_Login', this.work, contextSpecific, pinText(pin));
      return true;
    } catch (error) {
      if (!(error instanceof CkrError && error.is(...noContextLogin))) throw error;
      this.closeWork();
      return false;
    }
  }

  /** Where a module does not ask although the key says so, the PIN is proved by logging in anew. */
  loginAgain(pin: Uint8Array | undefined): void {
    this.close();
    this.#anchor = this.#open();
    this.cryptoki.call('C_Login', this.#anchor, pkcs11.CKU_USER, pinText(pin)); // SECURITY: somebody who is logged in already has proved nothing now
    this.#loggedIn = true;
  }

  /** After an error: the work session goes, and where the token's state cannot be believed, all goes. */
  recover(error: unknown): void {
    const isDead = error instanceof CkrError && error.is(...sessionIsDead);
    if (!isDead) this.closeWork();
    if (isDead || (this.#loggedIn && !this.#anchorIsLoggedIn())) this.close(); // some modules log out after a refusal
  }

  #anchorIsLoggedIn(): boolean {
    if (this.#anchor === undefined) return false;
    try {
      const { state } = this.cryptoki.call('C_GetSessionInfo', this.#anchor);
      return userStates.includes(state);
    } catch (error) {
      if (error instanceof CkrError) return false;
      throw error;
    }
  }

  /** A session object goes when its session closes (PKCS#11 v2.40 §4.4); OpenSC keeps it all the same, and shows it to every search. */
  throwAway(object: Buffer): Buffer {
    this.#throwAways.push(object);
    return object;
  }

  /** SECURITY: a handle that lies is of an object that somebody keeps: what is of the token is not thrown away. @throws CkrError */
  destroyThrowAway(object: Buffer): void {
    if (this.attributes.flag(object, 'token') === false) this.cryptoki.call('C_DestroyObject', this.work, object);
  }

  #destroyThrowAways(): void {
    for (const object of this.#throwAways.splice(0)) {
      try {
        this.destroyThrowAway(object);
      } catch (error) {
        if (!(error instanceof CkrError)) throw error; // it is gone already, or goes with the session
      }
    }
  }

  /** The session objects go with it; the login stays, where the token has room for two sessions. */
  closeWork(): void {
    const work = this.#work;
    if (work === undefined) return;
    if (work === this.#anchor) {
      this.close(); // the one session that this token has room for: its login goes with it
      return;
    }
    this.#destroyThrowAways();
    this.#work = undefined;
    this.#attributes = undefined;
    this.handles.clear();
    this.#closeSession(work);
  }

  /** Closing its last session logs the token out (PKCS#11 v2.40 §5.6 C_CloseSession). */
  close(): void {
    const sessions = new Set([this.#work, this.#anchor]);
    if (this.#work !== undefined) this.#destroyThrowAways();
    this.#work = undefined;
    this.#anchor = undefined;
    this.#loggedIn = false;
    this.#attributes = undefined;
    this.handles.clear();
    for (const session of sessions) if (session !== undefined) this.#closeSession(session);
  }

  #closeSession(session: Buffer): void {
    try {
      this.cryptoki.call('C_CloseSession', session);
    } catch (error) {
      if (!(error instanceof CkrError)) throw error; // a session that is gone already is what was wanted
    }
  }
}

/** @throws TypeError for what is not UTF-8, which the core has checked before */
export function pinText(pin: Uint8Array | undefined): string {
  return pin === undefined ? '' : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(pin);
}
