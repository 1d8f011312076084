/** Slots and tokens as the module shows them, made fit for people: padding off, control characters out. */
import type { TokenFacts, TokenName } from '../pkcs11-wire/messages.ts';
import { maxSlots } from '../pkcs11-wire/limits.ts';
import { unprintable } from '../pkcs11-wire/shape.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { CkrError, malformed } from './cryptoki.ts';
import type { Cryptoki } from './cryptoki.ts';
import { ckr } from './ckr.ts';

export interface FoundToken {
  readonly slot: Buffer;
  readonly facts: TokenFacts;
}

const everyUnprintable = new RegExp(unprintable, 'gu');

export function printable(text: string): string {
  return text.replace(/[\0 ]+$/, '').replace(everyUnprintable, '\ufffd');
}

/** CK_SLOT_ID as a number, for people; slots are used by their bytes. */
function slotNumber(slot: Buffer): number {
  const number = slot.length === 8 ? slot.readBigUInt64LE() : BigInt(slot.readUInt32LE());
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('a slot number is out of reach');
  return Number(number);
}

export function slotOf(cryptoki: Cryptoki, number: number): Buffer {
  const slot = slotList(cryptoki).find((candidate) => slotNumber(candidate) === number);
  if (slot === undefined) throw new StrongroomError('token-absent', `"slot" ${number} is not there any more`);
  return slot;
}

function slotList(cryptoki: Cryptoki): readonly Buffer[] {
  const slots = cryptoki.call('C_GetSlotList', true);
  if (slots.length > maxSlots) throw malformed(`${slots.length} slots, expected at most ${maxSlots}`);
  return slots.filter((slot, index) => slots.findIndex((other) => other.equals(slot)) === index);
}

function version(value: { readonly major: number; readonly minor: number }): string {
  return `${value.major}.${value.minor}`;
}

export function tokenFactsOf(cryptoki: Cryptoki, slot: Buffer): TokenFacts {
  const slotInfo = cryptoki.call('C_GetSlotInfo', slot);
  const token = cryptoki.call('C_GetTokenInfo', slot);
  return {
    slot: slotNumber(slot),
    slotDescription: printable(slotInfo.slotDescription),
    label: printable(token.label),
    serial: printable(token.serialNumber),
    manufacturer: printable(token.manufacturerID),
    model: printable(token.model),
    flags: token.flags,
    minPinLength: token.minPinLen,
    maxPinLength: token.maxPinLen,
    firmwareVersion: version(token.firmwareVersion),
  };
}

/** A token that is being pulled or is not recognised. SECURITY: or an id from behind the end of the list, which is foreign memory and must not leave. */
const leftOut: readonly number[] = [ckr.slotIdInvalid, ckr.tokenNotPresent, ckr.tokenNotRecognized, ckr.deviceRemoved];

/** Every token that can be read now. @param toleratesMore numbers by which a token is left out besides the usual ones */
export function findTokens(cryptoki: Cryptoki, ...toleratesMore: readonly number[]): readonly FoundToken[] {
  return slotList(cryptoki).flatMap((slot) => {
    try {
      return [{ slot, facts: tokenFactsOf(cryptoki, slot) }];
    } catch (error) {
      if (error instanceof CkrError && error.is(...leftOut, ...toleratesMore)) return [];
      throw error;
    }
  });
}

/** Whether the token of before is in its slot now. */
export function isStill(cryptoki: Cryptoki, slot: Buffer, { label, serial }: TokenName): boolean {
  try {
    const facts = tokenFactsOf(cryptoki, slot);
    return facts.label === label && facts.serial === serial;
  } catch (error) {
    if (error instanceof CkrError) return false;
    throw error;
  }
}

/** @throws `token-absent`, `token-ambiguous` */
export function findToken(cryptoki: Cryptoki, name: TokenName): FoundToken {
  // SoftHSM answers CKR_GENERAL_ERROR for a token whose folder is gone
  const found = findTokens(cryptoki, ckr.generalError).filter(
    ({ facts }) => facts.label === name.label && facts.serial === name.serial && (name.manufacturer === undefined || facts.manufacturer === name.manufacturer),
  );
  const [first] = found;
  if (first === undefined) throw new StrongroomError('token-absent', `the token "${name.label}" with serial "${name.serial}" is not there`);
  if (found.length > 1) throw new StrongroomError('token-ambiguous', `${found.length} tokens call themselves "${name.label}" with serial "${name.serial}"`);
  return first;
}
