/** A key that another program made on a token, taken into this vault: it stays where it is, under a name and one purpose. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { purposeFacts } from '../../shared/lifecycle/purposes.ts';
import type { Purpose } from '../../shared/model/terms.ts';
import { nameFault } from '../../shared/validation/name.ts';
import { go } from '../client/route.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { operationWords } from '../parts/algorithmText.ts';
import { Choices } from '../parts/Choices.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { useNameFault } from '../parts/NewKeyFields.tsx';
import { Note } from '../parts/Note.tsx';
import { purposeWords } from '../parts/text.ts';
import { Attributes, KeyIdentity } from './FoundKeys.tsx';
import type { FoundKey } from './FoundKeys.tsx';
import type { TokenView } from './TokensPage.tsx';
import { named } from '../theme/named.ts';

export interface AdoptDialogProps {
  readonly found: FoundKey;
  readonly token: TokenView;
  readonly onClose: () => void;
}

export function AdoptDialog({ found, token, onClose }: AdoptDialogProps): ReactElement {
  const { ref, label, purposes, warnings } = found;
  const [name, setName] = useState(nameFault(label) === undefined ? label : '');
  const [purpose, setPurpose] = useState<Purpose | undefined>(purposes.length === 1 ? purposes[0] : undefined);
  const work = useWork(`Adopting ${name}`);
  const fault = useNameFault(name);
  const why = name === '' || fault !== undefined ? 'Give it a name that no other key has' : purpose === undefined ? 'Choose its one purpose' : undefined;
  const adopt = async () => {
    if (purpose === undefined) return;
    const done = await work.run((control) => call('key.adopt', { key: ref, token: token.serial, name, purpose }, control));
    if (done !== undefined) go('key', done.key.name);
  };
  return (
    <Dialog title={`Adopt “${label}”`} onClose={onClose} busy={work.busy}>
      <div className="stack">
        <div><KeyIdentity found={found} /><Attributes found={found} /></div>
        <p className="muted">It stays on {token.label}. From here on this vault counts its uses, rotates it, and destroys it with what belongs to it. It is used once to prove that it is there.</p>
        {warnings.length === 0 ? null : <Note kind="ink"><b>Unsafe about it</b>, and kept with its record: {warnings.map(sentence).join(' ')}</Note>}
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        <TextInput label="Name here" value={name} error={fault} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <p className="lab">Purpose: what its attributes allow</p>
        <Choices label="Purpose" value={purpose} onChange={setPurpose} options={purposes.map((one) => ({ value: one, title: purposeWords[one], why: `It will ${purposeFacts[one].operations.map((operation) => operationWords[operation]).join(', ')}, and nothing else from here.` }))} />
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} disabled={work.busy}>Not now</Button>
          <Act variant="filled" {...named} loading={work.busy} why={why} onClick={() => void adopt()}>Adopt {name}</Act>
        </div>
      </div>
    </Dialog>
  );
}
