/** Signatures verified: with a key of this vault, with somebody's key or certificate, or with what is inside them; and what was not looked at. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ChosenFile, WindowReply } from '../../shared/ipc/windowContract.ts';
import { useWork } from '../client/useWork.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Choices } from '../parts/Choices.tsx';
import { sentence } from '../parts/ErrorPanel.tsx';
import { FileDrop } from '../parts/FileDrop.tsx';
import { KeyField } from '../parts/KeyField.tsx';
import { many } from '../parts/text.ts';
import { WorkProgress } from '../parts/WorkProgress.tsx';
import { FileJobList } from './FileJobList.tsx';
import { looksLikeSignature, pairUp } from './pairUp.ts';
import { keysFor } from './UsePage.tsx';
import type { PanelProps } from './UsePage.tsx';
import { useFileJobs } from './useFileJobs.ts';
import { usualWay, wayRequest, VerifyWayFields } from './VerifyWayFields.tsx';
import type { VerifyWay } from './VerifyWayFields.tsx';
import { VerifiedFacts } from './VerifiedFacts.tsx';

type By = 'vault' | 'given' | 'inside';
type Verified = WindowReply<'key.verify'> | WindowReply<'signature.verify'>;

export function Verify(props: PanelProps): ReactElement {
  const keys = keysFor(props, ['signature', 'authentication']);
  const [by, setBy] = useState<By>(keys.length === 0 ? 'given' : 'vault');
  const [name, setName] = useState(keys[0]?.name ?? '');
  const [theirs, setTheirs] = useState<readonly ChosenFile[]>([]);
  const [identity, setIdentity] = useState('');
  const [way, setWay] = useState<VerifyWay>(usualWay);
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [signatures, setSignatures] = useState<readonly ChosenFile[]>([]);
  const done = useFileJobs();
  const work = useWork('Verifying');
  const { pairs, alone } = pairUp(files, signatures);
  const [theirKey] = theirs;
  const stuck = pairs.length === 0 ? 'Choose the file and its signature first' : by === 'given' && theirKey === undefined ? "Choose the signer's key first" : undefined;
  /** Whichever of the two places it was dropped on. */
  const sort = (all: readonly ChosenFile[]) => {
    setSignatures(all.filter(looksLikeSignature));
    setFiles(all.filter((file) => !looksLikeSignature(file)));
  };
  const verifyOne = async (file: string, signature: string): Promise<Verified> => {
    const common = { in: file, signature, ...wayRequest(way) };
    if (by === 'vault') return await call('key.verify', { key: name, ...common });
    const key = theirKey === undefined || by === 'inside' ? {} : { by: (await call('host.grantAgain', { grant: theirKey.grant })).grant };
    return await call('signature.verify', { ...common, ...key, ...(by === 'inside' ? { acceptUnvouched: true } : {}), ...(identity === '' ? {} : { identity }) });
  };
  const start = () =>
    work.run(async ({ onProgress }) => {
      for (const [place, { file, signature }] of pairs.entries()) {
        onProgress?.({ what: `Verifying ${file.name}`, done: place, total: pairs.length, unit: 'items' });
        const result = await verifyOne(file.grant, signature.grant).then((found) => ({ state: 'done' as const, result: <VerifiedFacts found={found} /> }), (error: unknown) => ({ state: 'failed' as const, result: <Invalid error={error} /> }));
        done.put(file, result);
      }
      setFiles([]); // a grant is good for one use
      setSignatures([]);
    });
  return (
    <>
      <Choices label="With whose key" value={by} onChange={setBy} options={whose(keys.length > 0)} />
      {by === 'vault' && keys.length > 0 ? <KeyField label="Key" keys={keys} value={name} onChange={setName} /> : null}
      {by === 'given' ? <FileDrop label="The signer's public key, certificate or allowed_signers" use="verifying-key" files={theirs} onFiles={setTheirs} /> : null}
      {by === 'given' && theirKey?.name.includes('signers') === true ? <TextInput label="Who must have signed (may be left out)" description="As allowed_signers names them, say ada@example.org." value={identity} onChange={(event) => setIdentity(event.currentTarget.value)} /> : null}
      <FileDrop label="Files" use="verify" several files={files} onFiles={(all) => (all.some(looksLikeSignature) ? sort([...all, ...signatures]) : setFiles(all))} />
      <FileDrop label="Their signatures" use="signature" several files={signatures} onFiles={setSignatures} />
      {alone.length > 0 && files.length + signatures.length > 1 ? <p className="small muted">{many(alone.length, 'file')} without a counterpart: a signature is named as its file, with .sig, .p7s or .jws.</p> : null}
      <VerifyWayFields value={way} onChange={setWay} />
      <WorkProgress work={work} what="Verifying" />
      <div>
        <Act variant="filled" loading={work.busy} why={stuck} onClick={() => void start()}>{pairs.length > 1 ? `Verify ${pairs.length} files` : 'Verify'}</Act>
        {stuck === undefined ? null : <span className="small muted" style={{ marginLeft: 12 }}>{stuck}</span>}
        {files.length + signatures.length === 0 ? null : <Button variant="subtle" color="gray" ml={8} onClick={() => sort([])}>Clear</Button>}
      </div>
      <FileJobList files={done} doneWord="Valid" failedWord="Not valid" />
    </>
  );
}

function whose(hasKeys: boolean) {
  return [
    { value: 'vault' as const, title: 'A key of this vault', why: 'Any of its versions.', no: hasKeys ? undefined : 'No key of this vault signs.' },
    { value: 'given' as const, title: "Somebody's key", why: 'A public key, a certificate, or an allowed_signers file.' },
    { value: 'inside' as const, title: 'The certificate or key inside the signature', why: 'Says that the file is unchanged since; nobody vouches for who signed.' },
  ];
}

function Invalid({ error }: { readonly error: unknown }): ReactElement {
  const { message, code, nextStep } = infoOf(error);
  return <>{sentence(message)} {code === 'signature-invalid' || nextStep === undefined ? '' : sentence(nextStep)}</>;
}
