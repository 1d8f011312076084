/** What was expected on a token and what was found: keys of others in words, with what is unsafe about them, and a way to take them in. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconCertificate, IconCheck, IconCirclePlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { at } from '../client/route.ts';
import { Act } from '../parts/Act.tsx';
import { algorithmWord } from '../parts/algorithmText.ts';
import { Block } from '../parts/Block.tsx';
import { sentence } from '../parts/ErrorPanel.tsx';
import { grouped, many } from '../parts/text.ts';
import { AdoptDialog } from './AdoptDialog.tsx';

type TokenFacts = WindowReply<'token.info'>;
export type FoundKey = TokenFacts['keys'][number];

function Finding({ icon, word }: { readonly icon: ReactNode; readonly word: string }): ReactElement {
  return <span className="state">{icon}{word}</span>;
}

const attributeWords: Readonly<Record<string, string>> = {
  CKA_SIGN: 'signs', CKA_VERIFY: 'verifies', CKA_ENCRYPT: 'encrypts', CKA_DECRYPT: 'decrypts', CKA_WRAP: 'wraps keys', CKA_UNWRAP: 'unwraps keys', CKA_DERIVE: 'derives keys', CKA_SIGN_RECOVER: 'signs with recovery', CKA_VERIFY_RECOVER: 'verifies with recovery',
  CKA_SENSITIVE: 'never shows its bytes', CKA_LOCAL: 'made on a token', CKA_ALWAYS_AUTHENTICATE: 'asks for the PIN each time',
};

/** `Signs, decrypts, may be wrapped out`; all of them by their names behind it. */
export function Attributes({ found: { attributes, exportable } }: { readonly found: FoundKey }): ReactElement {
  const words = attributes.flatMap((name) => attributeWords[name] ?? []);
  return (
    <details>
      <summary>{sentence([...words, exportable ? 'may be wrapped out' : 'never leaves'].join(', '))}</summary>
      <span className="mono small" style={{ overflowWrap: 'anywhere' }}>{attributes.join(', ')}</span>
    </details>
  );
}

export function KeyIdentity({ found: { id, fingerprint, algorithm, kind, companions } }: { readonly found: FoundKey }): ReactElement {
  return (
    <>
      <span className="two-line"><b>{algorithm === undefined ? (kind === 'pair' ? 'a pair of a kind that is not used here' : 'a secret of a kind that is not used here') : algorithmWord(algorithm)}</b>, CKA_ID {id === '' ? 'none' : <span className="mono">{grouped(id)}</span>}</span>
      {fingerprint === undefined ? null : <span className="two-line small muted">{wordsOf(fingerprint).slice(0, 6).join(' ')}</span>}
      {companions.length === 0 ? null : <span className="two-line small muted">with {companions.map(({ kind: what, label }) => `${what === 'certificate' ? 'the certificate' : 'the public key'} “${label}”`).join(', ')}</span>}
    </>
  );
}

export function FoundKeys({ facts: { keys, missing, orphans, token } }: { readonly facts: TokenFacts }): ReactElement {
  const [adopting, setAdopting] = useState<FoundKey>();
  const same = keys.filter(({ knownAs }) => knownAs !== undefined);
  const unknown = keys.filter(({ knownAs }) => knownAs === undefined);
  return (
    <Block title="Expected and found" aside={`${many(same.length, 'key')} the same, ${missing.length + unknown.length} differ`}>
      <div className="t-edge">
        <table>
          <thead><tr><th style={{ width: 118 }}>Finding</th><th style={{ width: '32%' }}>Key</th><th>Found</th></tr></thead>
          <tbody>
            {missing.map((name) => <tr key={name}><td><Finding icon={<IconAlertCircle size={14} aria-hidden="true" />} word="Missing" /></td><td className="wraps"><b>{name}</b></td><td className="wraps">Nothing that is it</td></tr>)}
            {unknown.map((found) => <Unknown key={found.ref} found={found} onAdopt={() => setAdopting(found)} />)}
            {orphans.map(({ label, id, note }) => <tr key={`orphan ${id} ${label}`}><td><Finding icon={<IconCertificate size={14} aria-hidden="true" />} word="Alone" /></td><td className="wraps">certificate “{label}”</td><td className="wraps muted">{sentence(note)}</td></tr>)}
            {same.map(({ ref, label, knownAs = '' }) => <tr key={ref}><td><Finding icon={<IconCheck size={14} aria-hidden="true" />} word="Same" /></td><td className="wraps"><a href={at('key', knownAs.replace(/ version \d+(, a copy)?$/, ''))}>{knownAs}</a></td><td className="wraps muted">{label}</td></tr>)}
          </tbody>
        </table>
      </div>
      {adopting === undefined ? null : <AdoptDialog found={adopting} token={token} onClose={() => setAdopting(undefined)} />}
    </Block>
  );
}

function Unknown({ found, onAdopt }: { readonly found: FoundKey; readonly onAdopt: () => void }): ReactElement {
  const { label, purposes, warnings: [worst, ...others] } = found;
  const why = purposes.length > 0 ? undefined : 'Its kind or its attributes allow no purpose of this vault: make a new key for it';
  return (
    <tr>
      <td style={{ verticalAlign: 'top', paddingTop: 7 }}><Finding icon={<IconCirclePlus size={14} aria-hidden="true" />} word="Not known" /></td>
      <td className="wraps">
        <span className="two-line">label “{label}”</span>
        {why === undefined ? <Button h={26} px={9} fz={12} mt={4} onClick={onAdopt} aria-label={`Adopt ${label}…`}>Adopt…</Button> : <Act h={26} px={9} fz={12} mt={4} why={why}>Adopt…</Act>}
      </td>
      <td className="wraps">
        <KeyIdentity found={found} />
        <Attributes found={found} />
        {worst === undefined ? null : <span className="two-line"><span className="tag ink">unsafe</span> {sentence(worst)}</span>}
        {others.length === 0 ? null : <details><summary>{many(others.length, 'more warning')}</summary><ul>{others.map((warning) => <li key={warning}>{sentence(warning)}</li>)}</ul></details>}
      </td>
    </tr>
  );
}
