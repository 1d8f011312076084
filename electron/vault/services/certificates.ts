/** Certificates of keys: `key.requestCertificate`, `attachCertificate`, `certificate`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { provingPurposes } from '../../../shared/lifecycle/purposes.ts';
import type { CertificateTemplate, Purpose } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Handlers } from '../door/handlers.ts';
import { readCertificateChain } from '../formats/signing/certificateChain.ts';
import { largestDocument } from '../formats/signing/documentBytes.ts';
import type { AlternativeName } from '../formats/signing/generalNames.ts';
import { writePem } from '../formats/pem.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowUse } from '../rules/allowUse.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { withOutput } from '../work/outputFile.ts';
import { requestCertificate, requestText } from '../work/requestCertificate.ts';
import { viewCertificate } from './certificateViews.ts';
import { viewKeyAndVersion } from './keyViews.ts';
import { documentRsa, mechanismFor } from './signing.ts';
import type { Workbench } from './workbench.ts';

const kinds = ['dns', 'ip', 'email', 'uri'] as const;

/** @throws `request-invalid` for a name without its kind */
function alternativeName(text: string): AlternativeName {
  const [, prefix, value] = /^([A-Za-z]+):(.+)$/s.exec(text) ?? [];
  const kind = kinds.find((name) => name === prefix?.toLowerCase());
  if (kind === undefined || value === undefined) throw new StrongroomError('request-invalid', `"san" expected ${kinds.join(':, ')}: and a name`, { field: 'san', nextStep: 'write dns:vault.example.org, ip:192.0.2.1, email:ada@example.org or uri:urn:example' });
  return { kind, value };
}

/** SECURITY: a certificate that lets a key do what its purpose forbids is not asked for. @throws `request-invalid` */
function requireTemplate(name: string, purpose: Purpose, template: CertificateTemplate): void {
  const fits = template === 'none' || (provingPurposes.includes(purpose) ? template === purpose : template !== 'key-transport' && template !== 'key-agreement');
  if (!fits) throw new StrongroomError('request-invalid', `"template" of the ${purpose} key "${name}" expected ${provingPurposes.includes(purpose) ? `none or ${purpose}` : 'one for signatures'}, got ${template}`, { field: 'template' });
}

function publicHalf({ record: { name } }: KeyRow, { record }: VersionRow): Uint8Array {
  if (record.publicKey === undefined) throw new StrongroomError('request-invalid', `"key" expected a pair whose public half is known, got "${name}"`, { field: 'key' });
  return record.publicKey;
}

async function ask(bench: Workbench, request: Request<'key.requestCertificate'>): Promise<Reply<'key.requestCertificate'>> {
  const { records, ports } = bench;
  const { subject, san = [], template, form } = request;
  const key = records.key(request.key);
  const version = records.version(key, request.version);
  allowUse({ operation: 'sign', key: key.record, version: version.record, usage: records.usage(version.id), count: 1, now: await bench.trustedNow(), proof: true });
  const mechanism = mechanismFor(key, request.mechanism, documentRsa);
  requireTemplate(key.record.name, key.record.purpose, template);
  const spki = publicHalf(key, version);
  const out = request.out === undefined ? undefined : ports.files.redeemWrite(request.out);
  const made = await requestCertificate(bench, { key, version, mechanism, subject, sans: san.map(alternativeName), template, form, out });
  const text = form === 'pem' ? { text: requestText(made.der) } : {};
  return { key: key.record.name, version: version.record.number, mechanism, fingerprint: toHex(sha256(spki)), sha256: toHex(made.sha256), ...text, logEntry: made.entry.seq };
}

async function attach(bench: Workbench, request: Request<'key.attachCertificate'>): Promise<Reply<'key.attachCertificate'>> {
  const { records, ports, vault } = bench;
  const key = records.key(request.key);
  const version = records.version(key, request.version);
  const spki = publicHalf(key, version);
  const now = await bench.trustedNow();
  const { leaf, rest } = readCertificateChain(await readSmallFile(ports.files.redeemRead(request.file), largestDocument), spki);
  const certificates = [leaf, ...rest].map(({ der }) => der);
  const [before] = version.record.certificates ?? [];
  const replaced = before === undefined ? {} : { replaced: sha256(before) };
  const record = { ...version.record, certificates };
  const { subject, issuer, notBefore, notAfter } = leaf;
  const body = { act: 'key.attachCertificate', key: key.id, version: version.id, number: version.record.number, certificate: leaf.fingerprint, chain: certificates.length, notBefore, notAfter, ...replaced };
  const entry = vault.commit({ kind: 'key', body, personal: { subject, issuer }, puts: [put('version', version.id, record)] });
  const certificate = viewCertificate(certificates, spki, now);
  return { ...viewKeyAndVersion(records, key, { id: version.id, record }, now), certificate, ...(before === undefined ? {} : { replaced: toHex(sha256(before)) }), logEntry: entry.seq };
}

async function show(bench: Workbench, request: Request<'key.certificate'>): Promise<Reply<'key.certificate'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const { record } = records.version(key, request.version);
  const { certificates = [], publicKey } = record;
  if (certificates.length === 0) throw new StrongroomError('not-found', `"${key.record.name}" version ${record.number} has no certificate`, { field: 'key', nextStep: 'attach one with `key attach-certificate`' });
  const text = certificates.map((der) => writePem('CERTIFICATE', der)).join('');
  if (request.out !== undefined) {
    await withOutput(ports.files.redeemWrite(request.out), async (output) => {
      await output.write(utf8(text));
      await output.sync();
    });
  }
  return { certificate: viewCertificate(certificates, publicKey, ports.clock.now()), text };
}

export const certificateHandlers = {
  'key.requestCertificate': ask,
  'key.attachCertificate': attach,
  'key.certificate': show,
} satisfies Partial<Handlers>;
