/** Tokens that come and go, said in the corner of the window, whatever page is shown. */
import { notifications } from '@mantine/notifications';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { at } from '../client/route.ts';
import { changedFor } from '../client/useAnswer.ts';
import { sentence } from '../parts/ErrorPanel.tsx';

type TokenChange = WindowReply<'token.watch'>['changes'][number];

function titleOf({ what, label }: TokenChange): string | undefined {
  if (what === 'failing') return 'A module fails';
  if (what === 'answering') return 'The module answers again';
  if (label === '' || what === 'changed') return undefined;
  return what === 'plugged' ? `${label} is there` : `${label} is gone`;
}

function show(change: TokenChange): void {
  const title = titleOf(change);
  if (title === undefined) return; // the list says it
  const { what, words, serial, modulePath, remembered } = change;
  const id = `${modulePath} ${serial}`; // what is said of a token takes the place of what was said before
  const message = what === 'plugged' && remembered ? <>What is on it may have been changed meanwhile. <a href={at('tokens', serial)} onClick={() => notifications.hide(id)}>Compare it…</a></> : sentence(words);
  notifications.hide(id);
  notifications.show({ id, title, message, ...(what === 'failing' ? { color: 'red' } : {}), withBorder: true, closeButtonProps: { 'aria-label': 'Close' } });
}

export function showTokenChanges(changes: readonly TokenChange[]): void {
  changedFor('token.list', 'token.expected');
  for (const change of changes) show(change);
}
