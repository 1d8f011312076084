/** Programs of faults for a module, made of chance that can be given back: which call misbehaves, and how. The words are those of `faultShim.c`. */

/** The functions that the product calls, and within how many of their calls a fault is set. */
const calls: Readonly<Record<string, number>> = {
  C_Initialize: 2, C_GetInfo: 2, C_GetSlotList: 12, C_GetSlotInfo: 12, C_GetTokenInfo: 12, C_GetMechanismList: 2, C_GetMechanismInfo: 20,
  C_OpenSession: 4, C_CloseSession: 3, C_GetSessionInfo: 3, C_Login: 2, C_Logout: 1, C_FindObjectsInit: 30, C_FindObjects: 40, C_FindObjectsFinal: 30, C_GetAttributeValue: 150,
  C_CreateObject: 3, C_GenerateKey: 4, C_GenerateKeyPair: 3, C_DestroyObject: 4, C_SignInit: 5, C_Sign: 5, C_EncryptInit: 2, C_Encrypt: 3, C_DecryptInit: 2, C_Decrypt: 3, C_WrapKey: 4, C_UnwrapKey: 2,
};
const everyFunction = Object.keys(calls);
const measured = ['C_Sign', 'C_Encrypt', 'C_Decrypt', 'C_WrapKey', 'C_GetAttributeValue', 'C_FindObjects', 'C_GetSlotList', 'C_GetMechanismList'];
const handled = ['C_SignInit', 'C_EncryptInit', 'C_DecryptInit', 'C_DestroyObject', 'C_GetAttributeValue', 'C_FindObjects', 'C_GenerateKey', 'C_GenerateKeyPair', 'C_WrapKey', 'C_UnwrapKey'];
const answering = ['C_Sign', 'C_Encrypt', 'C_Decrypt', 'C_WrapKey', 'C_GetAttributeValue', 'C_FindObjects', 'C_GetTokenInfo'];

/** What a module may do, at which functions, and the number that goes with it. */
const actions: readonly { readonly action: string; readonly at: readonly string[]; readonly number?: (pick: Pick) => number; readonly times?: (pick: Pick) => number }[] = [
  { action: 'hang', at: everyFunction },
  { action: 'crash', at: everyFunction },
  { action: 'abort', at: everyFunction },
  { action: 'exit', at: everyFunction },
  { action: 'print', at: everyFunction },
  { action: 'pretend', at: everyFunction },
  { action: 'error', at: everyFunction, number: anyCkr },
  { action: 'storm', at: everyFunction, number: anyCkr, times: (pick) => 2 + pick.below(40) },
  { action: 'vanish', at: everyFunction, times: (pick) => 1 + pick.below(30) },
  { action: 'grow', at: measured, number: (pick) => pick.of([1, 8, 48, 500, 4000, 100_000]) },
  { action: 'short', at: measured, number: (pick) => pick.of([1, 8]) },
  { action: 'huge', at: measured },
  { action: 'flip', at: answering },
  { action: 'other', at: handled },
  { action: 'closed', at: ['C_OpenSession'] },
];

/** Chance with the words that a program needs. */
export interface Pick {
  below(limit: number): number;
  of<T>(items: readonly T[]): T;
}

export function pickFrom(random: () => number): Pick {
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    below,
    of: <T>(items: readonly T[]): T => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('there is nothing to choose from');
      return item;
    },
  };
}

/** One that means something, one that PKCS#11 does not have, one of a vendor. */
function anyCkr(pick: Pick): number {
  return pick.of([0x01, 0x05, 0x06, 0x13, 0x20, 0x30, 0x31, 0x32, 0x40, 0x54, 0x60, 0x70, 0x82, 0x90, 0x91, 0xa0, 0xa3, 0xa4, 0xb0, 0xb1, 0xb3, 0xd0, 0xe0, 0xe1, 0x100, 0x101, 0x110, 0x150, 0x190, pick.below(0x300), 0x8000_0000 + pick.below(0x1000)]);
}

function lineOf(pick: Pick): string {
  const { action, at, number, times } = pick.of(actions);
  const anywhere = at === everyFunction && pick.below(3) === 0;
  const name = anywhere ? '*' : pick.of(at);
  const nth = 1 + pick.below(anywhere ? 300 : (calls[name] ?? 1));
  return [name, nth, action, number?.(pick) ?? 0, times?.(pick) ?? 0].join(' ');
}

/** One to four faults. */
export function faultProgram(pick: Pick): readonly string[] {
  return Array.from({ length: 1 + pick.below(4) }, () => lineOf(pick));
}
