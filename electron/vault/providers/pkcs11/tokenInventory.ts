/** The tokens of a module as people see them: their flags in words. */
import type { ReplyOf, TokenFacts, TokenName } from '../../../pkcs11-wire/messages.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ModuleClient } from './moduleClient.ts';
import type { TokenFlag, TokenInfo, TokenSelector } from './tokenInfo.ts';
import { TokenRefusal } from './tokenRefusal.ts';

/** CK_TOKEN_INFO flags, PKCS#11 v2.40 §3.2. */
const flagBits: Readonly<Record<TokenFlag, number>> = {
  random: 0x1,
  'write-protected': 0x2,
  'login-required': 0x4,
  'user-pin-initialized': 0x8,
  'restore-key-not-needed': 0x20,
  'clock-on-token': 0x40,
  'protected-authentication-path': 0x100,
  'dual-crypto': 0x200,
  'token-initialized': 0x400,
  'secondary-authentication': 0x800,
  'user-pin-count-low': 0x1_0000,
  'user-pin-final-try': 0x2_0000,
  'user-pin-locked': 0x4_0000,
  'user-pin-to-be-changed': 0x8_0000,
  'so-pin-count-low': 0x10_0000,
  'so-pin-final-try': 0x20_0000,
  'so-pin-locked': 0x40_0000,
  'so-pin-to-be-changed': 0x80_0000,
  'error-state': 0x100_0000,
};

export function tokenInfoOf(facts: TokenFacts, modulePath: string): TokenInfo {
  const flags = (Object.keys(flagBits) as TokenFlag[]).filter((name) => (facts.flags & flagBits[name]) !== 0);
  return { ...facts, modulePath, flags };
}

/** A module that ran and cannot tell its tokens any more was ended by that: asked once more, it starts anew, and may have found its way back. */
async function tokensOf(client: ModuleClient): Promise<ReplyOf<'tokens'>> {
  const ran = client.isRunning;
  try {
    return await client.call('tokens', {});
  } catch (error) {
    if (ran && error instanceof TokenRefusal) return await client.call('tokens', {});
    throw error;
  }
}

export async function listTokens(client: ModuleClient): Promise<readonly TokenInfo[]> {
  const { tokens } = await tokensOf(client);
  return tokens.map((facts) => tokenInfoOf(facts, client.module.path));
}

/** What the token says of itself now. @throws `token-absent`, `token-ambiguous` */
export async function tokenNow(client: ModuleClient, name: TokenName): Promise<TokenInfo> {
  return theOne(await listTokens(client), name);
}

export function isWanted(token: TokenInfo, wanted: TokenSelector): boolean {
  return (
    token.serial === wanted.serial &&
    token.label === wanted.label &&
    (wanted.manufacturer === undefined || token.manufacturer === wanted.manufacturer) &&
    (wanted.modulePath === undefined || token.modulePath === wanted.modulePath)
  );
}

/** @throws `token-absent`, `token-ambiguous` */
export function theOne(tokens: readonly TokenInfo[], wanted: TokenSelector): TokenInfo {
  const fits = tokens.filter((token) => isWanted(token, wanted));
  const [first] = fits;
  if (first === undefined) {
    throw new StrongroomError('token-absent', `the token "${wanted.label}" with serial "${wanted.serial}" is not there`, {
      nextStep: 'plug the token in, then try again; "token list" shows what is there',
      retryable: true,
    });
  }
  if (fits.length > 1) {
    throw new StrongroomError('token-ambiguous', `${fits.length} tokens call themselves "${wanted.label}" with serial "${wanted.serial}"`, {
      nextStep: 'name the module as well, or remove one of the tokens',
    });
  }
  return first;
}
