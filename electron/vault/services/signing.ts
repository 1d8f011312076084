/** Files signed and verified: `key.sign`, `key.verify`. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { mechanismsOf, purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import type { Algorithm, SignatureMechanism } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { isCurve } from '../crypto/spki.ts';
import type { CurveKind, PublicKeyKind } from '../crypto/spki.ts';
import { verifySignature } from '../crypto/verifySignature.ts';
import type { Verdict } from '../crypto/verifySignature.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { ecdsaToDer, ecdsaToP1363 } from '../formats/signing/ecdsaSignature.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowUse } from '../rules/allowUse.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { signBatch } from '../work/signBatch.ts';
import { signedInput, signedInputs } from '../work/signedInput.ts';
import { protector } from './keyUse.ts';
import type { Workbench } from './workbench.ts';

/** An ML-DSA-65 signature has 3,309 bytes. */
const signatureLimit = 8192;

/** @throws `request-invalid` for a scheme that is not the key's, `refused` KEY-USE-PURPOSE for a key that has none */
function mechanismFor({ record }: KeyRow, wanted: SignatureMechanism | undefined, saltLength: number | undefined): SignatureMechanism {
  const fits = mechanismsOf(record.algorithm);
  const [first] = fits;
  if (first === undefined) throw refusal('KEY-USE-PURPOSE', `"${record.name}" is a ${record.purpose} key: it signs nothing`, 'use a key of the right purpose');
  const mechanism = wanted ?? first;
  if (!fits.includes(mechanism)) throw new StrongroomError('request-invalid', `"mechanism" of "${record.name}" (${record.algorithm}) expected ${fits.join(', ')}, got ${mechanism}`, { field: 'mechanism' });
  if (saltLength !== undefined && !mechanism.startsWith('rsa-pss')) throw new StrongroomError('request-invalid', `"saltLength" is for RSA-PSS, not for ${mechanism}`, { field: 'saltLength' });
  return mechanism;
}

type Encoding = Request<'key.sign'>['encoding'];

function curveOf(algorithm: Algorithm): CurveKind | undefined {
  return isCurve(algorithm as PublicKeyKind) ? (algorithm as CurveKind) : undefined;
}

function encoder(algorithm: Algorithm, encoding: Encoding): (signature: Uint8Array) => Uint8Array {
  const curve = curveOf(algorithm);
  return curve === undefined || encoding === 'p1363' ? (signature) => signature : (signature) => ecdsaToDer(signature, curve);
}

async function sign(bench: Workbench, request: Request<'key.sign'>, run: Run): Promise<Reply<'key.sign'>> {
  const { records, ports } = bench;
  const { files, signatures, saltLength } = request;
  if (signatures !== undefined && signatures.length !== files.length)
    throw new StrongroomError('request-invalid', `"signatures" expected ${files.length} files, one for each of "files", got ${signatures.length}`, { field: 'signatures' });
  const key = records.key(request.key);
  const version = protector(bench, key);
  const sources = files.map((grant) => ports.files.redeemRead(grant));
  const targets = signatures?.map((grant) => ports.files.redeemWrite(grant));
  allowUse({ operation: 'sign', key: key.record, version: version.record, usage: records.usage(version.id), count: files.length, now: await bench.trustedNow() });
  const mechanism = mechanismFor(key, request.mechanism, saltLength);
  const inputs = await signedInputs(sources, mechanism, run);
  const { items, entry } = await signBatch(bench, { key, version, mechanism, inputs, targets, saltLength, encode: encoder(key.record.algorithm, request.encoding) });
  return { key: key.record.name, version: version.record.number, mechanism, signed: items.filter(({ ok }) => ok).length, items, logEntry: entry.seq };
}

interface Fit {
  readonly version: VersionRow;
  readonly verdict: Verdict;
}

/** SECURITY: a valid signature whose salt is not the one that was asked for is named, and not taken. */
function requireSalt(verdict: Verdict, wanted: number | undefined): void {
  if (wanted === undefined || verdict.saltLength === wanted) return;
  throw new StrongroomError('signature-invalid', `the signature was made with a salt of ${verdict.saltLength} bytes: "saltLength" expected ${wanted}`, { field: 'saltLength', nextStep: 'ask the signer for the agreed salt length' });
}

function saltNotes(mechanism: SignatureMechanism, { saltLength }: Verdict): string[] {
  const hash = Number(mechanism.slice(-3)) / 8;
  if (saltLength === undefined || saltLength === hash) return [];
  return [`the salt has ${saltLength} bytes, ${saltLength > hash ? 'longer' : 'shorter'} than the hash (${hash})`];
}

async function verify(bench: Workbench, request: Request<'key.verify'>, run: Run): Promise<Reply<'key.verify'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const { algorithm, purpose, name } = key.record;
  const now = await bench.trustedNow();
  if (!purposeFacts[purpose].operations.includes('verify')) allowUse({ operation: 'verify', key: key.record, version: records.version(key).record, usage: records.usage(key.id), count: 1, now });
  const mechanism = mechanismFor(key, request.mechanism, request.saltLength);
  const given = await readSmallFile(ports.files.redeemRead(request.signature), signatureLimit);
  const curve = curveOf(algorithm);
  const signature = curve === undefined || request.encoding === 'p1363' ? given : ecdsaToP1363(given, curve);
  const { input } = await signedInput(ports.files.redeemRead(request.in), mechanism, run);
  const versions = request.version === undefined ? records.versions(key.id).toReversed() : [records.version(key, request.version)];
  const fit = findFit(versions, (spki) => verifySignature(spki, mechanism, input, signature, { saltLength: 'any' }));
  if (fit === undefined) throw new StrongroomError('signature-invalid', `the signature is not one of "${name}" over this file by ${mechanism}`, { nextStep: 'check the file, the signature, --mechanism and --encoding' });
  requireSalt(fit.verdict, request.saltLength);
  const { record, id } = fit.version;
  // A destroyed private key's signatures stay what they were: its public half is no secret, and is judged as deactivated (SP 800-57 Part 1 §7.6).
  const judged = record.state === 'destroyed' ? { ...record, state: 'deactivated' as const } : record;
  allowUse({ operation: 'verify', key: key.record, version: judged, usage: records.usage(id), count: 1, now, acceptCompromised: name });
  const { saltLength } = fit.verdict;
  return { valid: true, key: name, version: record.number, state: record.state, mechanism, ...(saltLength === undefined ? {} : { saltLength }), notes: saltNotes(mechanism, fit.verdict) };
}

function findFit(versions: readonly VersionRow[], check: (spki: Uint8Array) => Verdict): Fit | undefined {
  for (const version of versions) {
    const { publicKey } = version.record;
    const verdict = publicKey === undefined ? undefined : check(publicKey);
    if (verdict?.valid === true) return { version, verdict };
  }
  return undefined;
}

export const signingHandlers = {
  'key.sign': sign,
  'key.verify': verify,
} satisfies Partial<Handlers>;
