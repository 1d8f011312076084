/**
 * The one error that the product throws on purpose, and the plain data that it becomes at every boundary.
 * Messages are lower case, name the field in quotes, say what was expected and what was got, and never carry a secret.
 */
import type { ErrorCode } from './errorCodes.ts';
import type { RuleId } from '../rules/ruleIds.ts';

/** What crosses a boundary. Stacks and causes stay home. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  /** The request's field at fault. */
  readonly field?: string;
  /** What the person can do now. */
  readonly nextStep?: string;
  /** The rule that refused, with code `refused`. */
  readonly rule?: RuleId;
  /** True where the same call may succeed later without a change of its arguments. */
  readonly retryable: boolean;
}

export interface ErrorDetails {
  readonly field?: string;
  readonly nextStep?: string;
  readonly rule?: RuleId;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

export class StrongroomError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly nextStep: string | undefined;
  readonly rule: RuleId | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'StrongroomError';
    this.code = code;
    this.field = details.field;
    this.nextStep = details.nextStep;
    this.rule = details.rule;
    this.retryable = details.retryable ?? false;
  }
}

/** True for an error that the product threw on purpose, of this code where one is given. */
export function isStrongroomError(error: unknown, code?: ErrorCode): error is StrongroomError {
  return error instanceof StrongroomError && (code === undefined || error.code === code);
}

/** A refusal by a named rule. The rule's id stands in the error, the log and the tests. */
export function refusal(rule: RuleId, message: string, nextStep?: string): StrongroomError {
  return new StrongroomError('refused', message, nextStep === undefined ? { rule } : { rule, nextStep });
}
