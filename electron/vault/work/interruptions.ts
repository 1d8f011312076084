/** The interrupted work of one open vault: what the unlock found and what lost its outcome since, each until it is settled. */
import { isStrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toHex } from '../crypto/bytes.ts';
import type { ChildLauncher } from '../ports/childLauncher.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyProvider } from '../providers/provider.ts';
import type { IntentRecord, Place } from '../records/records.ts';
import { VaultRecords } from '../records/vaultRecords.ts';
import { samePlace } from '../rules/allowExport.ts';
import type { OpenVault } from '../unlock/openVault.ts';
import { interruptedWork, needsToken, settleWork } from './interruptedWork.ts';
import type { IntentRow, Settlement } from './interruptedWork.ts';

/** Milliseconds in which a module that lost its host may still finish one call: no call is given longer. */
const longestCall = 200_000;

export interface Surroundings {
  readonly clock: Clock;
  readonly launcher: ChildLauncher;
}

export class Interruptions {
  readonly #vault: OpenVault;
  readonly #surroundings: Surroundings;
  /** Ids of intents. Only these: an intent of this sitting may be work that is under way. */
  readonly #waiting: Map<string, Uint8Array>;

  constructor(vault: OpenVault, surroundings: Surroundings) {
    this.#vault = vault;
    this.#surroundings = surroundings;
    this.#waiting = new Map(interruptedWork(vault).map(({ id }) => [toHex(id), id]));
  }

  get count(): number {
    return this.#waiting.size;
  }

  /** Work whose outcome could not be committed. */
  add(id: Uint8Array): void {
    this.#waiting.set(toHex(id), id);
  }

  /** What waits, oldest first. */
  rows(): readonly IntentRow[] {
    const records = new VaultRecords(this.#vault);
    const rows = [...this.#waiting.values()].flatMap((id) => {
      const record = records.get('intent', id);
      return record === undefined ? [] : [{ id, record }];
    });
    return rows.sort((a, b) => a.record.entry - b.record.entry);
  }

  /** Whether this vault may be written to by its principal: who only reads settles nothing. */
  get maySettle(): boolean {
    return !this.#vault.readOnly && ['officer', 'operator'].includes(this.#vault.principal.role);
  }

  /** Settles one piece of work, or says why it waits. @throws what the provider throws */
  async settle(row: IntentRow, provider: () => Promise<KeyProvider>): Promise<Settlement | undefined> {
    const { id, record } = row;
    const waits = this.#mayStillRun(record);
    if (waits !== undefined) return { record, settled: false, words: waits };
    const name = toHex(id);
    this.#waiting.delete(name); // taken, so that nobody settles it a second time meanwhile
    try {
      const settlement = await settleWork(this.#vault, row, provider);
      if (settlement?.settled === false) this.#waiting.set(name, id);
      return settlement;
    } catch (error) {
      this.#waiting.set(name, id);
      throw error;
    }
  }

  /**
   * A module outlives its host by the call that it is in, unless bubblewrap ends it: a key that is not there yet may still come to be.
   * Asked too early, the token would be believed and the key be nobody's.
   */
  #mayStillRun(record: IntentRecord): string | undefined {
    const { clock, launcher } = this.#surroundings;
    const until = record.at + longestCall;
    const now = clock.now();
    if (!needsToken(record) || launcher.isolation.kind === 'bwrap' || now >= until || now < record.at) return undefined;
    return `the module may still be at it until ${new Date(until).toISOString()}`;
  }

  /** Settles what waits in a place that is being used. What cannot be settled now is no reason to refuse the use. */
  async settleOnTheWay(place: Place, provider: KeyProvider): Promise<void> {
    if (!this.maySettle) return;
    for (const row of this.rows().filter(({ record }) => samePlace(record.place, place))) {
      try {
        await this.settle(row, () => Promise.resolve(provider));
      } catch (error) {
        if (!isStrongroomError(error) || error.code.startsWith('vault-') || error.code === 'disk-full') throw error;
      }
    }
  }
}
