/** Data under keys: `key.encrypt`, `decrypt`. */
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Handlers } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
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
  const { key, version, entry, bytesIn, bytesOut } = await decryptFile(bench, { source, target, acceptCompromised: request.acceptCompromised, run });
  return { key: key.record.name, version: version.record.number, bytesIn, bytesOut, logEntry: entry.seq };
}

export const keyUseHandlers = {
  'key.encrypt': encrypt,
  'key.decrypt': decrypt,
} satisfies Partial<Handlers>;
