/** PINs of tokens: `token.check-pin`, `change-pin`, `unblock-pin`. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { Handlers } from '../door/handlers.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { changePin, checkPin, unblockPin } from '../providers/pkcs11/tokenPins.ts';
import type { AskPins, TokenAt } from '../providers/pkcs11/tokenPins.ts';
import type { TokenInfo } from '../providers/pkcs11/tokenInfo.ts';
import { listTokens, theOne } from '../providers/pkcs11/tokenInventory.ts';
import { tokenNamed } from './tokens.ts';
import { viewToken } from './tokenViews.ts';
import type { Workbench } from './workbench.ts';

function asking({ ports: { prompt } }: Workbench): AskPins {
  return { pin: (question) => prompt.pin(question), newPin: (question) => prompt.newPin(question) };
}

async function asItIsNow({ client }: TokenAt, token: TokenInfo): Promise<Reply<'token.checkPin'>> {
  return { token: viewToken(theOne(await listTokens(client), token)) };
}

/** Logged before and after: that a PIN changed must not be lost with the answer. */
async function logged(bench: Workbench, act: 'token.changePin' | 'token.unblockPin', token: TokenInfo, work: (at: TokenAt) => Promise<void>): Promise<Reply<'token.changePin'>> {
  const at = bench.modules.at(token);
  const intent = bench.vault.commit({ kind: 'intent', body: { act, serial: token.serial } });
  try {
    await work(at);
  } catch (error) {
    bench.vault.commit({ kind: 'outcome', body: { act, intent: intent.seq, ok: false, code: toErrorInfo(error).code } });
    throw error;
  }
  const entry = bench.vault.commit({ kind: 'outcome', body: { act, intent: intent.seq, ok: true, serial: token.serial } });
  return { ...(await asItIsNow(at, token)), logEntry: entry.seq };
}

async function change(bench: Workbench, { token: name, user }: Request<'token.changePin'>): Promise<Reply<'token.changePin'>> {
  return await logged(bench, 'token.changePin', await tokenNamed(bench, name), (at) => changePin(at, user, asking(bench)));
}

async function unblock(bench: Workbench, { token: name }: Request<'token.unblockPin'>): Promise<Reply<'token.unblockPin'>> {
  return await logged(bench, 'token.unblockPin', await tokenNamed(bench, name), (at) => unblockPin(at, asking(bench)));
}

async function check(bench: Workbench, { token: name, user }: Request<'token.checkPin'>): Promise<Reply<'token.checkPin'>> {
  const token = await tokenNamed(bench, name);
  const at = bench.modules.at(token);
  await checkPin(at, user, asking(bench));
  return await asItIsNow(at, token);
}

export const tokenPinHandlers = {
  'token.checkPin': check,
  'token.changePin': change,
  'token.unblockPin': unblock,
} satisfies Partial<Handlers>;
