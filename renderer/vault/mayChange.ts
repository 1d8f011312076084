/** Why nothing can be changed now, in a sentence; undefined where it can. */
import { useAnswer } from '../client/useAnswer.ts';

export function useWhyReadOnly(): string | undefined {
  const readOnly = useAnswer('vault.info', {}).value?.readOnly;
  return readOnly === true ? 'The vault is open read-only: lock it, and unlock it to change something' : undefined;
}
