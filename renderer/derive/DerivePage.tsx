/** A new key from another: derived by HKDF, agreed on with somebody's public key, or encapsulated to one. It becomes a key here, never bytes. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { algorithmFacts, derivationsOf } from '../../shared/lifecycle/purposes.ts';
import { algorithms } from '../../shared/model/terms.ts';
import type { Derivation } from '../../shared/model/terms.ts';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';
import { at, go, usePlace } from '../client/route.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { CallControl } from '../client/vaultClient.ts';
import type { KeyView } from '../keys/KeysPage.tsx';
import { placeWord } from '../keys/KeysPage.tsx';
import { Act } from '../parts/Act.tsx';
import { algorithmWord, derivationWords, isPair } from '../parts/algorithmText.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { NewKeyFields, fitted, useNameFault } from '../parts/NewKeyFields.tsx';
import type { NewKey } from '../parts/NewKeyFields.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';

/** What comes out of a derivation is secret bytes, never a pair. */
const derived = algorithms.filter((algorithm) => !isPair(algorithm));

/** Not a key of this vault: the other party's ML-KEM key is the beginning. */
const theirs = 'theirs';

export function DerivePage(): ReactElement {
  const { of } = usePlace();
  const keys = useAnswer('key.list', {}).value?.keys;
  if (keys === undefined) return <div className="page" role="status">Reading the keys…</div>;
  const sources = keys.filter(({ purpose, state }) => (purpose === 'key-derivation' || purpose === 'key-agreement') && state === 'active');
  return <Derive sources={sources} preferred={of} />;
}

interface Source {
  readonly key: KeyView | undefined;
  readonly derivation: Derivation | undefined;
  readonly peer: ChosenFile | undefined;
}

/** Why it does not go on yet. */
function stuckWhy({ key, peer }: Source, named: boolean, saltFault: string | undefined): string | undefined {
  if ((key === undefined || key.purpose === 'key-agreement') && peer === undefined) return needOf(key);
  if (saltFault !== undefined) return 'Mend the salt first';
  return named ? undefined : 'Give it a name that no other key has';
}

function isKem(key: KeyView | undefined): boolean {
  return key !== undefined && algorithmFacts[key.algorithm].family === 'ml-kem';
}

function needOf(key: KeyView | undefined): string {
  return isKem(key) ? 'Choose what they encapsulated to your key' : "Choose the other party's public key";
}

function Derive({ sources, preferred }: { readonly sources: readonly KeyView[]; readonly preferred: string | undefined }): ReactElement {
  const [from, setFrom] = useState(sources.some(({ name }) => name === preferred) ? (preferred ?? theirs) : (sources[0]?.name ?? theirs));
  const [way, setWay] = useState<Derivation>();
  const [peers, setPeers] = useState<readonly ChosenFile[]>([]);
  const [info, setInfo] = useState('');
  const [salt, setSalt] = useState('');
  const [wanted, setWanted] = useState<NewKey>({ name: '', purpose: 'data-encryption', algorithm: 'aes-256', exportable: false });
  const work = useWork(`Deriving ${wanted.name}`);
  const fault = useNameFault(wanted.name);
  const key = sources.find(({ name }) => name === from);
  const ways = key === undefined ? [] : derivationsOf(key.algorithm);
  const derivation = way !== undefined && ways.includes(way) ? way : ways[0];
  const hex = salt.replace(/[\s:]/g, '').toLowerCase();
  const saltFault = /^([0-9a-f]{2})*$/.test(hex) ? undefined : 'pairs of hex digits';
  const [peer] = peers;
  const stuck = stuckWhy({ key, derivation, peer }, wanted.name !== '' && fault === undefined, saltFault);
  const fresh = fitted(wanted, derived);
  const more = { ...(info === '' ? {} : { info }), ...(hex === '' ? {} : { salt: hex }) };
  const make = async (control: CallControl) => {
    if (key !== undefined) return await call('key.derive', { ...fresh, from: key.name, ...(peer === undefined ? {} : { peer: peer.grant }), ...(derivation === undefined ? {} : { derivation }), ...more }, control);
    const ciphertext = (await call('host.chooseFile', { use: 'ciphertext', name: `${fresh.name}.kem` })).grant;
    return await call('key.encapsulate', { ...fresh, to: peer?.grant ?? '', ciphertext, ...more }, control);
  };
  const start = async () => {
    const made = await work.run(make);
    setPeers([]); // a grant is good for one use
    if (made !== undefined) go('key', made.key.name);
  };
  return (
    <Page
      crumb={<a href={at('keys')}>Keys</a>}
      title={key === undefined ? 'Agree on a key by ML-KEM' : key.purpose === 'key-derivation' ? 'Derive a key' : 'Agree on a key'}
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => (key === undefined ? go('keys') : go('key', key.name))}>Cancel</Button>
          <div className="fill small muted">{stuck ?? (key === undefined ? 'It will live in the vault store' : `It will live where ${key.name} lives: ${placeWord(key.place.name)}`)}</div>
          <Act variant="filled" loading={work.busy} why={stuck} onClick={() => void start()}>{key === undefined ? 'Encapsulate' : 'Derive'} {wanted.name}</Act>
        </>
      }
    >
      <div className="stack wide" style={{ margin: 0 }}>
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        <div className="formgrid">
          <Field label="From" value={from} choices={[...sources.map(({ name }) => name), theirs]} words={(one) => wordOf(sources, one)} onChange={setFrom} />
          {derivation === undefined || ways.length < 2 ? null : <Field label="How" value={derivation} choices={ways} words={(one) => derivationWords[one]} onChange={setWay} />}
        </div>
        {key?.purpose === 'key-derivation' ? null : <FileDrop label={isKem(key) ? 'What they encapsulated to your ML-KEM key' : key === undefined ? 'Their ML-KEM-768 public key (PEM, DER)' : "The other party's public key (PEM, DER, JWK)"} use="peer" files={peers} onFiles={setPeers} />}
        {derivation === 'ecdh-raw' ? <Note kind="ink">The agreed secret is not spread evenly over its bits, and belongs to no use: take it only where the other party can do nothing else.</Note> : null}
        <TextInput label="A text that binds the key to its use (may be left out)" description="Both parties give the same, letter for letter." maxLength={1024} value={info} onChange={(event) => setInfo(event.currentTarget.value)} />
        {derivation === 'ecdh-raw' || derivation === 'ecdh-x963-sha256' ? null : <TextInput label="Salt in hex (may be left out)" value={salt} error={saltFault} onChange={(event) => setSalt(event.currentTarget.value)} />}
        <NewKeyFields value={fresh} onChange={setWanted} algorithms={derived} fault={fault} />
        <Note>{key?.purpose === 'key-derivation' ? 'The same key, text and salt give the same key again.' : 'The other party makes the same key. Compare its check value on its page with theirs.'}</Note>
      </div>
    </Page>
  );
}

function wordOf(sources: readonly KeyView[], name: string): string {
  const key = sources.find((one) => one.name === name);
  return key === undefined ? "somebody's ML-KEM public key" : `${name} (${algorithmWord(key.algorithm)})`;
}
