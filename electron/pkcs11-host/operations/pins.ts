/** What takes a PIN. The dispatcher wipes the request after each of these. */
import pkcs11 from 'pkcs11js';
import type { ReplyOf, RequestOf, TokenName } from '../../pkcs11-wire/messages.ts';
import { ckr } from '../ckr.ts';
import { CkrError } from '../cryptoki.ts';
import type { Cryptoki } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { findToken, findTokens, slotOf, tokenFactsOf } from '../slots.ts';
import { pinText } from '../tokenSession.ts';

export function login(request: RequestOf<'login'>, host: Host): Promise<ReplyOf<'login'>> {
  return host.withSession(request.token, (session) => {
    session.login(request.user, request.pin);
    return {};
  });
}

export function logout(request: RequestOf<'logout'>, host: Host): Promise<ReplyOf<'logout'>> {
  return host.withSession(request.token, (session) => {
    session.close();
    host.forget(session);
    return {};
  });
}

/** The label goes out padded to 32 bytes with spaces (PKCS#11 v2.40 §5.5 C_InitToken): the binding does not pad, and a module would read on. */
function paddedLabel(label: string): string {
  return label + ' '.repeat(Math.max(0, 32 - Buffer.byteLength(label)));
}

/** The SO of NSS has no PIN: C_InitToken takes any, and until the user has one C_Login takes the empty one alone. Such a token asks for no length; no other is tried so. */
function logInSo(cryptoki: Cryptoki, slot: Buffer, session: Buffer, soPin: string): void {
  try {
    cryptoki.call('C_Login', session, pkcs11.CKU_SO, soPin);
  } catch (error) {
    if (!(error instanceof CkrError && error.is(ckr.pinIncorrect)) || cryptoki.call('C_GetTokenInfo', slot).minPinLen > 0) throw error;
    cryptoki.call('C_Login', session, pkcs11.CKU_SO, '');
  }
}

function initUserPin(cryptoki: Cryptoki, slot: Buffer, soPin: string, userPin: string): void {
  const session = cryptoki.call('C_OpenSession', slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  try {
    logInSo(cryptoki, slot, session, soPin);
    cryptoki.call('C_InitPIN', session, userPin);
    cryptoki.call('C_Logout', session);
  } finally {
    cryptoki.call('C_CloseSession', session);
  }
}

/** A session for one act with a PIN. The token's own sessions end first: nobody else may be logged in. */
function inSession(token: TokenName, host: Host, work: (cryptoki: Cryptoki, session: Buffer) => void): Record<never, never> {
  const { cryptoki } = host;
  const { slot } = findToken(cryptoki, token);
  host.closeSlot(slot);
  const session = cryptoki.call('C_OpenSession', slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  try {
    work(cryptoki, session);
  } finally {
    cryptoki.call('C_CloseSession', session); // closing the last session logs out (PKCS#11 v2.40 §5.6)
  }
  return {};
}

const kindOfUser = { user: pkcs11.CKU_USER, so: pkcs11.CKU_SO } as const;

/** Logged in first, since NSS asks for that; a token that lets nobody in before an expired PIN is changed takes the change without. */
export function changePin({ token, user, oldPin, newPin }: RequestOf<'changePin'>, host: Host): ReplyOf<'changePin'> {
  return inSession(token, host, (cryptoki, session) => {
    try {
      cryptoki.call('C_Login', session, kindOfUser[user], pinText(oldPin));
    } catch (error) {
      if (!(error instanceof CkrError && error.is(ckr.pinExpired)) || user === 'so') throw error;
    }
    cryptoki.call('C_SetPIN', session, pinText(oldPin), pinText(newPin));
  });
}

export function unblockPin({ token, soPin, newPin }: RequestOf<'unblockPin'>, host: Host): ReplyOf<'unblockPin'> {
  return inSession(token, host, (cryptoki, session) => {
    cryptoki.call('C_Login', session, pkcs11.CKU_SO, pinText(soPin));
    cryptoki.call('C_InitPIN', session, pinText(newPin));
  });
}

export function checkPin({ token, user, pin }: RequestOf<'checkPin'>, host: Host): ReplyOf<'checkPin'> {
  return inSession(token, host, (cryptoki, session) => cryptoki.call('C_Login', session, kindOfUser[user], pinText(pin)));
}

/** A token may move to another slot when it gets its serial number: it is looked for again. */
export function initToken(request: RequestOf<'initToken'>, host: Host): ReplyOf<'initToken'> {
  const { cryptoki } = host;
  const slot = slotOf(cryptoki, request.slot);
  host.closeSlot(slot);
  const [soPin, userPin] = [pinText(request.soPin), pinText(request.userPin)];
  cryptoki.call('C_InitToken', slot, soPin, paddedLabel(request.label));
  initUserPin(cryptoki, slot, soPin, userPin);
  const made = tokenFactsOf(cryptoki, slot);
  const now = findTokens(cryptoki).find(({ facts }) => facts.serial === made.serial && facts.label === made.label);
  return now?.facts ?? made;
}
