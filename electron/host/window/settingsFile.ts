/** What a window host remembers between its starts: settings, the vaults that were opened, the seal. No secret; the seal is for the prompt alone. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { sealForms } from '../../../shared/ipc/promptContract.ts';
import type { Seal } from '../../../shared/ipc/promptContract.ts';
import { settingsView } from '../../../shared/ipc/windowContract.ts';
import type { HostState, Settings } from '../../../shared/ipc/windowContract.ts';

const sealSchema = z.strictObject({ form: z.number().int().min(0).max(sealForms - 1), phrase: z.string().max(100), chosen: z.iso.date() });
const recentSchema = z.strictObject({ id: z.string().regex(/^\d{1,15}$/), path: z.string(), lastOpened: z.iso.datetime() });
const placeSchema = z.strictObject({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(640).max(20_000), height: z.number().int().min(400).max(20_000) });
/** Where the window was. */
export type WindowPlace = z.infer<typeof placeSchema>;
const fileSchema = z.strictObject({ v: z.literal(1), settings: settingsView, recent: z.array(recentSchema).max(50), seal: sealSchema.optional(), place: placeSchema.optional() });
type Remembered = z.infer<typeof fileSchema>;

const fresh: Remembered = { v: 1, settings: { appearance: 'system', idleMinutes: 5, zone: 'local' }, recent: [] };
const mostRecent = 10;

export class SettingsFile {
  readonly #path: string;
  #now: Remembered;

  /** A file that cannot be read as one of ours is left where it is until something is saved. */
  constructor(path: string) {
    this.#path = path;
    this.#now = this.#read();
  }

  #read(): Remembered {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return fresh;
    }
  }

  #save(change: Partial<Remembered>): void {
    this.#now = { ...this.#now, ...change };
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const beside = `${this.#path}.new`;
    rmSync(beside, { force: true }); // what was left there might be open to others
    writeFileSync(beside, `${JSON.stringify(this.#now, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' }); // SECURITY: the seal is this user's alone
    renameSync(beside, this.#path);
  }

  get settings(): Settings {
    return this.#now.settings;
  }

  saveSettings(settings: Settings): void {
    this.#save({ settings });
  }

  get place(): WindowPlace | undefined {
    return this.#now.place;
  }

  savePlace(place: WindowPlace): void {
    if (placeSchema.safeParse(place).success) this.#save({ place });
  }

  get seal(): Seal | undefined {
    return this.#now.seal;
  }

  saveSeal(seal: Seal): void {
    this.#save({ seal });
  }

  recent(): HostState['recent'] {
    return this.#now.recent.map(({ id, path, lastOpened }) => ({ id, name: basename(path), folder: dirname(path), lastOpened, there: existsSync(path) }));
  }

  recentPath(id: string): string | undefined {
    return this.#now.recent.find((vault) => vault.id === id)?.path;
  }

  remember(path: string, now: number): void {
    const others = this.#now.recent.filter((vault) => vault.path !== path);
    const id = String(Math.max(0, ...this.#now.recent.map((vault) => Number(vault.id))) + 1);
    this.#save({ recent: [{ id, path, lastOpened: new Date(now).toISOString() }, ...others].slice(0, mostRecent) });
  }

  forget(id: string): void {
    this.#save({ recent: this.#now.recent.filter((vault) => vault.id !== id) });
  }
}
