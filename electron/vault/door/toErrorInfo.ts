/** The one function that turns anything thrown into what may cross a boundary. Stacks and causes stay home. */
import type { ErrorInfo } from '../../../shared/errors/strongroomError.ts';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ErrorCode } from '../../../shared/errors/errorCodes.ts';

/** What the operating system says, in our codes. */
const systemCodes: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string; readonly nextStep: string }>> = {
  ENOSPC: { code: 'disk-full', message: 'the disk is full', nextStep: 'make room and try again; nothing was changed' },
  EDQUOT: { code: 'disk-full', message: 'the quota of this user is used up', nextStep: 'make room and try again; nothing was changed' },
  ENOENT: { code: 'file-not-found', message: 'the file is not there', nextStep: 'check its name' },
  EISDIR: { code: 'file-unreadable', message: 'expected a file, got a folder', nextStep: 'name a file' },
  EACCES: { code: 'file-unreadable', message: 'the file may not be opened by this user', nextStep: 'check its owner and permissions' },
  EPERM: { code: 'file-unreadable', message: 'the file may not be opened by this user', nextStep: 'check its owner and permissions' },
  EIO: { code: 'file-unreadable', message: 'the disk failed', nextStep: 'check the disk, and have a backup at hand' },
};

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** SECURITY: names come from outside: what would move the cursor or turn the direction of writing is shown by its number. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`);
}

function fromStrongroom(error: StrongroomError): ErrorInfo {
  const { code, message, field, nextStep, rule, retryable } = error;
  return {
    code,
    message: harmless(message),
    retryable,
    ...(field === undefined ? {} : { field }),
    ...(nextStep === undefined ? {} : { nextStep: harmless(nextStep) }),
    ...(rule === undefined ? {} : { rule }),
  };
}

/** SECURITY: of an unexpected error nothing is passed on: its message may hold what was being worked on. */
const internal: ErrorInfo = {
  code: 'internal',
  message: 'something went wrong inside Strongroom',
  nextStep: 'run `vault check`, and report what you did',
  retryable: false,
};

export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof StrongroomError) return fromStrongroom(error);
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled', message: 'it was cancelled in the middle', nextStep: 'start it again when it should be done', retryable: true };
  const known = systemCodes[systemCode(error) ?? ''];
  return known === undefined ? internal : { ...known, retryable: true };
}
