/** An act on a key: what will happen, what cannot be undone, what is left; then the act. What is guarded is confirmed at the prompt. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { at } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import type { Work } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { newestOf } from '../keys/KeyDetail.tsx';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { Act } from '../parts/Act.tsx';
import { Note } from '../parts/Note.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { day, many } from '../parts/text.ts';
import { named } from '../theme/named.ts';

export type KeyAct = 'rotate' | 'activate' | 'suspend' | 'resume' | 'deactivate' | 'compromise' | 'destroy';

interface Facts {
  readonly verb: string;
  readonly will: string;
  /** Whether and until when it can be undone. */
  readonly undo: string;
  readonly reason: 'needed' | 'optional';
  readonly danger?: true;
}

function factsOf(act: KeyAct, { key, versions }: KeyShown, version: number): Facts {
  const newest = versions.find(({ number }) => number === version);
  const where = placeWord(key.place.name);
  switch (act) {
    case 'rotate':
      return { verb: 'Rotate', will: `A new version is made in the same place (${where}). Version ${version} stops protecting at once and only processes what it protected.`, undo: 'Cannot be undone: a version that was deactivated is never active again.', reason: 'optional' };
    case 'activate':
      return { verb: 'Activate', will: `Version ${version} may protect from now on, and its periods begin.`, undo: 'Cannot be undone, but it can be suspended or deactivated at any time.', reason: 'optional' };
    case 'suspend':
      return { verb: 'Suspend', will: `Version ${version} protects nothing until it is resumed; what it protected may still be processed.`, undo: newest?.originatorUsageEnd === undefined ? 'Can be undone: resume it.' : `Can be undone until ${day(newest.originatorUsageEnd)}: resume it before its originator-usage period ends.`, reason: 'needed' };
    case 'resume':
      return { verb: 'Resume', will: `Version ${version} may protect again.`, undo: 'Can be undone: suspend it again.', reason: 'needed' };
    case 'deactivate':
      return { verb: 'Deactivate', will: `Version ${version} stops protecting for good, and only processes what it protected.`, undo: 'Cannot be undone.', reason: 'optional' };
    case 'compromise':
      return { verb: 'Declare compromised', will: `Version ${version} is marked compromised: it protects nothing, and each use for processing must be accepted by name. What it touched is listed.`, undo: 'Cannot be undone: from here it can only be destroyed.', reason: 'needed', danger: true };
    case 'destroy':
      return { verb: 'Destroy', will: `Version ${version} is destroyed ${key.place.kind === 'pkcs11' ? `on the token ${key.place.name}, which is searched again to prove it` : 'in the vault, by shredding the key that seals it'}. Its record stays.`, undo: 'Cannot be undone: what only this version can decrypt, unwrap or sign is lost.', reason: 'needed', danger: true };
  }
}

interface Result {
  readonly title: string;
  readonly lines: readonly ReactNode[];
}

async function perform(act: KeyAct, key: string, version: number, reason: string, occurred: string): Promise<Result> {
  const why = reason.trim() === '' ? {} : { reason: reason.trim() };
  if (act === 'rotate') {
    const { version: made, holders, notes } = await call('key.rotate', { key, ...why });
    return { title: `Version ${made.number} is active`, lines: [holders.length === 0 ? 'Nobody else holds the old version.' : <>{many(holders.length, 'holder')} of the old version need the new one: {holders.map(({ to }) => to.name).join(', ')}. <a href={at('distribute', key)}>Distribute it</a></>, ...notes.map(sentence)] };
  }
  if (act === 'destroy') {
    const { certificate } = await call('key.destroy', { key, version, reason: reason.trim() });
    return { title: `Version ${version} is destroyed`, lines: [`Looked for before: ${many(certificate.objectsBefore, 'object')}; after: ${certificate.objectsAfter}. A use afterwards answered ${certificate.attemptedUse}.`, sentence(certificate.meaning), ...certificate.copiesDestroyed.map((place) => `The copy ${place} went with it.`), ...certificate.knownCopies.map((copy) => `A copy remains: ${copy}.`), `Log entry ${certificate.logEntry}.`] };
  }
  if (act === 'compromise') {
    const { touched, nextSteps, logEntry } = await call('key.compromise', { key, version, reason: reason.trim(), ...(occurred === '' ? {} : { occurred }) });
    return { title: `Version ${version} is compromised`, lines: [...touched.map(sentence), ...nextSteps.map((step) => `Next: ${step}.`), `Log entry ${logEntry}.`] };
  }
  const { version: moved, logEntry } = await call(`key.${act}`, { key, version, ...(why as { reason: string }) });
  return { title: `Version ${moved.number}: ${moved.state}`, lines: [`Log entry ${logEntry}.`] };
}

