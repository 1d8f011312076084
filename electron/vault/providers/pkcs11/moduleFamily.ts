/** What is known of a module beyond the standard: how its PINs lock, and the way out. Told by the module's file, else by who made the token. */
import type { TokenInfo } from './tokenInfo.ts';

export const moduleFamilies = ['softhsm', 'nss', 'tpm2', 'opencryptoki', 'opensc', 'ykcs11', 'p11-kit', 'other'] as const;
export type ModuleFamily = (typeof moduleFamilies)[number];

interface FamilyFacts {
  readonly name: string;
  readonly file: RegExp;
  readonly maker: RegExp | undefined;
  /** When wrong PINs lock, in words and with no count of ours. */
  readonly locks: string;
  /** The next step for a locked user PIN. */
  readonly wayOut: string;
  /** Why its SO gives no new PIN, where that is so. */
  readonly noUnblock?: string;
  /** It was seen to serve several callers at once: a long generation holds up nobody. Of others one call at a time is taken. */
  readonly severalAtOnce?: true;
  /** It looks for tokens when it is loaded and never again: one that was gone is not seen to be back. */
  readonly looksOnce?: true;
}

const bySo = 'let its SO set a new PIN: `token unblock-pin`';
const byPuk = (program: string) => `unblock it with the PUK: ${program}`;

const facts: Readonly<Record<ModuleFamily, FamilyFacts>> = {
  softhsm: { name: 'SoftHSM', file: /softhsm/i, maker: /^softhsm/i, locks: 'it sets a flag after a wrong PIN and never locks', wayOut: bySo, looksOnce: true, severalAtOnce: true },
  nss: {
    name: 'NSS softokn',
    file: /softokn|nssckbi/i,
    maker: /^mozilla/i,
    locks: 'it has no flags for wrong PINs and never locks',
    wayOut: 'a lost password cannot be replaced: only initialising the token anew makes it usable, without its keys',
    noUnblock: 'NSS has no SO once its user PIN is set',
    severalAtOnce: true,
  },
  tpm2: {
    name: 'TPM 2 (tpm2-pkcs11)',
    file: /tpm2_pkcs11/i,
    maker: undefined,
    locks: 'the TPM locks after a few wrong PINs without a flag before it',
    wayOut: "wait until the TPM's lockout has passed, or clear it: `tpm2_dictionarylockout --clear-lockout`",
  },
  opencryptoki: { name: 'openCryptoki', file: /opencryptoki/i, maker: /^ibm/i, locks: 'it sets a flag after a wrong PIN, another before the last try, and then locks', wayOut: bySo },
  opensc: { name: 'OpenSC', file: /opensc|onepin/i, maker: undefined, locks: 'it sets a flag before the last try alone, and then locks', wayOut: byPuk("`pkcs15-tool --unblock-pin`, or the card's own program") },
  ykcs11: {
    name: 'YubiKey PIV (YKCS11)',
    file: /ykcs11/i,
    maker: /^yubico/i,
    locks: 'it sets a flag after a wrong PIN, another before the last try, and then locks',
    wayOut: byPuk('`ykman piv access unblock-pin`'),
  },
  'p11-kit': { name: 'p11-kit', file: /p11-kit/i, maker: undefined, locks: 'the module behind p11-kit decides when a PIN locks', wayOut: 'unlock it where the module behind p11-kit runs' },
  other: { name: 'this module', file: /^$/, maker: undefined, locks: 'tokens lock after a few wrong PINs, and not all of them set a flag before', wayOut: "let its SO set a new PIN (`token unblock-pin`), or use the PUK with the vendor's program" },
};

/** The last part of a path, on any system. */
function fileOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

export function familyOf(modulePath: string, manufacturer = ''): ModuleFamily {
  const byFile = moduleFamilies.find((family) => facts[family].file.test(fileOf(modulePath)));
  return byFile ?? moduleFamilies.find((family) => facts[family].maker?.test(manufacturer) === true) ?? 'other';
}

export function familyOfToken({ modulePath, manufacturer }: Pick<TokenInfo, 'modulePath' | 'manufacturer'>): ModuleFamily {
  return familyOf(modulePath, manufacturer);
}

export function familyFacts(family: ModuleFamily): Omit<FamilyFacts, 'file' | 'maker'> {
  return facts[family];
}
