/** A launcher that watches what comes out of its children: no byte of the pattern that a faulty module fills its memory with, and no answer that is waited for too long. */
import type { ChildLauncher, ChildProcess, Isolation, LaunchOptions } from '../../electron/vault/ports/childLauncher.ts';
import type { TimeLimits } from '../../electron/vault/providers/pkcs11/moduleClient.ts';
import { testLauncher } from '../fixtures/openModules.ts';

/** The halves of the pattern of `faultShim.c`: any 16 bytes of it hold one of them whole. */
const canaries = ['CanaryOf', 'TheHeap!'];

/** Milliseconds that a timer may be late on a machine that is busy. */
const lateness = 3_000;

const real = testLauncher();

export class WatchedLauncher implements ChildLauncher {
  readonly isolation: Isolation = real.isolation;
  starts = 0;
  #longest = 0;
  readonly #found: string[] = [];

  launch(options: LaunchOptions): ChildProcess {
    this.starts += 1;
    const child = real.launch(options);
    let asked: number | undefined;
    const answered = () => {
      if (asked !== undefined) this.#longest = Math.max(this.#longest, performance.now() - asked);
      asked = undefined;
    };
    return {
      send: (frame) => {
        asked = performance.now();
        child.send(frame);
      },
      onFrame: (listener) =>
        child.onFrame((frame) => {
          answered();
          this.#found.push(...this.canaryIn(Buffer.from(frame).toString('latin1')).map((what) => `a frame of the child: ${what}`));
          listener(frame);
        }),
      onExit: (listener) =>
        child.onExit((exit) => {
          answered();
          listener(exit);
        }),
      kill: () => {
        answered();
        child.kill();
      },
    };
  }

  canaryIn(text: string): readonly string[] {
    return canaries.some((canary) => text.includes(canary) || text.includes(Buffer.from(canary).toString('hex')) || text.includes('vendor says')) ? ['it holds memory of the module'] : [];
  }

  faults({ start = 0 }: TimeLimits): readonly string[] {
    const late = this.#longest > start + lateness ? [`an answer was waited for ${Math.round(this.#longest)} ms`] : [];
    return [...this.#found, ...late];
  }
}
