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
import { derivationWords, isPair } from '../parts/algorithmText.ts';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { NewKeyFields, fitted, useNameFault } from '../parts/NewKeyFields.tsx';
import type { NewKey } from '../parts/NewKeyFields.tsx';
import { Note } from '../parts/Note.tsx';
import { Page } from '../parts/Page.tsx';
import { named } from '../theme/named.ts';

/** What comes out of a derivation is secret bytes, never a pair. */
const derived = algorithms.filter((algorithm) => !isPair(algorithm));

/** Not a key of this vault, so nameless: the other party's ML-KEM key is the beginning. */
const theirs = { value: '', label: "somebody's ML-KEM public key" } as const;

export function DerivePage(): ReactElement {
  const { of } = usePlace();
  const keys = useAnswer('key.list', {}).value?.keys;
  if (keys === undefined) return <div className="page" role="status">Reading the keys…</div>;
  const sources = keys.filter(({ purpose, state }) => (purpose === 'key-derivation' || purpose === 'key-agreement') && state === 'active');
  return <Derive sources={sources} preferred={of} />;
}

/** What a derivation takes, as it is put together. */
interface Terms {
  readonly from: string;
  readonly way: Derivation | undefined;
  readonly peer: ChosenFile | undefined;
  readonly info: string;
  readonly salt: string;
}

function isKem(key: KeyView | undefined): boolean {
  return key !== undefined && algorithmFacts[key.algorithm].family === 'ml-kem';
}

function plainHex(typed: string): string {
  return typed.replace(/[\s:]/g, '').toLowerCase();
}

function saltFault(salt: string): string | undefined {
  return /^([0-9a-f]{2})*$/.test(plainHex(salt)) ? undefined : 'pairs of hex digits';
}

/** Why it does not go on yet. */
function stuckWhy(key: KeyView | undefined, { peer, salt }: Terms, named: boolean): string | undefined {
  if (key?.purpose !== 'key-derivation' && peer === undefined) return isKem(key) ? 'Choose what they encapsulated to your key' : "Choose the other party's public key";
  if (saltFault(salt) !== undefined) return 'Mend the salt first';
  return named ? undefined : 'Give it a name that no other key has';
}

/** The way that was chosen, where the key has it; else its first. */
function wayOf(key: KeyView | undefined, { way }: Terms): Derivation | undefined {
  const ways = key === undefined ? [] : derivationsOf(key.algorithm);
  return way !== undefined && ways.includes(way) ? way : ways[0];
}

async function make(key: KeyView | undefined, terms: Terms, fresh: NewKey, control: CallControl): Promise<string> {
  const { peer, info, salt } = terms;
  const derivation = wayOf(key, terms);
  const more = { ...(info === '' ? {} : { info }), ...(salt === '' ? {} : { salt: plainHex(salt) }) };
  if (key !== undefined) return (await call('key.derive', { ...fresh, from: key.name, ...(peer === undefined ? {} : { peer: peer.grant }), ...(derivation === undefined ? {} : { derivation }), ...more }, control)).key.name;
  const ciphertext = (await call('host.chooseFile', { use: 'ciphertext', name: `${fresh.name}.kem` })).grant;
  return (await call('key.encapsulate', { ...fresh, to: peer?.grant ?? '', ciphertext, ...more }, control)).key.name;
}

function firstOf(sources: readonly KeyView[], preferred: string | undefined): string {
  return (sources.find(({ name }) => name === preferred) ?? sources[0])?.name ?? theirs.value;
}

