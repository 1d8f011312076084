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
import type { Approval, CborMap, Change, LogEntry, RowPut } from '../unlock/openVault.ts';
import { StagedMaterials } from './stagedMaterials.ts';

export interface Intent {
  /** What is done, as the log has it: the name of the method. */
  readonly act: string;
  readonly place: Place;
  readonly key: Uint8Array;
  /** The id chosen before the provider acts; the CKA_ID on a token. */
  readonly version: Uint8Array;
  /** Public facts of the entry. */
  readonly body: CborMap;
  readonly personal?: Readonly<Record<string, string>>;
  /** Counters and consumed requests: they stand even if the work fails. */
  readonly puts?: readonly RowPut[];
  readonly approvals?: readonly Approval[];
}

/** What came of it: the value for the caller, and what the outcome's transaction writes. */
export interface Done<T> {
  readonly value: T;
  readonly body?: CborMap;
  readonly puts?: Change['puts'];
  readonly removes?: Change['removes'];
}

export interface Outcome<T> {
  readonly value: T;
  readonly entry: LogEntry;
}

/** Runs `work` between an intent and its outcome. What the provider staged is committed with the outcome, or wiped. */
export async function underIntent<T>(bench: Workbench, intent: Intent, work: (provider: KeyProvider) => Promise<Done<T>>): Promise<Outcome<T>> {
  const staged = new StagedMaterials(bench.vault, bench.records);
  try {
    const provider = await bench.provider(intent.place, staged);
    const { id, seq } = commitIntent(bench, intent);
    const done = await orRecordFailure(bench, intent, id, seq, () => work(provider));
    const { value, body, puts, removes } = done;
    const entry = bench.vault.commit({
      kind: 'outcome',
      body: { act: intent.act, intent: seq, ok: true, ...body },
      ...staged.changes(),
      ...(puts === undefined ? {} : { puts }),
      removes: [...(removes ?? []), { table: 'intent', id }],
    });
    return { value, entry };
  } finally {
    staged.wipe();
  }
}

function commitIntent(bench: Workbench, intent: Intent): { readonly id: Uint8Array; readonly seq: number } {
  const { act, place, key, version, body, personal, puts, approvals } = intent;
  const id = randomBytes(16);
  const record: IntentRecord = { act, at: bench.ports.clock.now(), entry: bench.vault.log.size, key, version, place };
  const { seq } = bench.vault.commit({
    kind: 'intent',
    body: { act, key, version, ...body },
    ...(personal === undefined ? {} : { personal }),
    ...(approvals === undefined ? {} : { approvals }),
    puts: [...(puts ?? []), put('intent', id, record)],
  });
  return { id, seq };
}

async function orRecordFailure<T>(bench: Workbench, { act }: Intent, id: Uint8Array, seq: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    bench.vault.commit({ kind: 'outcome', body: { act, intent: seq, ok: false, code: toErrorInfo(error).code }, removes: [{ table: 'intent', id }] });
    throw error;
  }
}
