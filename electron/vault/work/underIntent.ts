/**
 * Work with a key, in the order that survives a crash: the intent commits, the provider acts, the outcome commits, and only then does a result leave.
 * An intent without an outcome is found at the next unlock.
 */
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { randomBytes } from '../crypto/random.ts';
import type { KeyProvider } from '../providers/provider.ts';
import type { IntentRecord, Place } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { Approval, CborMap, Change, LogEntry, RowPut, RowRef } from '../unlock/openVault.ts';
import { finishedWork, mayHaveChanged } from './interruptedWork.ts';
import type { OutputFile } from './outputFile.ts';
import { StagedMaterials } from './stagedMaterials.ts';

export interface Intent {
  /** What is done, as the log has it: the name of the method. */
  readonly act: string;
  readonly place: Place;
  readonly key: Uint8Array;
  /** The id chosen before the provider acts; the CKA_ID on a token. */
  readonly version: Uint8Array;
  /** CKA_IDs of all that the work may make in its place, where it is more than the version. */
  readonly makes?: readonly Uint8Array[];
  /** The copy of the version that the work is about. */
  readonly copy?: Uint8Array;
  /** Asked where the work failed: whether something that it made is still there. Then it waits to be settled, as after an interruption. */
  readonly leaves?: () => boolean;
  /** Public facts of the entry. */
  readonly body: CborMap;
  readonly personal?: Readonly<Record<string, string>>;
  /** Counters and consumed requests: they stand even if the work fails. */
  readonly puts?: readonly RowPut[];
  readonly approvals?: readonly Approval[];
  /** Result files, planned: begun once the intent knows their names, and named once the log has the outcome. */
  readonly outputs?: readonly OutputFile[];
}

/** What came of it: the value for the caller, and what the outcome's transaction writes. */
export interface Done<T> {
  readonly value: T;
  readonly body?: CborMap;
  readonly puts?: Change['puts'];
  readonly removes?: Change['removes'];
  /** The result files that are complete; without it all of them. */
  readonly made?: readonly OutputFile[];
}

export interface Outcome<T> {
  readonly value: T;
  readonly entry: LogEntry;
}

/** What an intent left to be closed by its outcome. */
interface Begun {
  readonly id: Uint8Array;
  readonly seq: number;
  readonly record: IntentRecord;
}

/** Runs `work` between an intent and its outcome. What the provider staged is committed with the outcome, or wiped. */
export async function underIntent<T>(bench: Workbench, intent: Intent, work: (provider: KeyProvider, entry: number) => Promise<Done<T>>): Promise<Outcome<T>> {
  const { outputs = [] } = intent;
  const staged = new StagedMaterials(bench.vault, bench.records);
  try {
    const provider = await bench.provider(intent.place, staged);
    const begun = commitIntent(bench, intent);
    const done = await orRecordFailure(bench, intent, begun, async () => {
      for (const output of outputs) await output.begin();
      return await work(provider, begun.seq);
    });
    const { value, made = outputs } = done;
    const entry = commitOutcome(bench, begun, { kind: 'outcome', body: { act: intent.act, intent: begun.seq, ok: true, ...done.body }, ...staged.changes(), ...rowsOf(bench, begun, done, made) });
    for (const output of made) await output.publish();
    return { value, entry };
  } finally {
    staged.wipe();
    for (const output of outputs) await output.discard();
  }
}

function commitIntent(bench: Workbench, intent: Intent): Begun {
  const { act, place, key, version, makes, copy, body, personal, puts, approvals, outputs = [] } = intent;
  const id = randomBytes(16);
  const files = outputs.map(({ name }) => ({ ...name, made: false }));
  const record: IntentRecord = { act, at: bench.ports.clock.now(), entry: bench.vault.log.size, key, version, place, ...(makes === undefined ? {} : { makes: [...makes] }), ...(copy === undefined ? {} : { copy }), ...(files.length === 0 ? {} : { outputs: files }) };
  const { seq } = bench.vault.commit({
    kind: 'intent',
    body: { act, key, version, ...body },
    ...(personal === undefined ? {} : { personal }),
    ...(approvals === undefined ? {} : { approvals }),
    puts: [...(puts ?? []), put('intent', id, record)],
    removes: finishedWork(bench.vault),
  });
  return { id, seq, record };
}

/** The rows of an outcome. Result files get their names after it: until then the intent's row says which. */
function rowsOf<T>(bench: Workbench, { id, record }: Begun, { puts = [], removes = [] }: Done<T>, made: readonly OutputFile[]): Pick<Change, 'puts' | 'removes'> {
  if (made.length === 0) return { puts, removes: [...removes, intentRow(id)] };
  const marks = new Set(made.map(({ name }) => name.mark));
  const outputs = (record.outputs ?? []).map((output) => ({ ...output, made: marks.has(output.mark) }));
  return { puts: [...puts, put('intent', id, { ...record, outputs, outcome: bench.vault.log.size })], removes };
}

function intentRow(id: Uint8Array): RowRef {
  return { table: 'intent', id };
}

/** An outcome that found no room leaves its intent to be settled. */
function commitOutcome(bench: Workbench, { id }: Begun, change: Change): LogEntry {
  try {
    return bench.vault.commit(change);
  } catch (error) {
    bench.interruptions.add(id);
    throw error;
  }
}

/** A failure after which only the token knows whether it has acted is recorded, and its intent waits for what the token says when it is next used. */
async function orRecordFailure<T>(bench: Workbench, { act, leaves }: Intent, begun: Begun, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (leaves?.() === true) {
      bench.interruptions.add(begun.id);
      throw error;
    }
    const { code } = toErrorInfo(error);
    const waits = mayHaveChanged(begun.record, code);
    commitOutcome(bench, begun, { kind: 'outcome', body: { act, intent: begun.seq, ok: false, code }, removes: waits ? [] : [intentRow(begun.id)] });
    if (waits) bench.interruptions.add(begun.id);
    throw error;
  }
}
