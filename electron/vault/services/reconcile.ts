/** What became of interrupted work: settled at the unlock where no token is needed, and for every place by `vault.reconcile`. */
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ErrorCode } from '../../../shared/errors/errorCodes.ts';
import { onModule } from '../../../shared/ipc/errorGroups.ts';
import type { Reply } from '../../../shared/ipc/contract.ts';
import type { IntentRecord } from '../records/records.ts';
import { needsToken, settleFiles, wordsOf } from '../work/interruptedWork.ts';
import type { IntentRow } from '../work/interruptedWork.ts';
import { isoTime, viewPlace } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

const asked = 'it is settled when a key there is next used, or by `vault reconcile`';

/** One finding per piece of work: what was done, or what it waits for. */
export async function settleAtUnlock(bench: Workbench): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const row of bench.interruptions.rows()) findings.push(await settleNow(bench, row));
  return findings;
}

async function settleNow(bench: Workbench, row: IntentRow): Promise<string> {
  const { record } = row;
  if (!bench.interruptions.maySettle) return `interrupted: ${wordsOf(record)}; it is settled once the vault is opened for writing`;
  if (needsToken(record)) return ['interrupted: ', [wordsOf(record), ...settleFiles(record).map(({ sentence }) => sentence), asked].join('; ')].join('');
  const settlement = await bench.interruptions.settle(row, () => bench.asking(record.place));
  return settlement?.settled === true ? `settled: ${wordsOf(record)}: ${settlement.words}` : `interrupted: ${wordsOf(record)}; ${settlement?.words ?? asked}`;
}

type Reconciled = Reply<'vault.reconcile'>;

/** A place that cannot be asked holds up none of the others. */
const placeIsAway: readonly ErrorCode[] = [...onModule, 'token-not-found', 'token-absent', 'token-ambiguous', 'token-refused', 'token-cannot', 'token-key-missing', 'declined', 'secret-unavailable'];

function viewWork({ act, place, at }: IntentRecord) {
  return { act, place: viewPlace(place), begun: isoTime(at) };
}

export async function reconcile(bench: Workbench): Promise<Reconciled> {
  const settled: Reconciled['settled'] = [];
  const waiting: Reconciled['waiting'] = [];
  for (const row of bench.interruptions.rows()) {
    const work = viewWork(row.record);
    try {
      const settlement = await bench.interruptions.settle(row, () => bench.asking(row.record.place));
      if (settlement?.settled === true) settled.push({ ...work, how: settlement.words });
      else if (settlement !== undefined) waiting.push({ ...work, why: settlement.words });
    } catch (error) {
      if (!isStrongroomError(error) || !placeIsAway.includes(error.code)) throw error;
      waiting.push({ ...work, why: error.message });
    }
  }
  return { settled, waiting };
}
