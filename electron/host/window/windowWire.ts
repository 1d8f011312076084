/** What a window's page says over its wire, whichever host carries it: a few words, read within bounds before the router hears them. */
import { limits } from './windowRouter.ts';
import type { AnyAnswer } from './windowRouter.ts';

/** What the window asks of its host. */
export interface WindowCalls {
  call(method: unknown, request: unknown, call: unknown): Promise<AnyAnswer>;
  cancel(call: unknown): void;
  dropped(path: () => Promise<string | undefined>, use: unknown): Promise<AnyAnswer>;
}

/** The answer to who may not ask. SECURITY: no stack goes to a page: it names places on this machine. */
export function nobody(): Error {
  const error = new Error('nobody answers here');
  error.stack = '';
  return error;
}

/** The request as the page wrote it; what cannot be read, or is too long to be, is left as text, which no method takes. */
function requestOf(text: unknown): unknown {
  if (typeof text !== 'string' || text.length > limits.requestCharacters) return text; // SECURITY: a page cannot keep its host busy with reading
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** @param pathOf the path of a dropped file, from what the page said of it @throws Error for words that are not of the wire */
export async function answerWire(calls: WindowCalls, [kind, ...parts]: readonly unknown[], pathOf: (file: unknown) => Promise<string | undefined>): Promise<unknown> {
  if (kind === 'call') return JSON.stringify(await calls.call(parts[0], requestOf(parts[1]), parts[2]));
  if (kind === 'cancel') return calls.cancel(parts[0]);
  if (kind === 'dropped') return await calls.dropped(() => pathOf(parts[0]), parts[1]);
  throw nobody();
}
