/** In which form a key travels: what fits it, what else belongs to the form, at which strength it arrives. */
import { Checkbox } from '@mantine/core';
import type { ReactElement } from 'react';
import type { KeyShown } from '../keys/KeyDetail.tsx';
import { isPair } from '../parts/algorithmText.ts';
import { Choices } from '../parts/Choices.tsx';
import { Note } from '../parts/Note.tsx';
import { OaepFields } from './OaepFields.tsx';
import { formatOptions, usesEphemeral } from './plan.ts';
import type { Plan, Target } from './plan.ts';

export interface FormatStepProps {
  readonly shown: KeyShown;
  readonly target: Target;
  readonly plan: Plan;
  readonly onPlan: (plan: Plan) => void;
  readonly weaker: boolean;
  readonly strength: number;
  readonly own: number;
}

export function FormatStep({ shown, target, plan, onPlan, weaker, strength, own }: FormatStepProps): ReactElement {
  const { format } = plan;
  const { key } = shown;
  return (
    <>
      {isPair(key.algorithm) ? <Note kind="ink"><b>The private key itself leaves</b>, as PKCS#8. Whoever opens the file can do all that it does here, as if it were you. For verifying, or for keys that are sent to it, the public half is enough.</Note> : null}
      <Choices label="Format" value={format} onChange={(chosen) => onPlan({ ...plan, format: chosen })} options={formatOptions(target, shown)} />
      {format === undefined ? null : <OaepFields format={format} value={plan.oaep} onChange={(oaep) => onPlan({ ...plan, oaep })} />}
      {usesEphemeral(format) && key.place.kind === 'pkcs11' ? <Ephemeral token={key.place.name} value={plan.ephemeralKey} onChange={(ephemeralKey) => onPlan({ ...plan, ephemeralKey })} /> : null}
      {target.kind === 'recipient' ? <Note>Recorded today, it could be opened by a later quantum computer: the record says so.</Note> : null}
      {weaker ? <Checkbox label={`I accept that it travels at ${strength} bits of strength, not its own ${own}`} description="The recipient's RSA key is weaker than yours. The acceptance is kept in the record." checked={plan.accepted} onChange={(event) => onPlan({ ...plan, accepted: event.currentTarget.checked })} /> : null}
    </>
  );
}

interface EphemeralProps {
  readonly token: string;
  readonly value: Plan['ephemeralKey'];
  readonly onChange: (value: Plan['ephemeralKey']) => void;
}

/** Who holds the ephemeral key can open what travels: so it matters where it is made. */
function Ephemeral({ token, value, onChange }: EphemeralProps): ReactElement {
  return (
    <div className="stack">
      <p className="lab">Where the key of one use is made</p>
      <Choices
        label="Where the key of one use is made"
        value={value}
        onChange={onChange}
        options={[
          { value: 'place', title: `In ${token}`, why: 'Nothing that opens the file is ever outside the token.' },
          { value: 'computer', title: 'On this computer', why: 'For tokens that cannot make or wrap it themselves.' },
        ]}
      />
      {value === 'computer' ? <Note kind="bad"><b>For a moment this computer holds what opens the file.</b> A program that reads its memory then has the key. It is recorded with the distribution.</Note> : null}
    </div>
  );
}
