/** The one function that turns an error into what crosses to the core. Stacks and causes stay here. */
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { Failure } from '../pkcs11-wire/messages.ts';
import { CkrError } from './cryptoki.ts';
import { printable } from './slots.ts';

/** The core turns a CKR number into a code, a sentence and a next step by its own table. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CkrError) return { code: 'token-refused', message: error.message, ckr: error.ckr % 2 ** 32, function: error.function };
  if (error instanceof StrongroomError) return { code: error.code, message: printable(error.message).slice(0, 400) };
  // SECURITY: the text of an error that nobody foresaw may quote anything, so it stays here
  return { code: 'internal', message: `the module's process failed: ${error instanceof Error ? error.name : 'not an error'}` };
}
