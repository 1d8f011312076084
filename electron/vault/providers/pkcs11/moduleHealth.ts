/** How a module has been doing: its failures in a row, the pause before its next start, and when it is given up. */
import { setTimeout } from 'node:timers/promises';
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';
import { isStrongroomError, StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { OperationName } from '../../../pkcs11-wire/messages.ts';

/** Failures in a row after which a module is not started any more. */
export const failuresTillGivenUp = 5;

/** Milliseconds before the start that follows a second failure in a row; doubled with each further one. */
export const firstPause = 250;

/** What a module failed by, and not only its token or a person. */
const failures: readonly ErrorCode[] = ['token-timeout', 'module-crashed', 'module-malformed'];

/** The way to work, which a module may master and fail at the work itself every time. */
const leadIn: readonly OperationName[] = ['open', 'close', 'tokens', 'mechanisms', 'login', 'logout'];

const startAnew = 'start it anew with `token restart`, or "Try again" on the page of tokens; if it fails again, use a newer version of it, and add that: `token add`';

export class ModuleHealth {
  readonly #firstPause: number;
  /** Of the failures in a row, oldest first. */
  #reasons: string[] = [];
  #failedAt: OperationName | undefined;
  #notBefore = 0;

  constructor(pause = firstPause) {
    this.#firstPause = pause;
  }

  /** Counts what the module failed by. @returns the error, with what it means for the next call */
  failed(operation: OperationName | undefined, error: unknown): unknown {
    if (!isStrongroomError(error) || !failures.includes(error.code) || operation === 'close') return error;
    this.#reasons.push(error.message);
    this.#failedAt = operation;
    const pause = this.#pause;
    this.#notBefore = performance.now() + pause;
    return withNextStep(error, this.#outlook(pause, error.nextStep));
  }

  /** One thing that was done ends the row; to be loaded and to show tokens is no work, unless it was that which failed. */
  worked(operation: OperationName): void {
    if (!leadIn.includes(operation) || operation === this.#failedAt) this.forget();
  }

  /** Waits for what is left of the pause. @throws `module-given-up` */
  async readyToStart(): Promise<void> {
    if (this.#givenUp) throw new StrongroomError('module-given-up', `the module ${this.#row} and is not started any more: ${this.#why}`, { nextStep: startAnew });
    const left = this.#notBefore - performance.now();
    if (left > 0) await setTimeout(left);
  }

  /** What is wrong with it now, in words; undefined where nothing is. */
  get trouble(): string | undefined {
    if (this.#reasons.length === 0) return undefined;
    return `${this.#givenUp ? 'given up: ' : ''}it ${this.#row}: ${this.#why}`;
  }

  /** A person wants it tried again. */
  forget(): void {
    this.#reasons = [];
    this.#failedAt = undefined;
    this.#notBefore = 0;
  }

  get #givenUp(): boolean {
    return this.#reasons.length >= failuresTillGivenUp;
  }

  get #row(): string {
    return this.#reasons.length === 1 ? 'failed the last time' : `failed ${this.#reasons.length} times in a row`;
  }

  get #why(): string {
    return [...new Set(this.#reasons)].join('; ');
  }

  /** None after the first failure: one fault costs one operation, and nobody waits for it. */
  get #pause(): number {
    return this.#reasons.length < 2 ? 0 : this.#firstPause * 2 ** (this.#reasons.length - 2);
  }

  #outlook(pause: number, nextStep: string | undefined): string | undefined {
    if (this.#givenUp) return `the module ${this.#row} and is given up: ${startAnew}`;
    if (pause === 0) return nextStep;
    const known = nextStep === undefined ? '' : `${nextStep}; `;
    return `${known}it ${this.#row}, so that the next start waits ${pause / 1000} s`;
  }
}

function withNextStep(error: StrongroomError, nextStep: string | undefined): StrongroomError {
  const { code, message, field, rule, retryable } = error;
  return new StrongroomError(code, message, {
    retryable,
    ...(field === undefined ? {} : { field }),
    ...(rule === undefined ? {} : { rule }),
    ...(nextStep === undefined ? {} : { nextStep }),
  });
}
