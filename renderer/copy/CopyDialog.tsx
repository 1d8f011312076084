/** Keys to another token: first the plan, key by key, with what stays and why; then the act, which is confirmed at the prompt; then what came of it. */
import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Choices } from '../parts/Choices.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { Note } from '../parts/Note.tsx';
import { many } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { CopyPlan } from './CopyPlan.tsx';

type Plan = WindowReply<'key.planCopy'>;
const transports = ['rsa-3072', 'rsa-4096'] as const;

/** One key with its versions, or all keys of this vault on a token. */
export type Copied = { readonly key: string; readonly place: string } | { readonly token: { readonly label: string; readonly serial: string } };

interface Result {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The strength of what travels, where a key is stronger. */
function loss({ versions }: Plan): number | undefined {
  return versions.find(({ effectiveStrength, ownStrength }) => effectiveStrength !== undefined && effectiveStrength < ownStrength)?.effectiveStrength;
}

function copyWords({ copies }: Pick<WindowReply<'token.clone'>, 'copies'>): string[] {
  return copies.map(({ key, version, place, state, proof }) => (state === 'held' ? `${key} version ${version} is on ${place.name}, proved by ${proof}.` : `${key} version ${version} is gone from ${place.name}.`));
}

interface Asked {
  readonly of: Copied;
  readonly to: string;
  readonly move: boolean;
  readonly way: { readonly transport: (typeof transports)[number]; readonly ephemeralKey: 'place' | 'computer'; readonly acceptStrength?: number };
}

type Control = Parameters<typeof call>[2];

async function perform({ of, to, move, way }: Asked, control: Control): Promise<Result> {
  if ('key' in of) {
    const done = await call('key.copy', { keys: [of.key], to, move, ...way }, control);
    return { title: move ? `${of.key} was moved` : `${of.key} was copied`, lines: [...copyWords(done), ...done.notes.map(sentence), `Log entry ${done.logEntry}.`] };
  }
  const done = await call('token.clone', { token: of.token.serial, to, ...way }, control);
  return { title: `${many(done.copies.length, 'key version')} copied`, lines: [...copyWords(done), ...done.left.map(({ what, why }) => `Left out: ${why.startsWith(what) ? '' : `${what}: `}${why}.`), `Log entry ${done.logEntry}.`] };
}

export function CopyDialog({ of, onClose }: { readonly of: Copied; readonly onClose: () => void }): ReactElement {
  const [result, setResult] = useState<Result>();
  const work = useWork('key' in of ? `Copying ${of.key}` : `Cloning ${of.token.label}`);
  const start = async (asked: Asked) => setResult(await work.run((control) => perform(asked, control)));
  return (
    <Dialog title={result?.title ?? ('key' in of ? `Copy ${of.key} to another token` : `Copy keys of ${of.token.label}`)} onClose={onClose} busy={work.busy}>
      {result === undefined ? (
        <div className="stack">
          <Ask of={of} busy={work.busy} onStart={start} onClose={onClose} />
          {work.error === undefined ? null : <ErrorPanel error={work.error} />}
          <WorkProgress work={work} what="copying keys" />
        </div>
      ) : (
        <div className="stack">
          <div role="status"><ul className="policy">{result.lines.map((line) => <li key={line} style={{ display: 'block' }}>{line}</li>)}</ul></div>
          <div style={{ textAlign: 'right' }}><Button variant="filled" onClick={onClose} data-autofocus>Done</Button></div>
        </div>
      )}
    </Dialog>
  );
}

type Way = Omit<Asked['way'], 'acceptStrength'>;

interface AskProps {
  readonly of: Copied;
  readonly busy: boolean;
  readonly onStart: (asked: Asked) => Promise<void>;
  readonly onClose: () => void;
}

/** Where to and how; then, once that was looked at, the plan. */
function Ask({ of, busy, onStart, onClose }: AskProps): ReactElement {
  const [to, setTo] = useState<string>();
  const [move, setMove] = useState(false);
  const [way, setWay] = useState<Way>({ transport: 'rsa-3072', ephemeralKey: 'place' });
  const [looking, setLooking] = useState(false);
  const choose = (serial: string) => {
    setTo(serial);
    setLooking(false);
  };
  return (
    <>
      <Destination from={'key' in of ? of.place : of.token.label} to={to} onChange={choose} />
      {'key' in of ? <Checkbox label="Move it" description="The token becomes the key's place. Where it was it is destroyed for good, once both have proved to hold the same." checked={move} onChange={(event) => setMove(event.currentTarget.checked)} /> : null}
      <HowItTravels way={way} onChange={setWay} />
      {looking && to !== undefined ? (
        <Planned of={of} to={to} move={move} way={way} busy={busy} onStart={onStart} onClose={onClose} />
      ) : (
        <>
          <p className="small muted">The prompt will ask for {'key' in of ? 'the name of the key' : 'the label of the token'} and for your passphrase. Without proof that both hold the same key, what was made is destroyed again.</p>
          <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
            <Button onClick={onClose}>Not now</Button>
            <Act variant="filled" why={to === undefined ? 'Choose a token first' : undefined} onClick={() => setLooking(true)}>Look ahead…</Act>
          </div>
        </>
      )}
    </>
  );
}

function Destination({ from, to, onChange }: { readonly from: string; readonly to: string | undefined; readonly onChange: (serial: string) => void }): ReactElement {
  const { value, error, reload } = useAnswer('token.list', {});
  // A serial number names one token, but for modules that give all of theirs the same.
  const nameOf = (serial: string, label: string) => (value?.tokens.filter((one) => one.serial === serial).length === 1 ? serial : label);
  const places = (value?.tokens ?? []).filter(({ label, present, initialized }) => present && initialized && label !== from);
  if (error !== undefined) return <ErrorPanel error={error} onRetry={reload} />;
  if (value !== undefined && places.length === 0) return <Note>No other token is plugged in. Plug in the one that is to hold the copies, and come back.</Note>;
  return <Choices label="To the token" options={places.map(({ serial, label, manufacturer }) => ({ value: nameOf(serial, label), title: label, why: manufacturer }))} value={to} onChange={onChange} />;
}

function HowItTravels({ way, onChange }: { readonly way: Way; readonly onChange: (way: Way) => void }): ReactElement {
  return (
    <details className="more-of">
      <summary>How it travels</summary>
      <Field label="The pair that the token makes for this act alone" value={way.transport} choices={transports} words={(one) => (one === 'rsa-3072' ? 'RSA-3072, 128 bits of strength' : 'RSA-4096, about 150 bits of strength')} onChange={(transport) => onChange({ ...way, transport })} />
      <Checkbox label="Let the clear key pass through this computer" description="For a token that opens no wrapped keys. Who reads this computer's memory meanwhile reads the key." checked={way.ephemeralKey === 'computer'} onChange={(event) => onChange({ ...way, ephemeralKey: event.currentTarget.checked ? 'computer' : 'place' })} mt={8} />
    </details>
  );
}

interface PlannedProps extends AskProps {
  readonly to: string;
  readonly move: boolean;
  readonly way: Way;
}

function Planned({ of, to, move, way, busy, onStart, onClose }: PlannedProps): ReactElement {
  const { value, error, reload } = useAnswer('key.planCopy', { ...('key' in of ? { keys: [of.key] } : { from: of.token.serial }), to, ...way });
  const [accepted, setAccepted] = useState<number>();
  if (error !== undefined) return <ErrorPanel error={error} onRetry={reload} />;
  if (value === undefined) return <p role="status">Looking at both ends…</p>;
  const less = loss(value);
  const accept = less === undefined ? {} : { acceptStrength: less };
  return (
    <>
      <CopyPlan plan={value} />
      {less === undefined ? null : <Checkbox label={`Let them travel at ${less} bits of strength`} description="A key that is stronger than the pair it travels to is worth no more than that to whoever records it on the way." checked={accepted === less} onChange={(event) => setAccepted(event.currentTarget.checked ? less : undefined)} />}
      <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
        <Button onClick={onClose} disabled={busy}>Not now</Button>
        <Act variant="filled" {...(move ? { color: 'red' } : {})} loading={busy} why={whyNot(value, 'key' in of, less, accepted)} onClick={() => void onStart({ of, to, move, way: { ...way, ...accept } })}>
          {'key' in of ? `${move ? 'Move' : 'Copy'} ${of.key}` : 'Copy what can go'}
        </Act>
      </div>
    </>
  );
}

/** Of one key all versions go, or none; of a token what can. */
function whyNot({ versions }: Plan, isKey: boolean, less: number | undefined, accepted: number | undefined): string | undefined {
  const going = versions.filter(({ goes }) => goes).length;
  if (going === 0) return 'Nothing of it can go there';
  if (isKey && going < versions.length) return 'A version of it cannot go there';
  return less !== undefined && accepted !== less ? `Accept the strength of ${less} bits, or choose RSA-4096` : undefined;
}
