/** What one call brings along: its cancellation and somebody to tell of progress. */
import type { Progress } from '../../../shared/ipc/contract.ts';

export interface Run {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}
