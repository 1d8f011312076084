/** Lets zod check shapes without making code from text, which the policy of a page refuses. */
import { z } from 'zod';

export function withoutJit(): void {
  z.config({ jitless: true });
}
