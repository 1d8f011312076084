/** Work on many items shows now and then that it is alive, so that the core's time limit is one for a single call of the module. */

/** Tells the core how many items are done, and lets the frame out. */
export type Done = (count: number) => Promise<void>;

/** Milliseconds between two signs. */
const interval = 500;

/** Does `work` for each item, in order. */
export async function eachAlive<T, R>(items: readonly T[], done: Done, work: (item: T) => R): Promise<R[]> {
  const results: R[] = [];
  let last = performance.now();
  for (const item of items) {
    results.push(work(item));
    if (performance.now() - last < interval) continue;
    await done(results.length);
    last = performance.now();
  }
  return results;
}
