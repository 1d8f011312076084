/** Documents that are signed together: one call for all, each failure its own, and a call that fails whole. */
import { describe, expect, test } from 'vitest';
import type { SignResult } from '../../electron/vault/providers/provider.ts';
import { signTogether } from '../../electron/vault/work/signTogether.ts';
import type { Signable } from '../../electron/vault/work/signTogether.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function recorder(fails: readonly string[] = []) {
  const calls: string[][] = [];
  const signAll = async (inputs: readonly Signable[]): Promise<readonly SignResult[]> => {
    const texts = inputs.map(({ input }) => Buffer.from(input).toString());
    calls.push(texts);
    return texts.map((text) => (fails.includes(text) ? { ok: false, error: new Error(`no ${text}`) } : { ok: true, signature: bytes(`signed ${text}`) }));
  };
  return { calls, signAll };
}

const shown = (results: readonly SignResult[]) => results.map((result) => (result.ok ? Buffer.from(result.signature).toString() : (result.error as Error).message));

describe('a thousand items', () => {
  test('ask at different times, and are signed by one call in the order in which they asked', async () => {
    const { calls, signAll } = recorder();
    const items = Array.from({ length: 1000 }, (_, index) => `item ${index}`);
    const results = await signTogether(items, signAll, async (item, ask) => {
      await wait(Math.floor(Number(item.slice(5)) % 7));
      return bytes(`<${Buffer.from(await ask(bytes(item))).toString()}>`);
    });
    expect(calls.map((call) => call.length)).toEqual([1000]);
    expect(shown(results)).toEqual(items.map((item) => `<signed ${item}>`));
  });
});

test('an item that fails before it asks, while it is signed, or after it was, fails alone', async () => {
  const { calls, signAll } = recorder(['b']);
  const results = await signTogether(['a', 'b', 'c', 'd', 'e'], signAll, async (item, ask) => {
    if (item === 'c') {
      await wait(10);
      throw new Error('c has no name');
    }
    const signature = await ask(bytes(item));
    if (item === 'd') throw new Error('d does not verify');
    return signature;
  });
  expect(calls).toEqual([['a', 'b', 'd', 'e']]);
  expect(shown(results)).toEqual(['signed a', 'no b', 'c has no name', 'd does not verify', 'signed e']);
});

test('where none asks, nobody is called; where the call fails whole, all of it fails', async () => {
  const { calls, signAll } = recorder();
  const failing = async () => {
    throw new Error('nothing to sign');
  };
  expect(shown(await signTogether(['a', 'b'], signAll, failing))).toEqual(['nothing to sign', 'nothing to sign']);
  expect([calls, await signTogether([], signAll, failing)]).toEqual([[], []]);
  const gone = () => Promise.reject(new Error('the token is gone'));
  await expect(signTogether(['a', 'b'], gone, (item, ask) => (item === 'a' ? failing() : ask(bytes(item))))).rejects.toThrow('the token is gone');
});

test('what else is to be done gets its turn while many documents are made and finished', async () => {
  const { signAll } = recorder();
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const busy = () => {
    const until = performance.now() + 1;
    while (performance.now() < until);
  };
  await signTogether(Array.from({ length: 100 }, (_, index) => index), signAll, async (item, ask) => {
    busy();
    const signature = await ask(bytes(String(item)));
    busy();
    return signature;
  });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

test('a document asks once', async () => {
  const { signAll } = recorder();
  const twice = async (_: string, ask: (input: Uint8Array) => Promise<Uint8Array>) => {
    await ask(bytes('first'));
    return await ask(bytes('second'));
  };
  expect(shown(await signTogether(['a'], signAll, twice))).toEqual(['a document asks for one signature']);
});
