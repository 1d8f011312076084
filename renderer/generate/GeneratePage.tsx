/** A new key in four steps: purpose, place and algorithm, name and periods, review. Nothing is made before the last. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import { purposes } from '../../shared/model/terms.ts';
import { nameFault } from '../../shared/validation/name.ts';
import { at, go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { algorithmWord, operationWords, proposedFor } from '../parts/algorithmText.ts';
import { Block } from '../parts/Block.tsx';
import { Choices } from '../parts/Choices.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { Steps } from '../parts/Steps.tsx';
import { day, purposeExplained, purposeWords } from '../parts/text.ts';
import { PlaceStep } from './PlaceStep.tsx';
import { AskedAttributes } from './AskedAttributes.tsx';
import { TermsStep } from './TermsStep.tsx';
import { useAble } from './useAble.ts';
import type { Able } from './useAble.ts';
import { suggested } from './wanted.ts';
import type { Change, Wanted } from './wanted.ts';
import { named } from '../theme/named.ts';

const stepNames = ['Purpose', 'Place and algorithm', 'Name and periods', 'Review'];
const questions = ['What is this key for?', 'Where should it live, and how does it work?', 'How is it named, and how long may it be used?', 'Is this the key you want?'];

/** Why it does not go on yet. */
function stuckWhy(step: number, { name, algorithm, originatorDays, recipientDays }: Wanted, fault: string | undefined, able: Able): string | undefined {
  if (step === 1 && able.algorithms?.includes(algorithm) === false) return `This place does not make ${algorithmWord(algorithm)}`;
  if (step !== 2) return undefined;
  if (name === '' || fault !== undefined) return 'Give it a name that no other key has';
  return recipientDays < originatorDays ? 'Processing may not end before protecting' : undefined;
}

export function GeneratePage(): ReactElement {
  const { of } = usePlace();
  const [wanted, setWanted] = useState<Wanted>({ ...suggested(purposes.find((purpose) => purpose === of) ?? 'data-encryption'), name: '', place: 'software', exportable: false, inactive: false, useLimit: undefined });
  const [step, setStep] = useState(0);
  const able = useAble(wanted.place);
  const work = useWork(`Generating ${wanted.name}`);
  const keys = useAnswer('key.list', {}).value?.keys;
  const change: Change = (part) => setWanted((old) => ({ ...old, ...part }));
  const taken = keys?.some(({ name }) => name === wanted.name) === true;
  const fault = wanted.name === '' ? undefined : taken ? 'a key has this name already' : nameFault(wanted.name);
  const possible = able.algorithms === undefined || able.algorithms.includes(wanted.algorithm) ? wanted : { ...wanted, algorithm: proposedFor(wanted.purpose, able.algorithms) };
  const stuck = stuckWhy(step, possible, fault, able);
  const make = async () => {
    const { useLimit, ...rest } = possible;
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
          <Next step={step} stuck={stuck} able={able} onStep={setStep} busy={work.busy} name={wanted.name} onMake={() => void make()} />
        </>
      }
    >
      <div className="cols">
        <div className="block">
          {work.error === undefined ? null : <ErrorPanel error={work.error} onRetry={make} />}
          {step === 0 ? <Choices twoColumns label="Purpose" value={wanted.purpose} onChange={(purpose) => change(suggested(purpose))} options={purposes.map((value) => ({ value, title: purposeWords[value], why: purposeExplained[value] }))} /> : null}
          {step === 1 ? <PlaceStep wanted={possible} change={change} able={able} /> : null}
          {step === 2 ? <TermsStep wanted={possible} change={change} fault={fault} /> : null}
          {step === 3 ? <Review wanted={possible} /> : null}
        </div>
        <Block title="What you have so far"><SoFar wanted={possible} step={step} /></Block>
      </div>
    </Page>
  );
}

function Review({ wanted: { place, purpose, exportable } }: { readonly wanted: Wanted }): ReactElement {
  if (place === 'software') return <p className="lede">It is made in the vault and sealed under a key of its own.</p>;
  return (
    <>
      <p className="lede">It is made inside the token {place}, which may ask for its PIN; it is never in this computer's memory.</p>
      <AskedAttributes purpose={purpose} exportable={exportable} />
    </>
  );
}

interface NextProps {
  readonly step: number;
  readonly stuck: string | undefined;
  readonly able: Able;
  readonly onStep: (step: number) => void;
  readonly busy: boolean;
  readonly name: string;
  readonly onMake: () => void;
}

function Next({ step, stuck, able, onStep, busy, name, onMake }: NextProps): ReactElement {
  if (step === 1 && able.algorithms === undefined) return <Button variant="filled" loading={able.asking} onClick={able.ask}>Ask the token…</Button>;
  if (step < 3) return <Act variant="filled" why={stuck} onClick={() => onStep(step + 1)}>Continue</Act>;
  return <Button variant="filled" {...named} loading={busy} onClick={onMake}>Generate {name}</Button>;
}

function SoFar({ wanted, step }: { readonly wanted: Wanted; readonly step: number }): ReactElement {
  const now = Date.now();
  return (
    <>
      <Facts
        rows={[
          ['Purpose', purposeWords[wanted.purpose]],
          ['May', purposeFacts[wanted.purpose].operations.map((operation) => operationWords[operation]).join(', ')],
          step < 1 ? undefined : ['Place', wanted.place === 'software' ? 'Vault store' : wanted.place],
          step < 1 ? undefined : ['Algorithm', algorithmWord(wanted.algorithm)],
          step < 2 ? undefined : ['Name', wanted.name === '' ? 'not yet' : wanted.name],
          step < 2 ? undefined : ['Leaves', wanted.exportable ? 'only wrapped' : 'never'],
          step < 2 ? undefined : ['Protects to', day(now + wanted.originatorDays * 86_400_000)],
          step < 2 ? undefined : ['Processes to', day(now + wanted.recipientDays * 86_400_000)],
          step < 2 || wanted.useLimit === undefined ? undefined : ['At most', `${wanted.useLimit} uses to protect`],
        ]}
      />
      <Note>One purpose, for its whole life (SP 800-57, 5.2): what it may do is fixed here, and it does nothing else.</Note>
    </>
  );
}
