/** A certificate request: for which names, for what; signed by the key where it lives, and written to a file for whoever issues. */
import { Button, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { certificateTemplates } from '../../shared/model/terms.ts';
import type { CertificateTemplate } from '../../shared/model/terms.ts';
import { useWork } from '../client/useWork.ts';
import { call } from '../client/vaultClient.ts';
import { Act } from '../parts/Act.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Field } from '../parts/Field.tsx';
import { count } from '../parts/text.ts';
import { Words } from '../parts/Words.tsx';

const templateWords: Readonly<Record<CertificateTemplate, string>> = {
  none: 'whatever the issuer decides', server: 'a server (TLS)', client: 'a client (TLS)', 'code-signing': 'signing code', email: 'e-mail (S/MIME)', 'document-signing': 'signing documents', 'sub-ca': 'an authority below theirs', 'key-transport': 'receiving keys', 'key-agreement': 'agreeing on keys',
};

interface Made {
  readonly request: WindowReply<'key.requestCertificate'>;
  readonly file: string;
}

export function RequestDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  const [subject, setSubject] = useState(`CN=${name.replace(/[,+"\\<>;=#]/g, ' ')}`);
  const [names, setNames] = useState('');
  const [template, setTemplate] = useState<CertificateTemplate>('none');
  const [made, setMade] = useState<Made>();
  const work = useWork(`Certificate request of ${name}`);
  const san = names.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const wrong = san.find((line) => !/^(dns|ip|email|uri):./.test(line));
  const why = wrong !== undefined ? `“${wrong}”: begin it with dns:, ip:, email: or uri:` : subject.trim() === '' && san.length === 0 ? 'Give it a subject or another name' : undefined;
  const ask = async () =>
    setMade(
      await work.run(async (control) => {
        const chosen = await call('host.chooseFile', { use: 'certificate-request', name: `${name}.csr` });
        return { request: await call('key.requestCertificate', { key: name, subject: subject.trim(), template, out: chosen.grant, ...(san.length === 0 ? {} : { san }) }, control), file: chosen.name };
      }),
    );
  return (
    <Dialog title={made === undefined ? `Request a certificate for ${name}` : 'The request is written'} onClose={onClose} busy={work.busy}>
      <div className="stack">
        {work.error === undefined ? null : <ErrorPanel error={work.error} />}
        {made === undefined ? (
          <>
            <TextInput label="Subject" description="As CN=name,O=organisation,C=DE (RFC 4514)." value={subject} maxLength={1000} onChange={(event) => setSubject(event.currentTarget.value)} data-autofocus />
            <Textarea label="Other names, one to a line (may be left out)" description="dns:host.example, ip:192.0.2.1, email:ada@example.org, uri:https://example.org" rows={3} value={names} error={wrong === undefined ? undefined : why} onChange={(event) => setNames(event.currentTarget.value)} />
            <Field label="It is for" value={template} choices={certificateTemplates} words={(one) => templateWords[one]} onChange={setTemplate} />
            <p className="small muted">It holds the public half and these names, signed by the key where it lives: on a token that may take its PIN.</p>
            <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
              <Button onClick={onClose} disabled={work.busy}>Not now</Button>
              <Act variant="filled" loading={work.busy} why={why} onClick={() => void ask()}>Write the request…</Act>
            </div>
          </>
        ) : (
          <>
            <p role="status">Written to {made.file}, log entry {count(made.request.logEntry)}. Send it to whoever issues certificates, and read these words to them: they are of the public key in it.</p>
            <Words hex={made.request.fingerprint} />
            <p className="small muted">When the certificate is here, attach it on this page.</p>
            <div style={{ textAlign: 'right' }}><Button variant="filled" onClick={onClose} data-autofocus>Done</Button></div>
          </>
        )}
      </div>
    </Dialog>
  );
}
