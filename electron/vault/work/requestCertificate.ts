/** A certificate request, signed by the key where it lives: one use of it, under an intent. */
import type { CertificateTemplate } from '../../../shared/model/terms.ts';
import { sha256 } from '../crypto/hashes.ts';
import { utf8 } from '../crypto/bytes.ts';
import { makeCertificateRequest, requestLabel } from '../formats/signing/certificateRequest.ts';
import type { AlternativeName } from '../formats/signing/generalNames.ts';
import { writePem } from '../formats/pem.ts';
import type { WriteGrant } from '../ports/fileGrants.ts';
import type { KeyProvider } from '../providers/provider.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { countedUse } from './countedUse.ts';
import { OutputFile } from './outputFile.ts';
import { signerOf } from './signatureForm.ts';
import type { Signing } from './signatureForm.ts';
import type { AskSignature } from './signTogether.ts';
import { underIntent } from './underIntent.ts';

export interface CertificateAsk extends Signing {
  readonly subject: string;
  readonly sans: readonly AlternativeName[];
  readonly template: CertificateTemplate;
  readonly form: 'pem' | 'der';
  readonly out: WriteGrant | undefined;
}

export interface RequestedCertificate {
  readonly der: Uint8Array;
  readonly sha256: Uint8Array;
  readonly entry: LogEntry;
}

export function requestText(der: Uint8Array): string {
  return writePem(requestLabel, der);
}

function signing(provider: KeyProvider, { version, mechanism }: Signing): AskSignature {
  return async (input, message) => {
    const [result] = await provider.sign({ ref: version.record.ref, mechanism, inputs: [input], messages: [message], publicKey: version.record.publicKey, proof: true });
    if (result?.ok !== true) throw result?.error;
    return result.signature;
  };
}

/** @throws `refused` KEY-USE-*, `request-invalid` for a name that cannot be asked for, `file-*`, what the provider throws */
export async function requestCertificate(bench: Workbench, ask: CertificateAsk): Promise<RequestedCertificate> {
  const { key, version, mechanism, subject, sans, template, form, out } = ask;
  const counter = await countedUse(bench, { key, version, operation: 'sign', proof: true });
  const outputs = out === undefined ? [] : [OutputFile.plan(out)];
  const body = { number: version.record.number, mechanism, template, fingerprint: version.record.fingerprint };
  const names = sans.map(({ kind, value }) => `${kind}:${value}`).join(', ');
  const personal = { subject, ...(names === '' ? {} : { names }) };
  const intent = { act: 'key.requestCertificate', place: key.record.place, key: key.id, version: version.id, body, personal, puts: [counter], outputs };
  const { value: der, entry } = await underIntent(bench, intent, async (provider) => {
    const der = await makeCertificateRequest({ subject, sans, template }, signerOf(ask, signing(provider, ask)));
    for (const output of outputs) {
      await output.write(form === 'der' ? der : utf8(requestText(der)));
      await output.sync();
    }
    return { value: der, body: { sha256: sha256(der) } };
  });
  return { der, sha256: sha256(der), entry };
}
