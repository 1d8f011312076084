/** The ways into the vault: what each is, which one opened it, and what may be done with it. */
import { Button } from '@mantine/core';
import { IconDeviceUsb, IconKey, IconPlus, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Block } from '../parts/Block.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Note } from '../parts/Note.tsx';
import { grouped } from '../parts/text.ts';
import type { Role } from '../../shared/model/terms.ts';
import { AddToken } from './AddToken.tsx';

type Way = WindowReply<'vault.ways'>['ways'][number];

const opensBy: Readonly<Record<Way['mode'], string>> = {
  passphrase: 'what you type at the prompt',
  recovery: '22 words on paper; a recovery begins a new epoch',
  token: 'a key on the token, and its PIN',
  both: 'the passphrase, and a key on the token with its PIN',
};
const icons = { passphrase: IconKey, recovery: IconPrinter, token: IconDeviceUsb, both: IconDeviceUsb } as const satisfies Record<Way['mode'], unknown>;

/** `token officers`. */
function wordsOfWay({ mode, token = '' }: Way): string {
  const words = { passphrase: 'passphrase', recovery: 'recovery sheet', token: `token ${token}`, both: `passphrase and token ${token}` } as const;
  return words[mode];
}

export interface WaysInProps {
  readonly ways: readonly Way[];
  readonly role: Role;
  /** Why nothing can be changed. */
  readonly why: string | undefined;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Short ids tell two sheets apart. */
function idOf({ id }: Way): string {
  return grouped(id.slice(0, 8));
}

export function WaysIn({ ways, role, why }: WaysInProps): ReactElement {
  const [removing, setRemoving] = useState<Way>();
  const [adding, setAdding] = useState(false);
  const [told, setTold] = useState<string>();
  const work = useWork();
  const change = async () => {
    const done = await work.run(() => call('vault.passwd', {}));
    if (done !== undefined) setTold(`The passphrase was changed, log entry ${done.logEntry}: ${done.note}.`);
  };
  return (
    <Block title="Ways in" aside={<Act h={26} px={9} fz={12} why={why ?? (role === 'officer' ? undefined : 'Only an officer adds a way in')} leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>Add a token…</Act>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {told === undefined ? null : <Note kind="ink"><span role="status">{told}</span></Note>}
      <div className="t-edge">
        <table>
          <thead><tr><th>Way</th><th className="hide-n">Opens by</th><th style={{ width: 110 }}>Id</th><th style={{ width: 130 }}>Now</th><th style={{ width: 300 }}><span className="sr">What may be done</span></th></tr></thead>
          <tbody>{ways.map((way) => <WayRow key={way.id} way={way} why={why} busy={work.busy} onChange={() => void change()} onRemove={() => setRemoving(way)} />)}</tbody>
        </table>
      </div>
      <p className="small muted">Whoever has a way in and a copy of the file opens the vault. What is changed here holds for the file from now on: older copies still open by the ways that they had.</p>
      {adding ? <AddToken onClose={() => setAdding(false)} onAdded={setTold} /> : null}
      {removing === undefined ? null : <RemoveWay way={removing} onClose={() => setRemoving(undefined)} onRemoved={setTold} />}
    </Block>
  );
}

interface WayRowProps {
  readonly way: Way;
  readonly why: string | undefined;
  readonly busy: boolean;
  readonly onChange: () => void;
  readonly onRemove: () => void;
}

function WayRow({ way, why, busy, onChange, onRemove }: WayRowProps): ReactElement {
  const { mode, open } = way;
  const Icon = icons[mode];
  const small = { h: 26, px: 9, fz: 12 } as const;
  return (
    <tr>
      <td><Icon size={16} aria-hidden="true" style={{ verticalAlign: -3, marginRight: 8 }} /><b>{upperFirst(wordsOfWay(way))}</b></td>
      <td className="hide-n muted">{opensBy[mode]}</td>
      <td className="mono">{idOf(way)}</td>
      <td>{open ? <span className="tag ink">opened the vault</span> : <span className="muted">not used now</span>}</td>
      <td className="right">
        <span style={{ display: 'inline-flex', gap: 6 }}>
          {mode !== 'recovery' && mode !== 'token' && open ? <Act {...small} why={why} loading={busy} onClick={onChange}>Change the passphrase…</Act> : null}
          <Act {...small} why={why ?? (open ? 'It opened the vault: open the vault by another way to remove this one' : undefined)} onClick={onRemove}>Remove…</Act>
        </span>
      </td>
    </tr>
  );
}

function RemoveWay({ way, onClose, onRemoved }: { readonly way: Way; readonly onClose: () => void; readonly onRemoved: (told: string) => void }): ReactElement {
  const work = useWork();
  const what = wordsOfWay(way);
  const remove = async () => {
    const done = await work.run(() => call('vault.removeWay', { way: way.id }));
    if (done === undefined) return;
    onRemoved(`The ${what} ${idOf(way)} opens this file no more, log entry ${done.logEntry}: ${done.note}.`);
    onClose();
  };
  return (
    <Dialog onClose={onClose} title={`Remove the ${what} ${idOf(way)}`} busy={work.busy}>
      <div className="stack">
        {work.error === undefined ? null : <ErrorPanel error={work.error} unchanged="The way in is still there." />}
        <p>{sentence(way.mode === 'recovery' ? 'the words on that paper open this file no more. If it is the only sheet, a lost passphrase is then a lost vault' : 'it opens this file no more')}</p>
        <Note>Copies of the file from before still open by it. If a copy is in foreign hands, begin a new epoch instead, and rotate the keys that it holds.</Note>
        <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
          <Button onClick={onClose} data-autofocus>Not now</Button>
          <Button color="red" variant="filled" loading={work.busy} onClick={() => void remove()}>Remove the {what}</Button>
        </div>
      </div>
    </Dialog>
  );
}
