/** Where a key lives, and by which algorithm: what the place cannot do is shown, with the reason. */
import { IconDeviceUsb, IconVault } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { at } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { algorithmWord, groupsFor, proposedFor, reasonFor } from '../parts/algorithmText.ts';
import { Choices } from '../parts/Choices.tsx';
import type { Option } from '../parts/Choices.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import type { Able } from './useAble.ts';
import type { Change, Wanted } from './wanted.ts';

export function PlaceStep({ wanted, change, able }: { readonly wanted: Wanted; readonly change: Change; readonly able: Able }): ReactElement {
  return (
    <>
      <PlaceChoices place={wanted.place} onPlace={(place) => change({ place })} />
      {able.error === undefined ? null : <ErrorPanel error={able.error} onRetry={able.ask} />}
      {able.algorithms === undefined ? <Note>What it can do is asked of the token itself, and may take its PIN. Then the algorithms are shown.</Note> : <AlgorithmChoices purpose={wanted.purpose} algorithm={wanted.algorithm} onAlgorithm={(algorithm) => change({ algorithm })} able={able.algorithms} place={wanted.place} />}
    </>
  );
}

export function PlaceChoices({ place, onPlace }: { readonly place: string; readonly onPlace: (place: string) => void }): ReactElement {
  const { value, error, loading } = useAnswer('token.list', {});
  const tokens = value?.tokens.filter(({ initialized }) => initialized) ?? [];
  /** Two tokens may have one label: then the serial number names them. */
  const nameOf = ({ label, serial }: { readonly label: string; readonly serial: string }) => (tokens.filter((other) => other.label === label).length === 1 ? label : serial);
  return (
    <div className="stack">
      <p className="lab">Place</p>
      <Choices
        label="Place"
        value={place}
        onChange={onPlace}
        options={[
          { value: 'software', title: 'Vault store', why: 'Sealed in this vault file. Copied with each backup of it.', icon: <IconVault size={18} aria-hidden="true" /> },
          ...tokens.map((token) => ({ value: nameOf(token), title: `${token.label} (${token.serial})`, why: ['Made inside, never leaves it unwrapped', ...token.condition].join('. '), no: token.present ? undefined : 'It is absent: plug it in to choose it.', icon: <IconDeviceUsb size={18} aria-hidden="true" /> })),
        ]}
      />
      {loading ? <p className="small muted" role="status">Looking for tokens…</p> : null}
      {error === undefined ? null : <ErrorPanel error={error} />}
      <p className="small muted">A token is missing? <a href={at('tokens')}>Add the module of its vendor</a>.</p>
    </div>
  );
}

interface AlgorithmProps {
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly onAlgorithm: (algorithm: Algorithm) => void;
  readonly able: readonly Algorithm[];
  readonly place: string;
}

function AlgorithmChoices({ purpose, algorithm, onAlgorithm, able, place }: AlgorithmProps): ReactElement {
  const options = groupsFor(purpose, proposedFor(purpose, able)).flatMap(({ title, algorithms }) =>
    algorithms.map((one, index): Option<Algorithm> => ({ value: one, title: algorithmWord(one), why: reasonFor(one, purpose), no: able.includes(one) ? undefined : `${place} does not make it: it does not offer what it takes, or failed when that was tried.`, heading: index === 0 ? title : undefined })),
  );
  const none = !purposeFacts[purpose].algorithms.some((one) => able.includes(one));
  return (
    <div className="stack">
      <p className="lab">Algorithm</p>
      {none ? <Note kind="ink">This token makes no key of this purpose: choose another place.</Note> : null}
      <Choices label="Algorithm" value={algorithm} onChange={onAlgorithm} options={options} />
    </div>
  );
}
