/** A failure that came out of a module's process, with the CKR number where the module gave one. */
import type { Failure, OperationName } from '../../../pkcs11-wire/messages.ts';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import type { ErrorCode } from '../../../../shared/errors/errorCodes.ts';
import { notOpened } from '../notOpened.ts';
import { explainCkr } from './ckrDoctor.ts';
import type { Where } from './ckrDoctor.ts';
import { ckrTable } from './ckrTable.ts';

/** What bytes can be at fault for, and a person, and in which operations. Elsewhere such a number is the module's own fault, after which it may have acted. */
const meant: Partial<Record<ErrorCode, readonly OperationName[]>> = {
  'unwrap-failed': ['unwrap'],
  'decrypt-failed': ['decrypt', 'decryptCbc'],
  'signature-invalid': [],
  declined: ['login', 'checkPin', 'changePin', 'unblockPin', 'initToken', 'sign'],
};

function codeIn(code: ErrorCode, operation: OperationName | undefined): ErrorCode {
  const where = meant[code];
  return where === undefined || operation === undefined || where.includes(operation) ? code : 'token-refused';
}

export class TokenRefusal extends StrongroomError {
  readonly ckr: number;

  constructor(ckr: number, functionName: string, where: Where = {}) {
    const { code, name, sentence, nextStep } = explainCkr(ckr, where);
    super(codeIn(code, where.operation), `${sentence} (${functionName}: ${name} 0x${ckr.toString(16)})`, {
      nextStep: nextStep ?? "look the number up in the documentation of the module's vendor",
      retryable: code === 'token-absent',
    });
    this.ckr = ckr;
  }
}

export const userNotLoggedIn = 0x101;

const nextSteps: Partial<Record<ErrorCode, string>> = {
  'token-absent': 'plug the token in, then try again',
  'token-ambiguous': 'name the token by its serial number, or give each key a CKA_ID of its own',
  'token-key-missing': "list the token's keys: another program may have destroyed it",
  'module-changed': 'if the module was updated on purpose, pin it again',
  'module-not-found': 'install the module again, or add it under its new path',
  'module-malformed': 'the module was ended and starts again with the next call; use a newer version of it',
  'already-exists': 'choose another name',
};

/** @returns the error that the child's reply stands for */
export function errorOf(failure: Failure, where: Where = {}): StrongroomError {
  if (failure.ckr !== undefined) return new TokenRefusal(failure.ckr, failure.function ?? 'the module', where);
  const nextStep = nextSteps[failure.code];
  const rule = failure.code === 'module-changed' ? ({ rule: 'TOKEN-1' } as const) : {};
  return new StrongroomError(failure.code, failure.message, { ...rule, ...(nextStep === undefined ? {} : { nextStep }) });
}

/** The one failure where the module's refusal can follow from the bytes; else what it was. */
export function oneFailure(error: unknown, code: 'unwrap-failed' | 'decrypt-failed'): unknown {
  const followsFromData = error instanceof TokenRefusal && (ckrTable.get(error.ckr)?.data === true || !ckrTable.has(error.ckr));
  return followsFromData ? notOpened(code) : error;
}
