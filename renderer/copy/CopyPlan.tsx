/** What would go to another token and how, and what stays with the reason: before anything is made. */
import { IconArrowBarToRight, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { sentence } from '../parts/ErrorPanel.tsx';
import { formatWord, many } from '../parts/text.ts';

type Plan = WindowReply<'key.planCopy'>;

function Planned({ planned }: { readonly planned: Plan['versions'][number] }): ReactElement {
  const { key, version, goes, format, ownStrength, effectiveStrength, proof = '', why = '', nextStep } = planned;
  return (
    <li>
      {goes ? <IconArrowBarToRight size={16} aria-label="goes" /> : <IconX size={16} aria-label="stays" />}
      <span>
        <b>{key} version {version}</b>
        <span className="small muted" style={{ display: 'block' }}>
          {goes ? `${formatWord(format ?? '')}, ${effectiveStrength} bits of strength${effectiveStrength === ownStrength ? '' : ` of its own ${ownStrength}`}; ${proof}.` : [why, ...(nextStep === undefined ? [] : [nextStep])].map(sentence).join(' ')}
        </span>
      </span>
    </li>
  );
}

export function CopyPlan({ plan: { versions, left } }: { readonly plan: Plan }): ReactElement {
  const going = versions.filter(({ goes }) => goes).length;
  return (
    <section aria-label="The plan">
      <p role="status"><b>{going === versions.length ? `${many(going, 'key version')} can go` : `${going} of ${many(versions.length, 'key version')} can go`}</b>. Nothing was made yet.</p>
      <ul className="policy">
        {versions.map((planned) => <Planned key={`${planned.key} ${planned.version}`} planned={planned} />)}
        {left.map(({ what, why }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two objects on a token may have one name
          <li key={`${what} ${index}`}><IconX size={16} aria-label="stays" /><span><b>{sentence(what)}</b><span className="small muted" style={{ display: 'block' }}>{sentence(why)}</span></span></li>
        ))}
      </ul>
    </section>
  );
}
