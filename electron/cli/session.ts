/** `strongroom session`: calls of the contract as JSON Lines on standard input, answers on standard output, one unlock for all of them. */
import type { Readable, Writable } from 'node:stream';
import { once } from 'node:events';
import { exitStatus } from '../../shared/errors/errorCodes.ts';
import { contract } from '../../shared/ipc/contract.ts';
import type { RequestInput } from '../../shared/ipc/contract.ts';
import { toErrorInfo } from '../vault/index.ts';
import { renderError } from './render.ts';
import { grantedRequest } from './request.ts';
import { openSitting, sitDown } from './runCommand.ts';
import type { ChildProgram, CommonOptions, Sitting } from './runCommand.ts';
import { linesOf, readLine } from './sessionLines.ts';
import type { BadLine, CallLine, LineId } from './sessionLines.ts';

/** Calls that wait before no more is read. */
const mostWaiting = 100;

export interface SessionStreams {
  readonly input: Readable;
  readonly output: Writable;
}

class Session {
  readonly #sitting: Sitting;
  readonly #output: Writable;
  /** Calls that run or wait, by their ids, to be cancelled. */
  readonly #open = new Map<LineId, AbortController>();
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(sitting: Sitting, output: Writable) {
    this.#sitting = sitting;
    this.#output = output;
  }

  /** Until the input ends. @param ending aborts what runs and what waits */
  async run(input: AsyncIterable<Uint8Array>, ending: AbortSignal): Promise<void> {
    for await (const text of linesOf(input)) {
      if (ending.aborted) break;
      const line = typeof text === 'string' ? readLine(text) : text;
      if ('cancel' in line) this.#open.get(line.cancel)?.abort();
      else await this.#inTurn(line, ending);
    }
    await this.#turn;
  }

  /** One call at a time, in the order of the lines: what confirms one confirms no other. */
  async #inTurn(line: CallLine | BadLine, ending: AbortSignal): Promise<void> {
    const stop = new AbortController();
    if (line.id !== null) this.#open.set(line.id, stop);
    this.#waiting += 1;
    this.#turn = this.#turn.then(async () => {
      await this.#write({ id: line.id, ...(await this.#answer(line, AbortSignal.any([stop.signal, ending]))) });
      this.#waiting -= 1;
      if (line.id !== null && this.#open.get(line.id) === stop) this.#open.delete(line.id); // a later line may have taken the id
    });
    if (this.#waiting >= mostWaiting) await this.#turn;
  }

  async #answer(line: CallLine | BadLine, signal: AbortSignal) {
    if ('error' in line) return { ok: false, error: toErrorInfo(line.error) };
    const { core, files, prompt } = this.#sitting;
    const { id, method, overwrite, confirm, confirmFingerprint, progress } = line;
    try {
      const request = grantedRequest(contract[method].fields, line.request, files, overwrite === true);
      const onProgress = progress === true ? { onProgress: (at: object) => void this.#write({ id, progress: at }) } : {};
      return await prompt.during({ ...(confirm === undefined ? {} : { confirm }), ...(confirmFingerprint === undefined ? {} : { confirmFingerprint }) }, () => core.call(method, request as RequestInput<typeof method>, { signal, ...onProgress }));
    } catch (error) {
      return { ok: false, error: toErrorInfo(error) };
    }
  }

  async #write(line: object): Promise<void> {
    if (!this.#output.write(`${JSON.stringify(line)}\n`)) await Promise.race([once(this.#output, 'drain'), once(this.#output, 'close')]);
  }
}

/** @returns the exit status: 0 once every line was answered, whatever the answers */
export async function runSession(child: ChildProgram, options: CommonOptions, { input, output }: SessionStreams): Promise<number> {
  const sitting = sitDown(child, options, true);
  const ending = new AbortController();
  const onInterrupt = () => {
    ending.abort();
    input.destroy();
  };
  process.on('SIGINT', onInterrupt);
  try {
    const opened = await openSitting(sitting, options);
    if (!opened.ok) return refuse(output, opened.error);
    sitting.prompt.forgetConfirmations();
    output.write(`${JSON.stringify({ opened: opened.value })}\n`);
    await new Session(sitting, output).run(input, ending.signal);
    return 0;
  } catch (error) {
    if (ending.signal.aborted) return 0;
    return refuse(output, toErrorInfo(error));
  } finally {
    process.off('SIGINT', onInterrupt);
    await sitting.core.close();
    sitting.prompt.close();
  }
}

function refuse(output: Writable, error: ReturnType<typeof toErrorInfo>): number {
  output.write(`${JSON.stringify({ ok: false, error })}\n`);
  process.stderr.write(renderError(error));
  return exitStatus(error.code);
}