function Derive({ sources, preferred }: { readonly sources: readonly KeyView[]; readonly preferred: string | undefined }): ReactElement {
  const [terms, setTerms] = useState<Terms>({ from: firstOf(sources, preferred), way: undefined, peer: undefined, info: '', salt: '' });
  const [wanted, setWanted] = useState<NewKey>({ name: '', purpose: 'data-encryption', algorithm: 'aes-256', exportable: false });
  const work = useWork(`Deriving ${wanted.name}`);
  const fault = useNameFault(wanted.name);
  const key = sources.find(({ name }) => name === terms.from);
  const stuck = stuckWhy(key, terms, wanted.name !== '' && fault === undefined);
  const fresh = fitted(wanted, derived);
  const start = async () => {
    const made = await work.run((control) => make(key, terms, fresh, control));
    setTerms((old) => ({ ...old, peer: undefined })); // a grant is good for one use
    if (made !== undefined) go('key', made);
  };
  return (
    <Page
      crumb={<a href={at('keys')}>Keys</a>}
      title={key === undefined ? 'Agree on a key by ML-KEM' : key.purpose === 'key-derivation' ? 'Derive a key' : 'Agree on a key'}
      foot={
        <>
          <Button variant="subtle" color="gray" onClick={() => (key === undefined ? go('keys') : go('key', key.name))}>Cancel</Button>
          <div className="fill small muted">{stuck ?? `It will live in ${key === undefined ? 'the vault store' : `the place of ${key.name}: ${placeWord(key.place.name)}`}`}</div>
          <Act variant="filled" {...named} loading={work.busy} why={stuck} onClick={() => void start()}>{key === undefined ? 'Encapsulate' : 'Derive'} {wanted.name}</Act>
        </>
      }
    >
      <div className="stack wide" style={{ margin: 0 }}>
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        <TermFields sources={sources} chosen={key} terms={terms} onTerms={setTerms} />
        <NewKeyFields value={fresh} onChange={setWanted} algorithms={derived} fault={fault} />
        <Note>{key?.purpose === 'key-derivation' ? 'The same key, text and salt give the same key again.' : 'The other party makes the same key: let them use something that you made with yours, to see that it is.'}</Note>
      </div>
    </Page>
  );
}

interface TermFieldsProps {
  readonly sources: readonly KeyView[];
  readonly chosen: KeyView | undefined;
  readonly terms: Terms;
  readonly onTerms: (terms: Terms) => void;
}

function peerLabel(key: KeyView | undefined): string {
  if (key === undefined) return 'Their ML-KEM-768 public key (PEM, DER)';
  return isKem(key) ? 'What they encapsulated to your ML-KEM key' : "The other party's public key (PEM, DER, JWK)";
}

function TermFields({ sources, chosen, terms, onTerms }: TermFieldsProps): ReactElement {
  const { from, peer, info, salt } = terms;
  const derivation = wayOf(chosen, terms);
  const ways = chosen === undefined ? [] : derivationsOf(chosen.algorithm);
  const takesSalt = derivation !== 'ecdh-raw' && derivation !== 'ecdh-x963-sha256';
  return (
    <>
      <div className="formgrid">
        <KeyField label="From" keys={sources} value={from} withAlgorithm other={theirs} onChange={(name) => onTerms({ ...terms, from: name })} />
        {derivation === undefined || ways.length < 2 ? null : <Field label="How" value={derivation} choices={ways} words={(one) => derivationWords[one]} onChange={(way) => onTerms({ ...terms, way })} />}
      </div>
      {chosen?.purpose === 'key-derivation' ? null : <FileDrop label={peerLabel(chosen)} use="peer" files={peer === undefined ? [] : [peer]} onFiles={([file]) => onTerms({ ...terms, peer: file })} />}
      {derivation === 'ecdh-raw' ? <Note kind="ink">The agreed secret is not spread evenly over its bits, and belongs to no use: take it only where the other party can do nothing else.</Note> : null}
      <TextInput label="A text that binds the key to its use (may be left out)" description="Both parties give the same, letter for letter." maxLength={1024} value={info} onChange={(event) => onTerms({ ...terms, info: event.currentTarget.value })} />
      {takesSalt ? <TextInput label="Salt in hex (may be left out)" value={salt} error={saltFault(salt)} onChange={(event) => onTerms({ ...terms, salt: event.currentTarget.value })} /> : null}
    </>
  );
}
