/** Tokens as replies show them, their flags in words. */
import type { z } from 'zod';
import type { tokenView } from '../../../shared/ipc/views.ts';
import { familyFacts, familyOfToken } from '../providers/pkcs11/moduleFamily.ts';
import type { TokenFlag, TokenInfo } from '../providers/pkcs11/tokenInfo.ts';
import type { TokenRecord } from '../records/records.ts';

/** What a person should know of a token's condition. The other flags say nothing that he could act on. */
const words: Partial<Record<TokenFlag, string>> = {
  'write-protected': 'it is write-protected: no key can be made on it',
  'protected-authentication-path': 'its PIN is entered on its own keypad',
  'user-pin-count-low': 'a wrong PIN was entered since the last right one',
  'user-pin-final-try': 'ONE try of the PIN is left: another wrong one locks it',
  'user-pin-to-be-changed': 'its PIN must be changed before use: `token change-pin`',
  'so-pin-count-low': 'a wrong SO PIN was entered since the last right one',
  'so-pin-final-try': 'ONE try of the SO PIN is left',
  'so-pin-locked': 'its SO PIN is locked',
  'so-pin-to-be-changed': 'its SO PIN must be changed: `token change-pin --user so`',
  'error-state': 'it reports a failed self-test: do not use it',
};

function conditionOf(token: TokenInfo): string[] {
  const { flags } = token;
  if (!flags.includes('token-initialized')) return ['it is not initialised'];
  const said = flags.flatMap((flag) => (flag === 'user-pin-locked' ? `its PIN is locked: ${familyFacts(familyOfToken(token)).wayOut}` : (words[flag] ?? [])));
  if (!flags.includes('user-pin-initialized')) return ['it has no user PIN yet', ...said];
  return said.length === 0 ? ['ready'] : said;
}

export function viewToken(token: TokenInfo): z.infer<typeof tokenView> {
  const { label, serial, manufacturer, model, modulePath, slot, flags } = token;
  return { label, serial, manufacturer, model, modulePath, slot, condition: conditionOf(token), initialized: flags.includes('token-initialized'), present: true };
}

/** A token that holds keys of the vault and is not plugged in. */
export function viewTokenRecord({ label, serial, manufacturer, model, modulePath, lastSeen }: TokenRecord): z.infer<typeof tokenView> {
  const condition = [`not plugged in; last seen ${new Date(lastSeen).toISOString()}`];
  return { label, serial, manufacturer, model, modulePath, slot: -1, condition, initialized: true, present: false };
}