export interface ActDialogProps {
  readonly shown: KeyShown;
  readonly act: KeyAct;
  readonly version: number | undefined;
  readonly onClose: () => void;
}

export function ActDialog({ shown, act, version: wanted, onClose }: ActDialogProps): ReactElement {
  const version = wanted ?? newestOf(shown)?.number ?? 1;
  const [reason, setReason] = useState('');
  const [occurred, setOccurred] = useState('');
  const [result, setResult] = useState<Result>();
  const work = useWork(`${act} ${shown.key.name}`);
  const [facts] = useState(() => factsOf(act, shown, version));
  const missing = facts.reason === 'needed' && reason.trim() === '';
  const start = async () => setResult(await work.run(() => perform(act, shown.key.name, version, reason, occurred)));
  return (
    <Dialog onClose={onClose} title={result?.title ?? `${facts.verb} ${shown.key.name}`} busy={work.busy}>
      <div style={{ display: 'flex', flexDirection: 'column', gap: 12 }}>
        {result === undefined ? (
          <>
            <p>{facts.will}</p>
            <Note kind={facts.danger === true ? 'bad' : ''}>{facts.undo}</Note>
            {act === 'destroy' ? <Copies shown={shown} version={version} /> : null}
            {work.error === undefined ? null : <ErrorPanel error={work.error} />}
            <Textarea label={facts.reason === 'needed' ? 'Why' : 'Why (may be left out)'} description="Kept in the log" value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
            {act === 'compromise' ? <TextInput type="date" label="The day since when it may have been known, in UTC (may be left out)" value={occurred} onChange={(event) => setOccurred(event.currentTarget.value)} /> : null}
            {act === 'destroy' ? <p className="small muted">The prompt asks for the name of the key and for your passphrase.</p> : null}
            <Buttons facts={facts} name={shown.key.name} work={work} missing={missing} onStart={start} onClose={onClose} />
          </>
        ) : (
          <>
            <div role="status"><ul className="policy">{result.lines.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one result do not move
              <li key={index} style={{ display: 'block' }}>{line}</li>
            ))}</ul></div>
            <div style={{ textAlign: 'right' }}><Button variant="filled" onClick={onClose} data-autofocus>Done</Button></div>
          </>
        )}
      </div>
    </Dialog>
  );
}

interface ButtonsProps {
  readonly facts: Facts;
  readonly name: string;
  readonly work: Work;
  readonly missing: boolean;
  readonly onStart: () => void;
  readonly onClose: () => void;
}

/** The act last in the row; *Not now* is what a hurried key meets. */
function Buttons({ facts: { verb, danger }, name, work, missing, onStart, onClose }: ButtonsProps): ReactElement {
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8, justifyContent: 'flex-end', alignItems: 'center' }}>
      {missing ? <span className="small muted" style={{ flex: '1 1 200px' }}>Say why first: the rule asks for a reason.</span> : null}
      <Button onClick={onClose} disabled={work.busy}>Not now</Button>
      <Act variant="filled" {...named} {...(danger === true ? { color: 'red' } : {})} loading={work.busy} why={missing ? 'Say why first: the rule asks for a reason.' : undefined} onClick={onStart}>
        {verb} {name}
      </Act>
    </div>
  );
}

function Copies({ shown: { distributions, copies }, version }: { readonly shown: KeyShown; readonly version: number }): ReactElement {
  const held = distributions.filter((distribution) => distribution.version === version);
  const onTokens = copies.filter((copy) => copy.version === version && copy.state === 'held');
  if (onTokens.length > 0) return <p><b>{many(onTokens.length, 'copy', 'copies')} on other tokens</b> ({onTokens.map(({ place }) => place.name).join(', ')}): destroyed with it where the token is plugged in, else outstanding.{held.length === 0 ? '' : ` ${many(held.length, 'copy remains', 'copies remain')} with others.`}</p>;
  return <p>{held.length === 0 ? 'This vault knows of no copies elsewhere.' : <><b>{many(held.length, 'copy remains', 'copies remain')} elsewhere</b>: {held.map(({ to }) => to.name).join(', ')}.</>}</p>;
}
