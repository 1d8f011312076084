/**
 * Keys onto another token, as approved: a transport pair for this act, each key wrapped to it in its place and opened there, the proof that both hold
 * the same, and the pair destroyed. One intent covers all of it: what it may make is named before, and what has no outcome is destroyed again.
 */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { CopyProof } from '../../../shared/model/terms.ts';
import type { Run } from '../door/run.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { KeyProvider, ProviderKey } from '../providers/provider.ts';
import { makeSoftwareProvider } from '../providers/software/softwareProvider.ts';
import type { Approved } from '../quorum/approved.ts';
import type { ActOf, Travelling } from '../quorum/guardedRequest.ts';
import type { CopyRecord, KeyRecord, Place, VersionRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Way } from '../rules/allowCopy.ts';
import type { Workbench } from '../services/workbench.ts';
import type { CborMap, LogEntry, RowPut } from '../unlock/openVault.ts';
import { movedTo, withCopy } from './copyRecords.ts';
import { transportOnComputer, transportOnToken } from './copyTransport.ts';
import type { Transport } from './copyTransport.ts';
import { proveSame } from './proveSame.ts';
import { StagedMaterials } from './stagedMaterials.ts';
import { underIntent } from './underIntent.ts';

/** A version that goes, as it was approved and as it was looked at again. */
export interface Going {
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly travelling: Travelling;
  readonly way: Way;
}

export interface Copying {
  readonly act: ActOf<'key.copy'> | ActOf<'token.clone'>;
  readonly approved: Approved;
  readonly going: readonly Going[];
  /** The destination as it was seen. */
  readonly puts: readonly RowPut[];
  readonly at: number;
  readonly run: Run;
}

interface CopyMade {
  readonly going: Going;
  readonly copy: CopyRecord;
}

export interface CopyFailed {
  readonly going: Going;
  readonly error: unknown;
}

export interface CopiesMade {
  readonly made: readonly CopyMade[];
  /** Only of a clone: of a copy all go, or none. */
  readonly failed: readonly CopyFailed[];
  readonly entry: LogEntry;
}

/** What one version's copy may make, by CKA_ID. */
interface Ids {
  readonly copy: Uint8Array;
  readonly trial: Uint8Array;
}

/** @throws `refused` KEY-COPY-1 without the proof; what either place throws */
export async function copyKeys(bench: Workbench, copying: Copying): Promise<CopiesMade> {
  const { act, approved, going, puts } = copying;
  const [transport, ids] = [randomBytes(16), going.map((): Ids => ({ copy: randomBytes(16), trial: randomBytes(16) }))];
  const makes = [transport, ...ids.flatMap(({ copy, trial }) => [copy, trial])];
  let left = false;
  const intent = {
    act: act.method,
    place: act.to,
    ...aboutAll(copying),
    makes,
    leaves: () => left,
    puts: [...puts, ...going.map((one) => proofCounted(bench, one)), approved.consumed],
    approvals: [approved.approval],
  };
  const { value, entry } = await underIntent(bench, intent, async (destination, intentEntry) => {
    try {
      const copies = await makeAll(bench, { ...copying, destination, transport, ids, entry: intentEntry });
      const written = copies.made.map((made) => rowsOf(bench, act, made));
      return { value: copies, body: outcomeBody(act, copies), puts: [...movedKeys(bench, act, copies.made), ...written] };
    } catch (error) {
      left = !(await undone(destination, makes));
      throw left ? leftBehind(error, act.to) : error;
    }
  });
  return { ...value, entry };
}

/** What the log says of the act: the one key that it is about, or all of them. */
function aboutAll({ act, approved, going }: Copying) {
  const [first] = going;
  if (first === undefined) throw new StrongroomError('request-invalid', '"keys" expected at least one that can go', { field: 'keys' });
  const to = act.to.kind === 'pkcs11' ? act.to.label : 'this vault';
  const from = act.method === 'token.clone' && act.from.kind === 'pkcs11' ? `${act.from.label} ` : '';
  const versions = going.map(({ version, travelling: { subject, mechanism, effectiveStrength } }) => ({ version: version.id, number: subject.number, fingerprint: subject.fingerprint, ...mechanism, effectiveStrength }));
  const keys = [...new Map(going.map(({ key }) => [key.record.name, key.id])).values()];
  const one = keys.length === 1 && act.method === 'key.copy';
  const subject = going.length === 1 && one ? { number: first.travelling.subject.number } : { version: undefined, ...(one ? {} : { key: undefined, keys }) };
  const body: CborMap = { ...subject, to: act.to, transport: act.transport, versions, request: approved.hash, ...(act.method === 'key.copy' ? { move: act.move } : { from: act.from }) };
  return { key: first.key.id, version: first.version.id, body, personal: { name: `${one || from !== '' ? from : `${keys.length} keys `}to ${to}` } };
}

/** The proof uses the key in both places, and is counted as every use is. */
function proofCounted({ records }: Workbench, { version }: Going): RowPut {
  const { protections, processings, lastAt } = records.usage(version.id);
  return put('usage', version.id, { protections: protections + 2, processings, lastAt });
}

interface Making extends Copying {
  readonly destination: KeyProvider;
  readonly transport: Uint8Array;
  readonly ids: readonly Ids[];
  /** The log entry of the intent. */
  readonly entry: number;
}

