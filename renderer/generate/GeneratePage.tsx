/** A new key in four steps: purpose, name and place, periods and limits, review. Nothing is made before the last. */
import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core';
import { IconDeviceUsb, IconVault } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { purposes } from '../../shared/model/terms.ts';
import type { Algorithm, Purpose } from '../../shared/model/terms.ts';
import { nameFault } from '../../shared/validation/name.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { at, go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { Choices } from '../parts/Choices.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { Steps } from '../parts/Steps.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { day, purposeExplained, purposeWords, upper } from '../parts/text.ts';
import { Field } from '../parts/Field.tsx';

interface Wanted {
  readonly purpose: Purpose;
  readonly algorithm: Algorithm;
  readonly name: string;
  readonly place: string;
  readonly exportable: boolean;
  readonly inactive: boolean;
  readonly originatorDays: number;
  readonly recipientDays: number;
  readonly useLimit: number | undefined;
}

/** What the standard suggests for a purpose, SP 800-57 Part 1 Table 1. */
function suggested(purpose: Purpose): Pick<Wanted, 'purpose' | 'algorithm' | 'originatorDays' | 'recipientDays'> {
  const { algorithms, originatorUsageDays, recipientUsageDays } = purposeFacts[purpose];
  const algorithm = algorithms.includes('aes-256') ? 'aes-256' : 'rsa-3072';
  return { purpose, algorithm, originatorDays: originatorUsageDays, recipientDays: recipientUsageDays };
}

const stepNames = ['Purpose', 'Name and place', 'Periods', 'Review'];
const questions = ['What is this key for?', 'Where should this key live?', 'How long may it be used?', 'Is this the key you want?'];

/** Why it does not go on yet. */
function stuckWhy(step: number, { name, originatorDays, recipientDays }: Wanted, fault: string | undefined): string | undefined {
  if (step === 1 && (name === '' || fault !== undefined)) return 'Give it a name that no other key has';
  return step === 2 && recipientDays < originatorDays ? 'Processing may not end before protecting' : undefined;
}

type Change = (change: Partial<Wanted>) => void;

export function GeneratePage(): ReactElement {
  const [wanted, setWanted] = useState<Wanted>({ ...suggested('data-encryption'), name: '', place: 'software', exportable: false, inactive: false, useLimit: undefined });
  const [step, setStep] = useState(0);
  const work = useWork(`Generating ${wanted.name}`);
  const keys = useAnswer('key.list', {}).value?.keys;
  const change: Change = (part) => setWanted((old) => ({ ...old, ...part }));
  const taken = keys?.some(({ name }) => name === wanted.name) === true;
  const fault = wanted.name === '' ? undefined : taken ? 'a key has this name already' : nameFault(wanted.name);
  const stuck = stuckWhy(step, wanted, fault);
  const make = async () => {
    const { useLimit, ...rest } = wanted;
    const made = await work.run((control) => call('key.generate', { ...rest, ...(useLimit === undefined ? {} : { useLimit }) }, control));
    if (made !== undefined) go('key', made.key.name);
  };
  return (
    <Page
      crumb={step === 0 ? <a href={at('keys')}>Keys</a> : `Generate a key for ${purposeWords[wanted.purpose].toLowerCase()}`}
      title={questions[step]}
      actions={<Steps names={stepNames} now={step} />}
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => (step === 0 ? go('keys') : setStep(step - 1))}>{step === 0 ? 'Cancel' : 'Back'}</Button>
          <div className="fill small muted">{stuck ?? (step < 3 ? 'Nothing is made until you review it' : '')}</div>
          {step < 3 ? (
            <Act variant="filled" why={stuck} onClick={() => setStep(step + 1)}>Continue</Act>
          ) : (
            <Button variant="filled" loading={work.busy} onClick={make}>Generate {wanted.name}</Button>
          )}
        </>
      }
    >
      <div className="cols">
        <div className="block">
          {work.error === undefined ? null : <ErrorPanel error={work.error} onRetry={make} />}
          <Step step={step} wanted={wanted} change={change} fault={fault} />
        </div>
        <Block title="What you have so far"><SoFar wanted={wanted} step={step} /></Block>
      </div>
    </Page>
  );
}

interface StepProps {
  readonly step: number;
  readonly wanted: Wanted;
  readonly change: Change;
  readonly fault: string | undefined;
}

function Step({ step, wanted, change, fault }: StepProps): ReactElement {
  if (step === 0) return <PurposeStep wanted={wanted} change={change} />;
  if (step === 1) return <PlaceStep wanted={wanted} change={change} fault={fault} />;
  if (step === 2) return <PeriodStep wanted={wanted} change={change} />;
  return <p className="lede">{wanted.place === 'software' ? 'It is made in the vault and sealed under a key of its own.' : `It is made inside the token ${wanted.place}, which may ask for its PIN; it is never in this computer's memory.`}</p>;
}

