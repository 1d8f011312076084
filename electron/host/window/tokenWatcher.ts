/** Tells a window of tokens that come and go: from the first time that it lists them until the vault is locked. Not a person's doing, so the idle clock goes on. */
import { setTimeout } from 'node:timers/promises';
import type { WindowEvent } from '../../../shared/ipc/windowContract.ts';
import type { WorkerCore } from '../../vault/index.ts';

/** Seconds of one call, and milliseconds before it is asked anew where the modules were closed meanwhile. */
const [patience, pause] = [30, 1000];

export class TokenWatcher {
  readonly #core: Pick<WorkerCore, 'call'>;
  readonly #emit: (event: WindowEvent) => void;
  #stop: AbortController | undefined;

  constructor(core: Pick<WorkerCore, 'call'>, emit: (event: WindowEvent) => void) {
    this.#core = core;
    this.#emit = emit;
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#watch(stop.signal).finally(() => {
      if (this.#stop === stop) this.#stop = undefined;
    });
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let since: string | undefined;
    while (!signal.aborted) {
      const answer = await this.#core.call('token.watch', since === undefined ? { seconds: 0 } : { since, seconds: patience }, { signal });
      if (signal.aborted) return;
      if (answer.ok) {
        since = answer.value.state;
        if (answer.value.changes.length > 0) this.#emit({ kind: 'tokens', changes: answer.value.changes });
      } else if (answer.error.code === 'cancelled') await setTimeout(pause, undefined, { signal }).catch(() => undefined);
      else return; // the vault is locked, or the core is gone
    }
  }
}