async function makeAll(bench: Workbench, making: Making): Promise<Omit<CopiesMade, 'entry'>> {
  const { act, going, destination, run } = making;
  const computer = going.some(({ travelling }) => travelling.mechanism.ephemeral === 'computer');
  const transport = computer ? await transportOnComputer(bench, destination, act.transport) : await transportOnToken(destination, making.transport, act.transport);
  const made: CopyMade[] = [];
  const failed: CopyFailed[] = [];
  try {
    for (const [index, one] of going.entries()) {
      run.signal.throwIfAborted();
      run.progress({ what: 'copying keys', done: index, total: going.length, unit: 'items' });
      const ids = making.ids[index];
      if (ids === undefined) continue;
      try {
        made.push({ going: one, copy: await makeOne(bench, { making, going: one, ids, transport }) });
      } catch (error) {
        if (act.method === 'key.copy' || !(await undone(destination, [ids.copy, ids.trial]))) throw error;
        failed.push({ going: one, error });
      }
    }
    await transport.end();
    return { made, failed };
  } finally {
    transport.wipe();
  }
}

interface MakingOne {
  readonly making: Making;
  readonly going: Going;
  readonly ids: Ids;
  readonly transport: Transport;
}

async function makeOne(bench: Workbench, { making, going, ids, transport }: MakingOne): Promise<CopyRecord> {
  const { key, version, travelling, way } = going;
  const { mechanism, effectiveStrength } = travelling;
  const source = await bench.reader(key.record.place);
  const { algorithm, purpose } = key.record;
  const wrapped = await source.wrap({ ref: version.record.ref, wrapper: { publicKey: transport.publicKey }, format: mechanism.format, ephemeral: way.ephemeral });
  const wanted = { id: ids.copy, label: copyLabel(key.record, version.record), algorithm, purpose, exportable: version.record.exportable };
  const made = await transport.bring(wanted, wrapped, mechanism.format).catch((error: unknown) => {
    throw mechanism.ephemeral === 'computer' ? error : withAnotherWay(error);
  });
  await assertSame(bench, making.destination, { going, made, source, trial: ids.trial });
  const { ref, label, exportable } = made;
  return { id: ids.copy, place: making.act.to, ref, label, exportable, at: making.at, entry: making.entry, proof: travelling.proof, travelled: { ...mechanism, effectiveStrength, transport: transport.fingerprint } };
}

/** Some modules open a wrapped key and keep it otherwise than they were told: it was destroyed again. */
function withAnotherWay(error: unknown): unknown {
  if (!isStrongroomError(error, 'token-refused')) return error;
  return new StrongroomError('token-refused', error.message, { nextStep: 'the token does not keep what it opens as it is told to: let the key pass through this computer, --ephemeral-key computer', cause: error });
}

interface Compared {
  readonly going: Going;
  readonly made: ProviderKey;
  readonly source: KeyProvider;
  readonly trial: Uint8Array;
}

async function assertSame(bench: Workbench, destination: KeyProvider, { going: { key, version, way }, made, source, trial }: Compared): Promise<void> {
  const { record } = version;
  const staged = new StagedMaterials(bench.vault, bench.records); // never committed
  try {
    await proveSame(way.proof, { key: key.record, version: record, source: { provider: source, ref: record.ref }, copy: { provider: destination, ref: made.ref }, trial, scratch: makeSoftwareProvider(staged) });
  } finally {
    staged.wipe(); // SECURITY: a secret that the trial agreed on is wiped
  }
}

/** The label that it has, by which other programs know it; ours where it has none that can be given again. */
export function copyLabel({ name }: KeyRecord, { label, number }: VersionRecord): string {
  return label === '' || label.includes('\ufffd') ? `${name} v${number}` : label;
}

/** SECURITY: destroys what this act made, by the CKA_IDs that were chosen for it. @returns whether nothing of it is left */
async function undone(destination: KeyProvider, makes: readonly Uint8Array[]): Promise<boolean> {
  try {
    const made = (await destination.list()).filter(({ id }) => makes.some((one) => equalBytes(one, id)));
    const ends = [];
    for (const { ref } of made) ends.push(await destination.destroy(ref));
    return ends.every(({ absentAfter }) => absentAfter);
  } catch {
    return false;
  }
}

function leftBehind(error: unknown, to: Place): StrongroomError {
  const { code, message, rule } = toErrorInfo(error);
  const where = to.kind === 'pkcs11' ? `the token "${to.label}"` : 'the place';
  return new StrongroomError(code, `${message}; what was made on ${where} could not be destroyed again, and no copy counts`, { nextStep: `when ${where} answers again, \`vault reconcile\` destroys it`, ...(rule === undefined ? {} : { rule }), cause: error });
}

/** The version with its copy, or in the place of it. */
function rowsOf({ records }: Workbench, act: Copying['act'], { going: { key, version }, copy }: CopyMade): RowPut {
  const now = records.get('version', version.id) ?? version.record;
  if (act.method === 'token.clone' || !act.move) return put('version', version.id, withCopy(now, copy));
  return put('version', version.id, movedTo(now, key.record.place, copy, { id: randomBytes(16), at: copy.at, entry: copy.entry }));
}

function movedKeys({ records }: Workbench, act: Copying['act'], made: readonly CopyMade[]): readonly RowPut[] {
  if (act.method === 'token.clone' || !act.move) return [];
  const keys = new Map(made.map(({ going: { key } }) => [key.record.name, key]));
  return [...keys.values()].map(({ id, record }) => put('key', id, { ...(records.get('key', id) ?? record), place: act.to }));
}

function outcomeBody(act: Copying['act'], { made, failed }: Omit<CopiesMade, 'entry'>): CborMap {
  const copies = made.map(({ going, copy: { id, ref, proof } }): { readonly version: Uint8Array; readonly copy: Uint8Array; readonly ref: string; readonly proof: CopyProof } => ({ version: going.version.id, copy: id, ref, proof }));
  return { ...(act.method === 'key.copy' ? { move: act.move } : {}), copies, failed: failed.map(({ going, error }) => ({ version: going.version.id, code: toErrorInfo(error).code })) };
}
