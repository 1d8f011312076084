/** The one failure of every provider for what cannot be unwrapped or decrypted. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';

/** SECURITY: whatever failed inside an unwrap or a decryption has one code and one text; an attacker who can try again learns nothing from it. */
export function notOpened(code: 'unwrap-failed' | 'decrypt-failed'): StrongroomError {
  return new StrongroomError(code, code === 'unwrap-failed' ? 'the wrapped key cannot be opened' : 'the data cannot be decrypted', {
    nextStep: code === 'unwrap-failed' ? 'check the file, the key that it was wrapped to, and the format' : 'check the file and the key',
  });
}

/** A wrapped key that was opened whole and is none: its wrapping proved whole, so that whoever made it knew what he wrapped (under a public key that may be anybody), and what is wrong with it tells him nothing new. */
export function notAKey(reason: string, cause: unknown): StrongroomError {
  return new StrongroomError('unwrap-failed', `the wrapped key is refused: ${reason}`, { nextStep: 'ask for the key again from where it comes; nothing was stored', cause });
}
