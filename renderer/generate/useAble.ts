/** What a place can do: the vault all of it, a token what it says when it is asked, which may take its PIN. */
import { useState } from 'react';
import { algorithms } from '../../shared/model/terms.ts';
import type { Algorithm } from '../../shared/model/terms.ts';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import { useAnswer } from '../client/useAnswer.ts';

export interface Able {
  /** Undefined: not asked yet. */
  readonly algorithms: readonly Algorithm[] | undefined;
  readonly asking: boolean;
  readonly error: ErrorInfo | undefined;
  ask(): void;
}

/** Nothing is asked by moving over the places: a PIN is asked for when somebody wants it. */
export function useAble(place: string): Able {
  const [asked, setAsked] = useState<string>();
  const inVault = place === 'software';
  const info = useAnswer('token.info', !inVault && asked === place ? { token: place } : undefined);
  if (inVault) return { algorithms, asking: false, error: undefined, ask: () => undefined };
  const mine = asked === place;
  return { algorithms: mine ? info.value?.algorithms : undefined, asking: mine && info.loading, error: mine ? info.error : undefined, ask: () => (mine ? info.reload() : setAsked(place)) };
}
