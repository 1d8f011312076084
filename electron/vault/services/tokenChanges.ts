/** Tokens that are plugged in or pulled, told in words: `token.watch`. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import type { TokenChange } from '../providers/pkcs11/tokenWatch.ts';
import { fileNameOf } from '../quorum/sentence.ts';
import { sameToken } from './tokens.ts';
import { viewToken } from './tokenViews.ts';
import type { Workbench } from './workbench.ts';

type ChangeView = Reply<'token.watch'>['changes'][number];

function wordsOf({ what, modulePath, token, message }: TokenChange): string {
  if (token === undefined) return what === 'failing' ? `the module ${fileNameOf(modulePath)} fails: ${message ?? 'it gives no reason'}` : `the module ${fileNameOf(modulePath)} answers again`;
  const named = token.flags.includes('token-initialized') ? `the token "${token.label}"` : `a token without a name in slot ${token.slot}`;
  if (what === 'plugged') return `${named} is there`;
  return what === 'pulled' ? `${named} is gone: what it was asked for ends with an error, and nothing of the vault is lost` : `${named} says something else of itself: ${viewToken(token).condition.join('; ')}`;
}

function viewChange(bench: Workbench, change: TokenChange): ChangeView {
  const { what, modulePath, token } = change;
  const remembered = token !== undefined && bench.records.find('token', (record) => sameToken(record, token)) !== undefined;
  return { what, modulePath, label: token?.label ?? '', serial: token?.serial ?? '', remembered, words: wordsOf(change) };
}

async function watch(bench: Workbench, { since, seconds }: Request<'token.watch'>, { signal }: Run): Promise<Reply<'token.watch'>> {
  const { state, changes } = await bench.modules.watch.wait(since, seconds * 1000, signal);
  return { state, changes: changes.map((change) => viewChange(bench, change)) };
}

export const tokenChangeHandlers = { 'token.watch': watch } satisfies Partial<Handlers>;
