/** Refusals of what others wrote: named for what is wrong with it, holding nothing of it. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ErrorDetails } from '../../../shared/errors/strongroomError.ts';

export function malformed(message: string, details: ErrorDetails = {}): StrongroomError {
  return new StrongroomError('input-malformed', message, { nextStep: 'ask for the file again', ...details });
}

export function damaged(document: string, reason: string): StrongroomError {
  return malformed(`the ${document} is damaged: ${reason}`);
}
