/** The certificate of a key: whose, from whom, how long and for what; asked for, attached, written out. */
import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleXFilled, IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import type { VersionView } from '../keys/KeyDetail.tsx';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';
import { Facts } from '../parts/Facts.tsx';
import { day, grouped, many } from '../parts/text.ts';
import { RequestDialog } from './RequestDialog.tsx';

type Certificate = NonNullable<VersionView['certificate']>;

interface Standing {
  readonly word: string;
  readonly shape: ReactElement;
  readonly bad: boolean;
}

/** By its own dates and this computer's clock; a certificate whose dates cannot be read is never called valid. */
function standingOf({ notBefore, notAfter }: Certificate, now: number): Standing {
  if (notBefore === undefined || notAfter === undefined) return { word: 'Damaged', shape: <IconCircleXFilled size={14} aria-hidden="true" />, bad: true };
  if (now > Date.parse(notAfter)) return { word: 'Expired', shape: <IconCircleXFilled size={14} aria-hidden="true" />, bad: true };
  if (now < Date.parse(notBefore)) return { word: 'Not yet valid', shape: <IconClock size={14} aria-hidden="true" />, bad: false };
  return { word: 'In its time', shape: <IconCircleCheck size={14} aria-hidden="true" />, bad: false };
}

export interface CertificateBlockProps {
  readonly name: string;
  readonly version: VersionView;
}

export function CertificateBlock({ name, version }: CertificateBlockProps): ReactElement {
  const [asking, setAsking] = useState(false);
  const [told, setTold] = useState<string>();
  const work = useWork(`Certificate of ${name}`);
  const { certificate } = version;
  const attach = async () => {
    setTold(undefined);
    const done = await work.run(async (control) => call('key.attachCertificate', { key: name, file: (await call('host.chooseFile', { use: 'certificate' })).grant }, control));
    if (done !== undefined) setTold(`${done.replaced === undefined ? 'Attached' : 'Attached in place of the one before'}, log entry ${done.logEntry}.`);
  };
  const save = async () => {
    setTold(undefined);
    const file = await work.run(async () => {
      const chosen = await call('host.chooseFile', { use: 'export-certificate', name: `${name}.pem` });
      await call('key.certificate', { key: name, out: chosen.grant });
      return chosen;
    });
    if (file !== undefined) setTold(`Written to ${file.name}.`);
  };
  return (
    <Block title="Certificate" aside={version.state === 'destroyed' ? undefined : <span style={{ display: 'flex', gap: 12 }}><button type="button" className="link" onClick={() => setAsking(true)}>Request one…</button><button type="button" className="link" onClick={() => void attach()}>{certificate === undefined ? 'Attach one…' : 'Attach another…'}</button></span>}>
      {work.error === undefined ? null : <ErrorPanel error={work.error} />}
      {told === undefined ? null : <p role="status">{told}</p>}
      {certificate === undefined ? <p className="muted">None is attached to version {version.number}. CMS signatures carry one: request it here, have it issued, and attach what comes back.</p> : <Shown certificate={certificate} now={Date.now()} busy={work.busy} onSave={() => void save()} />}
      {asking ? <RequestDialog name={name} onClose={() => setAsking(false)} /> : null}
    </Block>
  );
}

interface ShownProps {
  readonly certificate: Certificate;
  readonly now: number;
  readonly busy: boolean;
  readonly onSave: () => void;
}

function Shown({ certificate, now, busy, onSave }: ShownProps): ReactElement {
  const { subject, issuer, serial, notBefore, notAfter, usages, fingerprint, chain, notes } = certificate;
  const { word, shape, bad } = standingOf(certificate, now);
  const time = notBefore === undefined || notAfter === undefined ? 'its dates cannot be read' : `${day(notBefore)} to ${day(notAfter)}`;
  return (
    <div className="panel stack" style={{ padding: '12px 14px' }}>
      <div style={{ display: 'flex', gap: 12, alignItems: 'center' }}>
        <span className={`state ${bad ? 'bad' : ''}`} data-standing={word}>{shape}{word}</span>
        <span className="muted" style={{ flex: 1 }}>{time}</span>
        <Button h={26} px={9} fz={12} loading={busy} onClick={onSave}>Save with its chain…</Button>
      </div>
      <Facts
        rows={[
          ['Subject', subject ?? 'cannot be read'],
          ['Issuer', issuer ?? 'cannot be read'],
          serial === undefined ? undefined : ['Serial number', <span key="s" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(serial)}</span>],
          ['For', usages.length === 0 ? 'it restricts nothing' : usages.join(', ')],
          ['Chain', chain === 1 ? 'the certificate alone' : `${many(chain, 'certificate')}, its own first; not judged here`],
          ['Fingerprint', <span key="f" className="mono" style={{ overflowWrap: 'anywhere' }}>{grouped(fingerprint)}</span>],
          notes.length === 0 ? undefined : ['Noted', notes.map(sentence).join(' ')],
        ]}
      />
    </div>
  );
}
