/** An open vault and all that work on it needs: records, providers, the prompt, files and a time that can be trusted. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ChildLauncher } from '../ports/childLauncher.ts';
import type { Clock } from '../ports/clock.ts';
import type { FileGrants } from '../ports/fileGrants.ts';
import type { HostFacts } from '../ports/hostFacts.ts';
import type { Prompt } from '../ports/prompt.ts';
import type { TimeLimits } from '../providers/pkcs11/moduleClient.ts';
import { moduleSurroundings } from '../providers/pkcs11/moduleSurroundings.ts';
import { Pkcs11Modules } from '../providers/pkcs11/pkcs11Modules.ts';
import type { KeyProvider } from '../providers/provider.ts';
import { makeSoftwareProvider } from '../providers/software/softwareProvider.ts';
import type { ModuleRecord, Place } from '../records/records.ts';
import { VaultRecords } from '../records/vaultRecords.ts';
import { profileShelf } from './profileShelf.ts';
import { clockAgrees, clockDisagreement, trustTime } from '../rules/trustTime.ts';
import type { OpenVault } from '../unlock/openVault.ts';
import { Interruptions } from '../work/interruptions.ts';
import { StagedMaterials } from '../work/stagedMaterials.ts';

/** What a host gives the core. */
export interface Ports {
  readonly prompt: Prompt;
  readonly files: FileGrants;
  readonly clock: Clock;
  readonly launcher: ChildLauncher;
  readonly host: HostFacts;
  /** How long a module may take; without it the limits of `moduleClient`. */
  readonly timeLimits?: TimeLimits;
}

export class Workbench {
  readonly vault: OpenVault;
  readonly records: VaultRecords;
  readonly ports: Ports;
  /** What the unlock found that a person should know. */
  readonly findings: string[];
  readonly interruptions: Interruptions;
  #modules: Pkcs11Modules | undefined;

  constructor(vault: OpenVault, ports: Ports, findings: readonly string[]) {
    this.vault = vault;
    this.records = new VaultRecords(vault);
    this.ports = ports;
    this.findings = [...findings];
    this.interruptions = new Interruptions(vault, { clock: ports.clock, launcher: ports.launcher });
  }

  /** The modules of this vault; each child starts with the first call that needs it. */
  get modules(): Pkcs11Modules {
    if (this.#modules !== undefined) return this.#modules;
    const { launcher, prompt, timeLimits } = this.ports;
    const profiles = profileShelf({ vault: this.vault, records: this.records, now: () => this.ports.clock.now() });
    const modules = new Pkcs11Modules({ launcher, profiles, askPin: (question) => prompt.pin(question), ...(timeLimits === undefined ? {} : { limits: timeLimits }) });
    for (const { record } of this.records.all('module')) this.#openModule(modules, record);
    this.#modules = modules;
    return modules;
  }

  #openModule(modules: Pkcs11Modules, { path, ownerUid, sha256, parameters }: ModuleRecord): void {
    const { host } = this.ports;
    const { environment, folders } = moduleSurroundings(path, host.knownModules, host, parameters);
    modules.open({ path, ownerUid, sha256, environment, folders, ...(parameters === undefined ? {} : { libraryParameters: parameters }) });
  }

  /** After a module was added or pinned anew. */
  async forgetModules(): Promise<void> {
    await this.#modules?.close();
    this.#modules = undefined;
  }

  /** The provider of a place. New material of the software store is staged for the commit that will take it in. */
  async provider(place: Place, staged: StagedMaterials): Promise<KeyProvider> {
    const provider = await this.#providerOf(place, staged);
    await this.interruptions.settleOnTheWay(place, provider);
    return provider;
  }

  /** The provider of a place to ask what became of interrupted work there. */
  asking(place: Place): Promise<KeyProvider> {
    return this.#providerOf(place, new StagedMaterials(this.vault, this.records));
  }

  async #providerOf(place: Place, staged: StagedMaterials): Promise<KeyProvider> {
    if (place.kind === 'software') return makeSoftwareProvider(staged);
    return await this.modules.provider({ serial: place.serial, label: place.label, manufacturer: place.manufacturer });
  }

  /** For reading and for public operations, where nothing is staged. */
  reader(place: Place): Promise<KeyProvider> {
    return this.provider(place, new StagedMaterials(this.vault, this.records));
  }

  /**
   * A time that may decide. Where clock and log disagree a person is asked for the date, once; the answer is logged and becomes the floor.
   * @throws `clock-untrusted` where nobody can be asked, `confirmation-wrong`
   */
  async trustedNow(): Promise<number> {
    const now = this.ports.clock.now();
    const floor = this.vault.log.newestTime();
    if (!clockAgrees(now, floor)) await this.#confirmClock(now, floor);
    return Math.max(now, this.vault.log.newestTime());
  }

  async #confirmClock(now: number, floor: number): Promise<void> {
    // A clock behind the log cannot be taken: later entries would be older than earlier ones.
    if (now < floor) return trustTime(now, floor);
    const date = new Date(now).toISOString().slice(0, 10);
    const typed = await this.#askDate(now, floor, date);
    if (typed.trim() !== date) throw new StrongroomError('confirmation-wrong', `the date expected ${date}, as the clock says, got another`, { nextStep: 'set the clock right, or confirm the date it shows' });
    this.vault.commit({ kind: 'clock', body: { confirmed: now, before: floor } });
  }

  async #askDate(now: number, floor: number, date: string): Promise<string> {
    try {
      return await this.ports.prompt.confirm({
        why: 'clock',
        sentence: clockDisagreement(now, floor),
        details: ['a wrong clock would end the periods of keys, and no later entry could be older', 'compare with a clock that you trust'],
        expected: date,
        expectedIs: "today's date",
        verb: 'Confirm the date',
      });
    } catch {
      trustTime(now, floor);
      throw new StrongroomError('clock-untrusted', clockDisagreement(now, floor), { rule: 'TIME-1' });
    }
  }

  /** Ends the children, wipes what was held, releases the file. */
  async close(): Promise<void> {
    this.vault.close();
    await this.forgetModules();
  }
}
