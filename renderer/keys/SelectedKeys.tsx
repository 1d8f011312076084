/** What may be done with several keys at once: each is its own act in the log, and one that is refused does not stop the others. */
import { Button, Progress } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { changed } from '../client/useAnswer.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import { many } from '../parts/text.ts';
import type { KeyView } from './KeysPage.tsx';

interface SelectedKeysProps {
  readonly names: readonly string[];
  readonly keys: readonly KeyView[];
  readonly onClear: () => void;
}

interface Done {
  readonly done: number;
  readonly refused: readonly string[];
}

export function SelectedKeys({ names, keys, onClear }: SelectedKeysProps): ReactElement {
  const [state, setState] = useState<Done>();
  const [busy, setBusy] = useState(false);
  const chosen = keys.filter(({ name }) => names.includes(name));
  const rotateAll = async () => {
    setBusy(true);
    let [done, refused]: [number, string[]] = [0, []];
    for (const { name } of chosen) {
      try {
        await call('key.rotate', { key: name });
        done += 1;
      } catch (error) {
        refused = [...refused, `${name}: ${infoOf(error).message}`];
      }
      setState({ done, refused });
    }
    setBusy(false);
    changed();
  };
  return (
    <div className="foot-bar" role="region" aria-label="Selected keys">
      <b>{many(names.length, 'key')} selected</b>
      <div className="fill small">
        {state === undefined ? <span className="muted">Each is an act of its own in the log.</span> : <span role="status">{state.done} rotated{state.refused.length === 0 ? '' : `; refused: ${state.refused.join('; ')}`}</span>}
        {busy ? <Progress value={(100 * ((state?.done ?? 0) + (state?.refused.length ?? 0))) / chosen.length} size={6} aria-label="Rotated so far" /> : null}
      </div>
      <Button onClick={onClear}>Select none</Button>
      <Button variant="filled" loading={busy} onClick={rotateAll}>
        Rotate {many(chosen.length, 'key')}
      </Button>
    </div>
  );
}
