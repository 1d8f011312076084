/** Tags of files: `key.mac`, `key.verifyMac`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { fromHex, toHex } from '../crypto/bytes.ts';
import { equalSecret, sha256 } from '../crypto/hashes.ts';
import type { Handlers } from '../door/handlers.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import type { KeyProvider, MacRequest } from '../providers/provider.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import { countedUse } from '../work/countedUse.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { OutputFile } from '../work/outputFile.ts';
import { readMessage } from '../work/signedInput.ts';
import { underIntent } from '../work/underIntent.ts';
import { protector } from './keyUse.ts';
import type { Workbench } from './workbench.ts';

/** HMAC-SHA-512 has 64 bytes. */
const tagLimit = 64;

interface Tagged {
  readonly sha256: Uint8Array;
  /** Or what failed. */
  readonly tag: Uint8Array | { readonly error: unknown };
}

/** One item of a batch: what fails, fails alone. */
async function tagOf(provider: KeyProvider, { ref, algorithm }: Pick<MacRequest, 'ref' | 'algorithm'>, message: Uint8Array): Promise<Tagged> {
  try {
    return { sha256: sha256(message), tag: await provider.mac({ ref, ...(algorithm === undefined ? {} : { algorithm }), message }) };
  } catch (error) {
    return { sha256: sha256(message), tag: { error } };
  }
}

function itemOf({ sha256: digest, tag }: Tagged, inline: boolean): Reply<'key.mac'>['items'][number] {
  const item = { sha256: toHex(digest) };
  if (!(tag instanceof Uint8Array)) return { ...item, ok: false, error: toErrorInfo(tag.error).message };
  return inline ? { ...item, ok: true, tag: toHex(tag) } : { ...item, ok: true };
}

async function mac(bench: Workbench, request: Request<'key.mac'>): Promise<Reply<'key.mac'>> {
  const { records, ports } = bench;
  if (request.tags !== undefined && request.tags.length !== request.files.length)
    throw new StrongroomError('request-invalid', `"tags" expected ${request.files.length} files, one for each of "files", got ${request.tags.length}`, { field: 'tags' });
  const key = records.key(request.key);
  const version = protector(bench, key);
  const sources = request.files.map((grant) => ports.files.redeemRead(grant));
  const outputs = (request.tags ?? []).map((grant) => OutputFile.plan(ports.files.redeemWrite(grant)));
  const counter = await countedUse(bench, { key, version, operation: 'mac', count: sources.length });
  const body = { algorithm: key.record.algorithm, count: sources.length, number: version.record.number };
  const intent = { act: 'key.mac', place: key.record.place, key: key.id, version: version.id, body, puts: [counter], outputs };
  const { value, entry } = await underIntent(bench, intent, async (provider) => {
    const made: OutputFile[] = [];
    const items: Tagged[] = [];
    for (const [index, source] of sources.entries()) {
      const item = await tagOf(provider, { ref: version.record.ref, algorithm: key.record.algorithm }, await readMessage(source, 'a tag'));
      items.push(item);
      made.push(...(await writeTag(outputs[index], item)));
    }
    requireSome(items);
    return { value: items, body: { items: items.map(({ sha256: digest, tag }) => ({ sha256: digest, ok: tag instanceof Uint8Array })) }, made };
  });
  const items = value.map((item) => itemOf(item, request.tags === undefined));
  return { key: key.record.name, version: version.record.number, algorithm: key.record.algorithm, made: items.filter(({ ok }) => ok).length, items, logEntry: entry.seq };
}

/** @returns the file, where there is one to write and something to write into it */
async function writeTag(output: OutputFile | undefined, { tag }: Tagged): Promise<readonly OutputFile[]> {
  if (output === undefined || !(tag instanceof Uint8Array)) return [];
  await output.write(tag);
  await output.sync();
  return [output];
}

function requireSome(items: readonly Tagged[]): void {
  const [first] = items;
  if (first !== undefined && items.every(({ tag }) => !(tag instanceof Uint8Array)) && !(first.tag instanceof Uint8Array)) throw first.tag.error;
}

async function givenTag({ ports }: Workbench, { tag, tagFile }: Request<'key.verifyMac'>): Promise<Uint8Array> {
  if ((tag === undefined) === (tagFile === undefined)) throw new StrongroomError('request-invalid', '"tag" expected the tag in hex, or its file as "tagFile": one of the two', { field: 'tag' });
  return tag === undefined ? await readSmallFile(ports.files.redeemRead(tagFile ?? ''), tagLimit) : fromHex(tag);
}

interface Candidate {
  readonly version: VersionRow;
  readonly counter: Awaited<ReturnType<typeof countedUse>>;
}

/** Versions that may verify, the newest first. @throws the newest one's refusal where none may */
async function candidatesOf(bench: Workbench, key: KeyRow, { version: number, acceptCompromised }: Request<'key.verifyMac'>): Promise<readonly Candidate[]> {
  const versions = number === undefined ? bench.records.versions(key.id).toReversed() : [bench.records.version(key, number)];
  const found: Candidate[] = [];
  let refused: unknown;
  for (const version of versions) {
    try {
      found.push({ version, counter: await countedUse(bench, { key, version, operation: 'verify', acceptCompromised }) });
    } catch (error) {
      refused ??= error;
    }
  }
  if (found.length === 0) throw refused;
  return found;
}

async function verifyMac(bench: Workbench, request: Request<'key.verifyMac'>): Promise<Reply<'key.verifyMac'>> {
  const { records, ports } = bench;
  const key = records.key(request.key);
  if (key.record.purpose !== 'mac') await countedUse(bench, { key, version: records.version(key), operation: 'mac' });
  const tag = await givenTag(bench, request);
  const message = await readMessage(ports.files.redeemRead(request.in), 'a tag');
  const candidates = await candidatesOf(bench, key, request);
  const [newest] = candidates;
  const body = { algorithm: key.record.algorithm, sha256: sha256(message), number: newest?.version.record.number };
  const intent = { act: 'key.verifyMac', place: key.record.place, key: key.id, version: newest?.version.id ?? key.id, body, puts: candidates.map(({ counter }) => counter) };
  const { value: fit, entry } = await underIntent(bench, intent, async (provider) => {
    const fit = await findFit(provider, key.record, candidates, message, tag);
    return { value: fit, body: { valid: fit !== undefined, ...(fit === undefined ? {} : { number: fit.record.number }) } };
  });
  if (fit === undefined) throw new StrongroomError('signature-invalid', `the tag is not one of "${key.record.name}" over this file`, { nextStep: 'check the file and the tag; a tag is taken at its full length only' });
  return { valid: true, key: key.record.name, version: fit.record.number, state: fit.record.state, logEntry: entry.seq };
}

async function findFit(provider: KeyProvider, { algorithm }: KeyRow['record'], candidates: readonly Candidate[], message: Uint8Array, tag: Uint8Array): Promise<VersionRow | undefined> {
  for (const { version } of candidates) {
    const own = await provider.mac({ ref: version.record.ref, algorithm, message });
    if (equalSecret(own, tag)) return version; // SECURITY: compared in constant time, at full length
  }
  return undefined;
}

export const macHandlers = {
  'key.mac': mac,
  'key.verifyMac': verifyMac,
} satisfies Partial<Handlers>;
