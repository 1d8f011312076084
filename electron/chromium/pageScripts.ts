/**
 * What is put into the two pages before their own code runs: the bridges. These functions run in the pages, not here; they see only what they are
 * given. The wire is one function that carries a list of plain values; who may use it for what is checked at the other end.
 */

export interface WireScriptInput {
  /** The one page that may send more than text and numbers. */
  readonly promptOrigin: string;
}

/**
 * Stands before the driver's own binding, in every page and frame. The driver reads what comes there where nobody catches its errors,
 * and answers some with the places of its files.
 */
export function wireScript({ promptOrigin }: WireScriptInput): void {
  const page = globalThis as unknown as PageGlobals & { readonly __playwright__binding__?: (text: string) => void };
  const send = page.__playwright__binding__;
  if (send === undefined) return;
  // SECURITY: kept here, before the page can replace them
  const { parse } = JSON;
  const { isArray } = Array;
  const isPrompt = page.location.origin === promptOrigin;
  const isFlat = (part: unknown) => isPrompt || typeof part !== 'object' || part === null || 'v' in part;
  const isReadable = (message: { readonly name?: unknown; readonly serializedArgs?: unknown } | null) => {
    if (message === null || message.name !== 'strongroomWire' || !isArray(message.serializedArgs)) return false;
    for (let index = 0; index < message.serializedArgs.length; index += 1) if (!isFlat(message.serializedArgs[index])) return false;
    return true;
  };
  const value = (text: unknown) => {
    // SECURITY: what the driver cannot read would end the host
    if (typeof text !== 'string' || !isReadable(parse(text))) throw new TypeError('nobody answers here');
    send(text);
  };
  Object.defineProperty(page, '__playwright__binding__', { value, writable: false, configurable: false });
}

export interface WindowScriptInput {
  readonly origin: string;
  readonly names: readonly string[];
}

/** Makes `window.strongroom`, the bridge of the window. */
export function windowScript({ origin, names }: WindowScriptInput): void {
  const page = globalThis as unknown as PageGlobals;
  if (page.location.origin !== origin || page.top !== page.self) return;
  const wire = page.strongroomWire;
  const listeners: ((event: unknown) => void)[] = [];
  const files = new Map<number, unknown>();
  let lastFile = 0;
  // Long answers cross as one text: as objects the driver would look at every value of them, and hold up its thread.
  const { parse, stringify } = JSON;
  const methods = Object.fromEntries(names.map((name) => [name, async (request: unknown, call: string) => parse(String(await wire('call', name, stringify(request), call))) as unknown]));
  const bridge = {
    methods: Object.freeze(methods),
    cancel: (call: string) => void wire('cancel', call),
    onEvent: (listener: (event: unknown) => void) => void listeners.push(listener),
    grantDropped: async (file: unknown, use: string) => {
      lastFile += 1;
      files.set(lastFile, file);
      const answer = await wire('dropped', lastFile, use);
      files.delete(lastFile);
      return answer;
    },
  };
  const fixed = (value: unknown) => ({ value, writable: false, configurable: false, enumerable: false });
  Object.defineProperty(page, 'strongroom', fixed(Object.freeze(bridge)));
  Object.defineProperty(page, 'strongroomEvent', fixed((event: unknown) => {
    for (const listener of listeners) listener(event);
  }));
  Object.defineProperty(page, 'strongroomFile', fixed((index: number) => files.get(index)));
}

/** Makes `window.strongroomPrompt`, the bridge of the prompt. */
export function promptScript({ origin }: { readonly origin: string }): void {
  const page = globalThis as unknown as PageGlobals;
  if (page.location.origin !== origin || page.top !== page.self) return;
  const wire = page.strongroomWire;
  const listeners: ((sitting: unknown) => void)[] = [];
  const bridge = {
    sitting: () => wire('sitting'),
    onSitting: (listener: (sitting: unknown) => void) => void listeners.push(listener),
    answer: (answer: unknown) => wire('answer', answer),
    complete: (typed: string) => wire('complete', typed),
  };
  Object.defineProperty(page, 'strongroomPrompt', { value: Object.freeze(bridge), writable: false, configurable: false });
}

/** What of a page these functions use: this side of the project knows no DOM. */
interface PageGlobals {
  readonly location: { readonly origin: string };
  readonly top: unknown;
  readonly self: unknown;
  readonly strongroomWire: (...parts: unknown[]) => Promise<unknown>;
}
