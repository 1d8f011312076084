/** Data under keys: `key.encrypt`, `decrypt`, `decryptCbc`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { fromHex, toHex } from '../crypto/bytes.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { decryptCbcFile } from '../work/decryptCbc.ts';
import { decryptFile } from '../work/decryptFile.ts';
import { encryptFile } from '../work/encryptFile.ts';
import type { Workbench } from './workbench.ts';

/** The version that protects: the newest that is active, else the newest, whose state then says why not. */
export function protector({ records }: Workbench, key: KeyRow): VersionRow {
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
  const { key, version, entry, bytesIn, bytesOut } = await decryptFile(bench, { source, target, withKey: request.with, acceptCompromised: request.acceptCompromised, run });
  return { key: key.record.name, version: version.record.number, bytesIn, bytesOut, logEntry: entry.seq };
}

async function decryptCbc(bench: Workbench, request: Request<'key.decryptCbc'>, run: Run): Promise<Reply<'key.decryptCbc'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  const version = records.version(key, request.version);
  const iv = request.iv === undefined ? undefined : fromHex(request.iv);
  if (iv !== undefined && iv.length !== 16) throw new StrongroomError('request-invalid', `"iv" expected 16 bytes in hex, got ${iv.length}`, { field: 'iv' });
  const [source, target] = [ports.files.redeemRead(request.in), ports.files.redeemWrite(request.out)];
  const { padding, acceptCompromised } = request;
  const { entry, ...done } = await decryptCbcFile(bench, { key, version, source, target, iv, padded: padding === 'pkcs7', acceptCompromised, run });
  return { key: key.record.name, version: version.record.number, ...done, logEntry: entry.seq };
}

export const keyUseHandlers = {
  'key.encrypt': encrypt,
  'key.decrypt': decrypt,
  'key.decryptCbc': decryptCbc,
} satisfies Partial<Handlers>;
