/** Why an act is not possible now, in the words of the rules; undefined where it is. */
import type { KeyShown } from '../keys/KeyDetail.tsx';

/** Acts that the core does not list, by what decides them. */
export function whyNot({ key, mayDo }: KeyShown, act: string): string | undefined {
  if (act === 'rotate') {
    if (key.state === 'destroyed') return 'it is destroyed: generate a new key';
    return key.state === 'pre-activation' ? 'it was never active: activate it first' : undefined;
  }
  const found = mayDo.find((possible) => possible.act === act);
  if (found === undefined) return `a key in the state ${key.state} does not ${act}`;
  return found.allowed ? undefined : (found.why ?? 'a rule refuses it');
}
