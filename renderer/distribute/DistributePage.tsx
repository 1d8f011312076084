/** A key handed over: to whom, in which form, at which strength; then the prompt, and what was written. */
import { Button } from '@mantine/core';
import { IconArrowBarToRight, IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { algorithmFacts } from '../../shared/lifecycle/purposes.ts';
import { at, go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import type { KeyView } from '../keys/KeysPage.tsx';
import { whyNot } from '../key/mayDo.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { Choices } from '../parts/Choices.tsx';
import type { Option } from '../parts/Choices.tsx';
import { Empty } from '../parts/Empty.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Narrowed } from '../parts/Narrowed.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { Steps } from '../parts/Steps.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { day, formatWord, grouped, moment } from '../parts/text.ts';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Words } from '../parts/Words.tsx';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { FormatStep } from './FormatStep.tsx';
import { handOver, noPlan, planFor } from './plan.ts';
import type { Plan, Recipient, Sent, Target } from './plan.ts';
import { named } from '../theme/named.ts';

const stepNames = ['To whom', 'Format', 'Approve and wrap', 'Result'];

export function DistributePage(): ReactElement {
  const { of: name } = usePlace();
  if (name === undefined) return <ChooseKey />;
  return <DistributeKey name={name} />;
}

function ChooseKey(): ReactElement {
  const keys = useAnswer('key.list', {}).value?.keys;
  const able = keys?.filter(({ exportable, state }) => exportable && state !== 'destroyed') ?? [];
  return (
    <Page crumb={<a href={at('keys')}>Keys</a>} title="Which key is handed over?">
      {keys !== undefined && able.length === 0 ? (
        <Empty title="No key may leave" action={<Button variant="filled" onClick={() => go('generate')}>Generate a key</Button>}>Only a key that was made to be wrapped out of its place can be handed over. That is fixed when it is made.</Empty>
      ) : (
        <Narrowed items={able} nameOf={({ name }) => name}>{(shown) => <ul className="rows panel">{shown.map(({ id, name, algorithm, place }) => <li key={id}><a className="grow" href={at('distribute', name)}>{name}</a><span className="muted">{algorithmWord(algorithm)}, {placeWord(place.name)}</span></li>)}</ul>}</Narrowed>
      )}
    </Page>
  );
}

function DistributeKey({ name }: { readonly name: string }): ReactElement {
  const { value: shown, error } = useAnswer('key.show', { key: name });
  const recipients = useAnswer('recipient.list', {}).value?.recipients;
  const keys = useAnswer('key.list', {}).value?.keys;
  if (error !== undefined) return <Page title="Distribute" crumb={<a href={at('keys')}>Keys</a>}><ErrorPanel error={error} /></Page>;
  if (shown === undefined || recipients === undefined || keys === undefined) return <div className="page" role="status">Reading the key…</div>;
  const refused = whyNot(shown, 'export or wrap');
  if (refused !== undefined) return <Page title={`Distribute ${name}`} crumb={<a href={at('key', name)}>{name}</a>}><Note kind="ink"><b>It cannot be handed over.</b> {sentence(refused)}</Note></Page>;
  const keks = keys.filter((key) => key.purpose === 'key-wrapping' && key.state === 'active' && key.name !== name && key.place.name === shown.key.place.name);
  return <HandOver shown={shown} recipients={recipients} keks={keks} />;
}

/** Why it does not go on yet. */
function stuckWhy(step: number, { target, format, accepted }: Plan, weaker: boolean, strength: number): string | undefined {
  if (step === 0) return target === undefined ? 'Choose to whom' : undefined;
  if (step !== 1) return undefined;
  if (format === undefined) return 'Choose a format';
  return weaker && !accepted ? `Accept the strength of ${strength} bits, or choose a stronger recipient` : undefined;
}

const titles = (name: string) => ['Who gets it?', 'In which form?', 'Approve at the prompt', `${name} was handed over`];

function HandOver({ shown, recipients, keks }: { readonly shown: KeyShown; readonly recipients: readonly Recipient[]; readonly keks: readonly KeyView[] }): ReactElement {
  const { name } = shown.key;
  const [plan, setPlan] = useState<Plan>(noPlan);
  const [step, setStep] = useState(0);
  const [sent, setSent] = useState<Sent>();
  const work = useWork(`Handing over ${name}`);
  const { target } = plan;
  const own = algorithmFacts[shown.key.algorithm].strength;
  const strength = target?.kind === 'recipient' ? Math.min(own, target.recipient.strength) : own;
  const weaker = strength < own;
  const stuck = stuckWhy(step, plan, weaker, strength);
  const wrap = async () => {
    const done = await work.run((control) => handOver(name, plan, weaker ? strength : undefined, control));
    if (done === undefined) return;
    setSent(done);
    setStep(3);
  };
  const back = () => (step === 0 || step === 3 ? go('key', name) : setStep(step - 1));
  return (
    <Page
      crumb={<><a href={at('key', name)}>{name}</a> version {shown.key.version}</>}
      title={titles(name)[step]}
      actions={<Steps names={stepNames} now={step} />}
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={back}>{['Cancel', 'Back', 'Back', 'To the key'][step]}</Button>
          <div className="fill small muted">{stuck ?? ''}</div>
          {step < 2 ? <Act variant="filled" why={stuck} onClick={() => setStep(step + 1)}>Continue</Act> : null}
          {step === 2 ? <Button variant="filled" {...named} loading={work.busy} onClick={wrap}>Wrap {name}</Button> : null}
        </>
      }
    >
      <div className="cols">
        <div className="block">
          {work.error === undefined ? null : <ErrorPanel error={work.error} />}
          <WorkProgress work={work} what="Wrapping" />
          {step === 0 ? <TargetStep recipients={recipients} keks={keks} own={own} target={target} onTarget={(chosen) => setPlan(planFor(chosen, shown))} /> : null}
          {step === 1 && target !== undefined ? <FormatStep shown={shown} target={target} plan={plan} onPlan={setPlan} weaker={weaker} strength={strength} own={own} /> : null}
          {step === 2 ? <ApproveStep shown={shown} target={target} /> : null}
          {sent === undefined ? null : <Result sent={sent} />}
        </div>
        <Chosen shown={shown} plan={plan} strength={strength} own={own} />
      </div>
    </Page>
  );
}

function Chosen({ shown, plan: { target, format }, strength, own }: { readonly shown: KeyShown; readonly plan: Plan; readonly strength: number; readonly own: number }): ReactElement {
  return (
    <Block title="What you have so far">
      <Facts
        rows={[
          ['Key', shown.key.name],
          ['Algorithm', algorithmWord(shown.key.algorithm)],
          target === undefined ? undefined : ['To', target.kind === 'key' ? `under the key ${target.name}` : target.recipient.name],
          format === undefined ? undefined : ['Format', formatWord(format)],
          target === undefined ? undefined : ['Strength', strength < own ? `${strength} bits, less than its own ${own}` : `${strength} bits`],
        ]}
      />
      <Note>What has been handed out cannot be called back. It is recorded, and its receipt stays outstanding until it is here.</Note>
    </Block>
  );
}

interface NamedOption extends Option<string> {
  readonly name: string;
}

interface TargetStepProps {
  readonly recipients: readonly Recipient[];
  readonly keks: readonly KeyView[];
  readonly own: number;
  readonly target: Target | undefined;
  readonly onTarget: (target: Target) => void;
}

function TargetStep({ recipients, keks, own, target, onTarget }: TargetStepProps): ReactElement {
  const value = target === undefined ? undefined : target.kind === 'key' ? `key ${target.name}` : `recipient ${target.recipient.name}`;
  const pick = (chosen: string) => {
    const [kind, ...rest] = chosen.split(' ');
    const chosenName = rest.join(' ');
    const recipient = recipients.find((one) => one.name === chosenName);
    if (kind === 'key') onTarget({ kind: 'key', name: chosenName });
    else if (recipient !== undefined) onTarget({ kind: 'recipient', recipient });
  };
  if (recipients.length === 0 && keks.length === 0) return <Empty title="Nobody to hand it to" action={<Button variant="filled" onClick={() => go('recipients')}>Add a recipient</Button>}>A recipient is somebody's public key or certificate, whose fingerprint you compared by another way.</Empty>;
  const options: readonly NamedOption[] = [
    ...recipients.map((recipient) => ({ name: recipient.name, value: `recipient ${recipient.name}`, title: recipient.name, why: `RSA-${recipient.modulusBits}, fingerprint confirmed ${day(recipient.confirmedAt)} by ${recipient.confirmedBy}. ${recipient.strength < own ? `Lowers the strength to ${recipient.strength} bits.` : 'As strong as the key.'}`, icon: <IconArrowBarToRight size={18} aria-hidden="true" /> })),
    ...keks.map((kek) => ({ name: kek.name, value: `key ${kek.name}`, title: `Under ${kek.name}`, why: `${algorithmWord(kek.algorithm)}, a key-wrapping key in the same place.`, no: algorithmFacts[kek.algorithm].strength < own ? `It has ${algorithmFacts[kek.algorithm].strength} bits of strength, less than the ${own} of the key.` : undefined, icon: <IconKey size={18} aria-hidden="true" /> })),
  ];
  return (
    <>
      <Narrowed items={options} nameOf={(option) => option.name}>{(shown) => <Choices label="To whom" value={value} onChange={pick} options={shown} />}</Narrowed>
      {target?.kind === 'recipient' ? <div><p className="lab">Its fingerprint, to be read aloud again</p><Words hex={target.recipient.fingerprint} /></div> : null}
    </>
  );
}

function ApproveStep({ shown, target }: { readonly shown: KeyShown; readonly target: Target | undefined }): ReactElement {
  return (
    <>
      <p className="lede">The prompt asks where the file goes, then for the name of the key and your passphrase, which signs this one approval.</p>
      {shown.key.place.kind === 'pkcs11' ? <Note>The token wraps the key inside itself: the key is never in this computer's memory.</Note> : null}
      {target?.kind === 'recipient' ? <Words hex={target.recipient.fingerprint} /> : null}
    </>
  );
}

function Result({ sent: { distribution, version, sha256, logEntry } }: { readonly sent: Sent }): ReactElement {
  return (
    <div role="status">
      <Facts rows={[['Version', String(version.number)], ['To', distribution.to.name], ['Format', formatWord(distribution.format)], distribution.parameters.length === 0 ? undefined : ['Parameters', distribution.parameters.join('; ')], ['Strength', `${distribution.effectiveStrength} bits`], ['At', moment(distribution.at)], ['File, SHA-256', <span key="s" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(sha256)}</span>], ['Receipt', distribution.receipt], ['Log entry', String(logEntry)]]} />
    </div>
  );
}