function PurposeStep({ wanted, change }: { readonly wanted: Wanted; readonly change: Change }): ReactElement {
  return (
    <>
      <Choices label="Purpose" value={wanted.purpose} onChange={(purpose) => change(suggested(purpose))} options={purposes.map((value) => ({ value, title: purposeWords[value], why: purposeExplained[value] }))} />
      <Field label="Algorithm" value={wanted.algorithm} choices={purposeFacts[wanted.purpose].algorithms} words={upper} onChange={(algorithm) => change({ algorithm })} />
    </>
  );
}

function PlaceStep({ wanted, change, fault }: { readonly wanted: Wanted; readonly change: Change; readonly fault: string | undefined }): ReactElement {
  const { value, error, loading } = useAnswer('token.list', {});
  const tokens = value?.tokens.filter(({ initialized }) => initialized) ?? [];
  return (
    <>
      <TextInput label="Name" description="It is in every log entry and prompt, and sealed in the vault file." value={wanted.name} error={fault} onChange={(event) => change({ name: event.currentTarget.value })} data-autofocus />
      <p className="lab" id="place">Place</p>
      <Choices
        label="Place"
        value={wanted.place}
        onChange={(place) => change({ place })}
        options={[
          { value: 'software', title: 'Vault store', why: 'Sealed in this vault file. Copied with each backup of it.', icon: <IconVault size={18} aria-hidden="true" /> },
          ...tokens.map(({ label, serial, present, condition }) => ({ value: label, title: `${label} (${serial})`, why: ['Made inside, never leaves it unwrapped', ...condition].join('. '), no: present ? undefined : 'It is absent: plug it in to choose it.', icon: <IconDeviceUsb size={18} aria-hidden="true" /> })),
        ]}
      />
      {loading ? <p className="small muted" role="status">Looking for tokens…</p> : null}
      {error === undefined ? null : <ErrorPanel error={error} />}
      <p className="small muted">A token is missing? <a href={at('tokens')}>Add the module of its vendor</a>.</p>
      <Checkbox label="Let it be wrapped out of its place" description="Only to a recipient whose fingerprint was confirmed, or under another key. Without this it never leaves, and that cannot be changed later." checked={wanted.exportable} onChange={(event) => change({ exportable: event.currentTarget.checked })} />
    </>
  );
}

function PeriodStep({ wanted, change }: { readonly wanted: Wanted; readonly change: Change }): ReactElement {
  const now = Date.now();
  const ends = (days: number) => day(now + days * 86_400_000);
  return (
    <>
      <NumberInput label="Days in which it may protect (originator-usage period)" description={`To ${ends(wanted.originatorDays)}. SP 800-57 suggests ${purposeFacts[wanted.purpose].originatorUsageDays}.`} min={1} max={36_500} value={wanted.originatorDays} onChange={(value) => typeof value === 'number' && change({ originatorDays: value })} />
      <NumberInput label="Days in which what it protected may be processed (recipient-usage period)" description={`To ${ends(wanted.recipientDays)}. SP 800-57 suggests ${purposeFacts[wanted.purpose].recipientUsageDays}.`} min={1} max={36_500} value={wanted.recipientDays} onChange={(value) => typeof value === 'number' && change({ recipientDays: value })} />
      <NumberInput label="The most uses to protect by one version (may be left out)" description="Counted in this copy of the vault." min={1} max={2 ** 32} value={wanted.useLimit ?? ''} onChange={(value) => change({ useLimit: typeof value === 'number' ? value : undefined })} />
      <Checkbox label="Leave it in pre-activation" description="It protects nothing, and no period runs, until it is activated." checked={wanted.inactive} onChange={(event) => change({ inactive: event.currentTarget.checked })} />
    </>
  );
}

function SoFar({ wanted, step }: { readonly wanted: Wanted; readonly step: number }): ReactElement {
  const now = Date.now();
  return (
    <>
      <Facts
        rows={[
          ['Purpose', purposeWords[wanted.purpose]],
          ['Algorithm', upper(wanted.algorithm)],
          step < 1 ? undefined : ['Name', wanted.name === '' ? 'not yet' : wanted.name],
          step < 1 ? undefined : ['Place', wanted.place === 'software' ? 'Vault store' : wanted.place],
          step < 1 ? undefined : ['Leaves', wanted.exportable ? 'only wrapped' : 'never'],
          step < 2 ? undefined : ['Protects to', day(now + wanted.originatorDays * 86_400_000)],
          step < 2 ? undefined : ['Processes to', day(now + wanted.recipientDays * 86_400_000)],
          step < 2 || wanted.useLimit === undefined ? undefined : ['At most', `${wanted.useLimit} uses to protect`],
        ]}
      />
      <Note>One purpose, for its whole life: what it may do is fixed here.</Note>
    </>
  );
}
