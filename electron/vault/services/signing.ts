/** Files signed: `key.sign`, in every form. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { mechanismsOf } from '../../../shared/lifecycle/purposes.ts';
import type { SignatureFormat, SignatureMechanism } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { readSpki } from '../crypto/spki.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { sshMechanism } from '../formats/signing/sshSignature.ts';
import { readX509 } from '../formats/signing/x509.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowCertificateUse } from '../rules/allowCertificateUse.ts';
import { allowUse } from '../rules/allowUse.ts';
import { signBatch } from '../work/signBatch.ts';
import { cmsForm, jwsForm, rawForm, sshForm } from '../work/signatureForm.ts';
import type { SignatureForm, Signing } from '../work/signatureForm.ts';
import { signedInputs } from '../work/signedInput.ts';
import { protector } from './keyUse.ts';
import type { Workbench } from './workbench.ts';

/** RSA in a document that programs of all ages read; elsewhere what is proposed for the algorithm. */
export const documentRsa: SignatureMechanism = 'rsa-pkcs1-sha256';

/** @throws `request-invalid` for a scheme that is not the key's, `refused` KEY-USE-PURPOSE for a key that has none */
export function mechanismFor({ record }: KeyRow, wanted: SignatureMechanism | undefined, proposed?: SignatureMechanism): SignatureMechanism {
  const fits = mechanismsOf(record.algorithm);
  const [first] = fits;
  if (first === undefined) throw refusal('KEY-USE-PURPOSE', `"${record.name}" is a ${record.purpose} key: it signs nothing`, 'use a key of the right purpose');
  const mechanism = wanted ?? (proposed !== undefined && fits.includes(proposed) ? proposed : first);
  if (!fits.includes(mechanism)) throw new StrongroomError('request-invalid', `"mechanism" of "${record.name}" (${record.algorithm}) expected ${fits.join(', ')}, got ${mechanism}`, { field: 'mechanism' });
  return mechanism;
}

/** What belongs to one form only. */
const ownFields: readonly (readonly [field: 'saltLength' | 'namespace' | 'hash' | 'unencoded' | 'acceptExpired', format: SignatureFormat])[] = [
  ['saltLength', 'raw'],
  ['namespace', 'sshsig'],
  ['hash', 'sshsig'],
  ['unencoded', 'jws'],
  ['acceptExpired', 'cms'],
];

type SignRequest = Request<'key.sign'>;

/** @throws `request-invalid` for a field that the form does not have: passed over, it would be taken for heeded */
function requireFields(request: SignRequest, mechanism: SignatureMechanism): void {
  const { format, saltLength, files, signatures } = request;
  const [stray] = ownFields.filter(([field, own]) => request[field] !== undefined && own !== format);
  if (stray !== undefined) throw new StrongroomError('request-invalid', `"${stray[0]}" is for ${stray[1]} signatures, not for ${format}`, { field: stray[0] });
  if (saltLength !== undefined && !mechanism.startsWith('rsa-pss')) throw new StrongroomError('request-invalid', `"saltLength" is for RSA-PSS, not for ${mechanism}`, { field: 'saltLength' });
  if (signatures !== undefined && signatures.length !== files.length) throw new StrongroomError('request-invalid', `"signatures" expected ${files.length} files, one for each of "files", got ${signatures.length}`, { field: 'signatures' });
}

/** @throws `refused` KEY-USE-CERTIFICATE, also where there is no certificate */
function cmsOf(signing: Signing, { acceptExpired }: SignRequest, now: number): SignatureForm {
  const { certificates = [], publicKey } = signing.version.record;
  const [der] = certificates;
  const { name } = signing.key.record;
  if (der === undefined) throw refusal('KEY-USE-CERTIFICATE', `"${name}" version ${signing.version.record.number} has no certificate, which a CMS signature names`, 'ask for one with `key request-certificate`, then attach it with `key attach-certificate`');
  const own = readX509(der);
  if (publicKey === undefined || !equalBytes(own.spki, publicKey)) throw refusal('KEY-USE-CERTIFICATE', `the certificate of "${name}" is of another key`, 'attach the one that was issued for this key');
  const accepted = acceptExpired === true;
  allowCertificateUse({ ...own, now, acceptExpired: accepted });
  return cmsForm(signing, { certificates, time: now, acceptedExpired: accepted && (now < own.notBefore || now > own.notAfter) });
}

function proposedFor(format: SignatureFormat, { record }: VersionRow): SignatureMechanism | undefined {
  if (format === 'cms') return documentRsa;
  return format === 'sshsig' && record.publicKey !== undefined ? (sshMechanism(readSpki(record.publicKey)?.kind) as SignatureMechanism) : undefined;
}

function formOf(signing: Signing, request: SignRequest, now: number): SignatureForm {
  switch (request.format) {
    case 'raw':
      return rawForm(signing, { encoding: request.encoding, saltLength: request.saltLength });
    case 'cms':
      return cmsOf(signing, request, now);
    case 'sshsig':
      return sshForm(signing, { namespace: request.namespace ?? 'file', hash: request.hash ?? 'sha512' });
    case 'jws':
      return jwsForm(signing, { keyId: signing.key.record.name, base64url: request.unencoded !== true });
  }
}

async function sign(bench: Workbench, request: SignRequest, run: Run): Promise<Reply<'key.sign'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const version = protector(bench, key);
  const sources = request.files.map((grant) => ports.files.redeemRead(grant));
  const targets = request.signatures?.map((grant) => ports.files.redeemWrite(grant));
  const now = await bench.trustedNow();
  allowUse({ operation: 'sign', key: key.record, version: version.record, usage: records.usage(version.id), count: sources.length, now });
  const mechanism = mechanismFor(key, request.mechanism, proposedFor(request.format, version));
  requireFields(request, mechanism);
  const form = formOf({ key, version, mechanism }, request, now);
  const inputs = await signedInputs(sources, form.reading, run);
  const { items, entry } = await signBatch(bench, { key, version, form, inputs, targets });
  return { key: key.record.name, version: version.record.number, format: request.format, mechanism, signed: items.filter(({ ok }) => ok).length, items, logEntry: entry.seq };
}

export const signingHandlers = {
  'key.sign': sign,
} satisfies Partial<Handlers>;
