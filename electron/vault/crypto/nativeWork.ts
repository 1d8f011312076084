/**
 * Work of native code that cannot be interrupted. A thread that ends under it takes the whole process along: the code comes back to a thread that is
 * gone, and aborts. So whoever ends the thread waits for it here.
 */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';

const underWay = 0;
const ending = 1;

/** Milliseconds: longer than any derivation takes; a thread whose count stays up for longer stands still, and is ended all the same. */
const waitsFor = 30_000;

/** A count of what is under way, in memory that the thread and its owner share. */
export class NativeWork {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(shared = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#cells = new Int32Array(shared);
  }

  /** @throws `core-gone` where the thread is about to end */
  async run<T>(work: () => Promise<T>): Promise<T> {
    Atomics.add(this.#cells, underWay, 1);
    try {
      if (Atomics.load(this.#cells, ending) !== 0) throw new StrongroomError('core-gone', 'the core of Strongroom is ending', { nextStep: 'start Strongroom again' });
      return await work();
    } finally {
      Atomics.sub(this.#cells, underWay, 1);
      Atomics.notify(this.#cells, underWay);
    }
  }

  /** Resolves when nothing is under way; nothing begins any more. */
  async over(): Promise<void> {
    Atomics.store(this.#cells, ending, 1);
    for (const until = Date.now() + waitsFor; Date.now() < until; ) {
      const count = Atomics.load(this.#cells, underWay);
      if (count === 0) return;
      await Atomics.waitAsync(this.#cells, underWay, count, until - Date.now()).value;
    }
  }
}

let work = new NativeWork();

/** From now on this thread's native work is counted where its owner looks. */
export function shareNativeWork(shared: SharedArrayBuffer): void {
  work = new NativeWork(shared);
}

/** Runs native work of this thread. @throws `core-gone` where the thread is about to end */
export function asNativeWork<T>(native: () => Promise<T>): Promise<T> {
  return work.run(native);
}
