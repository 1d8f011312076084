/** What the operations share: the loaded module and the sessions of its tokens. */
import type { TokenName } from '../pkcs11-wire/messages.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { Cryptoki } from './cryptoki.ts';
import { findToken } from './slots.ts';
import { TokenSession } from './tokenSession.ts';

export class Host {
  #cryptoki: Cryptoki | undefined;
  readonly #sessions = new Map<string, TokenSession>();

  get cryptoki(): Cryptoki {
    if (this.#cryptoki === undefined) throw new StrongroomError('request-invalid', 'the module is not open yet');
    return this.#cryptoki;
  }

  opened(cryptoki: Cryptoki): void {
    this.#cryptoki = cryptoki;
  }

  /** The module locks its own state, so that a call may run beside others. */
  locks = false;

  /** The calls of the module since the last reply. */
  takeTrace(): Uint8Array {
    return this.#cryptoki?.trace.take() ?? new Uint8Array(0);
  }

  get isOpen(): boolean {
    return this.#cryptoki !== undefined;
  }

  /** The token is looked up when its sessions are opened, not before each call: a session dies with its token. */
  #session(name: TokenName): TokenSession {
    const key = JSON.stringify([name.label, name.serial, name.manufacturer ?? null]);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = new TokenSession(this.cryptoki, findToken(this.cryptoki, name));
    this.#sessions.set(key, session);
    return session;
  }

  /** Runs work on the keys of a token. @throws CkrError (CKR_USER_NOT_LOGGED_IN) where the core has to log in first */
  onToken<T>(name: TokenName, work: (session: TokenSession) => T | Promise<T>): Promise<T> {
    return this.withSession(name, (session) => {
      session.assertLoggedIn();
      return work(session);
    });
  }

  /**
   * Runs one long call aside. What fails there leaves the sessions of the others alone: a token that is gone shows in their next call.
   * @throws CkrError (CKR_USER_NOT_LOGGED_IN) where the core has to log in first
   */
  async aside<T>(name: TokenName, work: (session: TokenSession) => Promise<T>): Promise<T> {
    const session = this.#session(name);
    session.assertLoggedIn();
    return await work(session);
  }

  /** After any error the session is made good for the next call. */
  async withSession<T>(name: TokenName, work: (session: TokenSession) => T | Promise<T>): Promise<T> {
    const session = this.#session(name);
    try {
      return await work(session);
    } catch (error) {
      session.recover(error);
      if (!session.isOpen) this.forget(session);
      throw error;
    }
  }

  /** The next call looks for the token again: after a removal it may sit in another slot. */
  forget(session: TokenSession): void {
    for (const [key, value] of this.#sessions) if (value === session) this.#sessions.delete(key);
  }

  /** C_InitToken fails while an application has a session with the token; other tokens keep theirs. */
  closeSlot(slot: Buffer): void {
    for (const session of this.#sessions.values()) {
      if (!session.slot.equals(slot)) continue;
      session.close();
      this.forget(session);
    }
  }

  closeSessions(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }
}
