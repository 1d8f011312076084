/** Keys at work: `key.encrypt`, `decrypt`, `sign`, `verify`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { purposeFacts } from '../../../shared/lifecycle/purposes.ts';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import { newHash } from '../crypto/hashes.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import { hashOf, verifyRsaDigest } from '../crypto/rsaVerify.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { allowUse } from '../rules/allowUse.ts';
import { decryptFile } from '../work/decryptFile.ts';
import { encryptFile } from '../work/encryptFile.ts';
import { readSmallFile, readStream } from '../work/inputFile.ts';
import { signBatch } from '../work/signBatch.ts';
import type { Workbench } from './workbench.ts';

/** A signature of RSA-4096 has 512 bytes. */
const signatureLimit = 4096;

/** The version that protects: the newest that is active, else the newest, whose state then says why not. */
function protector({ records }: Workbench, key: KeyRow): VersionRow {
  return records.versions(key.id).findLast(({ record }) => record.state === 'active') ?? records.version(key);
}

async function encrypt(bench: Workbench, request: Request<'key.encrypt'>, run: Run): Promise<Reply<'key.encrypt'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const version = protector(bench, key);
  const [source, target] = [ports.files.redeemRead(request.in), ports.files.redeemWrite(request.out)];
  const { entry, ...done } = await encryptFile(bench, { key, version, source, target, run });
  return { key: key.record.name, version: version.record.number, bytesIn: done.bytesIn, bytesOut: done.bytesOut, sha256: toHex(done.sha256), logEntry: entry.seq };
}

async function decrypt(bench: Workbench, request: Request<'key.decrypt'>, run: Run): Promise<Reply<'key.decrypt'>> {
  const { files } = bench.ports;
  const [source, target] = [files.redeemRead(request.in), files.redeemWrite(request.out)];
  const { key, version, entry, bytesIn, bytesOut } = await decryptFile(bench, { source, target, acceptCompromised: request.acceptCompromised, run });
  return { key: key.record.name, version: version.record.number, bytesIn, bytesOut, logEntry: entry.seq };
}

/** The hash of a file, as the mechanism wants it. The core hashes; the token sees a digest. */
async function digestOf(grant: ReadGrant, mechanism: SignatureMechanism, run: Run): Promise<Uint8Array> {
  const digest = newHash(hashOf(mechanism));
  const what = 'hashing';
  const input = await readStream(grant, run.signal, (done, total) => run.progress({ what, done, total, unit: 'bytes' }));
  try {
    for await (const chunk of input.chunks) digest.update(chunk);
    return digest.digest();
  } finally {
    await input.close();
  }
}

async function sign(bench: Workbench, request: Request<'key.sign'>, run: Run): Promise<Reply<'key.sign'>> {
  const { records, ports } = bench;
  const { mechanism, files, signatures } = request;
  if (signatures !== undefined && signatures.length !== files.length)
    throw new StrongroomError('request-invalid', `"signatures" expected ${files.length} files, one for each of "files", got ${signatures.length}`, { field: 'signatures' });
  const key = records.key(request.key);
  const version = protector(bench, key);
  const sources = files.map((grant) => ports.files.redeemRead(grant));
  const targets = signatures?.map((grant) => ports.files.redeemWrite(grant));
  const digests: Uint8Array[] = [];
  for (const source of sources) digests.push(await digestOf(source, mechanism, run));
  const { items, entry } = await signBatch(bench, { key, version, mechanism, digests, targets });
  return { key: key.record.name, version: version.record.number, mechanism, signed: items.filter(({ ok }) => ok).length, items, logEntry: entry.seq };
}

async function verify(bench: Workbench, request: Request<'key.verify'>, run: Run): Promise<Reply<'key.verify'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const now = await bench.trustedNow();
  if (!purposeFacts[key.record.purpose].operations.includes('verify')) allowUse({ operation: 'verify', key: key.record, version: records.version(key).record, usage: records.usage(key.id), count: 1, now });
  const signature = await readSmallFile(ports.files.redeemRead(request.signature), signatureLimit);
  const digest = await digestOf(ports.files.redeemRead(request.in), request.mechanism, run);
  const versions = request.version === undefined ? records.versions(key.id).toReversed() : [records.version(key, request.version)];
  const fit = versions.find(({ record }) => record.publicKey !== undefined && verifyRsaDigest(record.publicKey, request.mechanism, digest, signature));
  if (fit === undefined) throw new StrongroomError('signature-invalid', `the signature is not one of "${key.record.name}" over this file by ${request.mechanism}`, { nextStep: 'check the file, the signature and --mechanism' });
  // A destroyed private key's signatures stay what they were: its public half is no secret, and is judged as deactivated (SP 800-57 Part 1 §7.6).
  const record = fit.record.state === 'destroyed' ? { ...fit.record, state: 'deactivated' as const } : fit.record;
  allowUse({ operation: 'verify', key: key.record, version: record, usage: records.usage(fit.id), count: 1, now, acceptCompromised: key.record.name });
  return { valid: true, key: key.record.name, version: fit.record.number, state: fit.record.state };
}

export const keyUseHandlers = {
  'key.encrypt': encrypt,
  'key.decrypt': decrypt,
  'key.sign': sign,
  'key.verify': verify,
} satisfies Partial<Handlers>;
