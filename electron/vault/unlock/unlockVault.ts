/** Opens a vault: what can be checked without a key first, then the passphrase, then everything that the file holds against its digest and its log. */
import { setTimeout } from 'node:timers/promises';
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toHex } from '../crypto/bytes.ts';
import { ed25519Signer } from '../crypto/ed25519.ts';
import { isCheap } from '../crypto/passphraseKey.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Confirmation } from '../ports/prompt.ts';
import { principalSchema } from '../records/principalRecord.ts';
import { openBytes, openDatabase } from '../store/database.ts';
import { RowStore } from '../store/rowStore.ts';
import { readHeader } from './header.ts';
import type { Header } from './header.ts';
import type { OpenVault } from './openVault.ts';
import { epochKeys, openRoot, rootRowId, wipeKeys } from './roots.ts';
import type { EpochKeys, RootKind } from './roots.ts';
import { departureError, departureQuestion, isDeparture } from './standing.ts';
import type { Departure, Standing } from './standing.ts';
import { storedState } from './storedState.ts';
import type { Opening } from './storedState.ts';
import { tampered } from './tampering.ts';
import { VaultAnchor } from './vaultAnchor.ts';
import { VaultFile } from './vaultFile.ts';
import type { TokenSecretSource } from './vaultFile.ts';
import type { VaultState } from './vaultState.ts';
import { readWay } from './vaultWays.ts';
import { modeOf, openWayIn, raisableCost, tokenOf, wipeSeeds, wrongPassphrase } from './wayIn.ts';
import type { OpenedWay, WayIn, WayMode } from './wayIn.ts';

export interface Unlocking {
  readonly path: string;
  /** A function is called once the file has passed every check that needs no key, and what it gives is wiped. One that is given is borrowed. */
  readonly passphrase: SecretBytes | (() => Promise<SecretBytes>);
  /** Asks the token of a way in that takes one. */
  readonly tokenSecret?: TokenSecretSource;
  readonly clock: Clock;
  /** Which ways in are tried; without it those by passphrase, else those that there are. */
  readonly mode?: WayMode;
  /** What this computer remembers of the vault stays as it is until `begin` is called: what is done before that may fail. */
  readonly beginLater?: boolean;
  /** Leaves no trace: no entry of this unlock or of failed ones, and no commit. */
  readonly readOnly?: boolean;
  /** Where this computer remembers how far the log of each vault had come. */
  readonly anchorsPath?: string | undefined;
  /** Asks whether a copy that departs from what was seen is the vault from now on; gives what was typed. Without it such a copy opens read-only. */
  readonly confirm?: (question: Confirmation) => Promise<string>;
}

/** What the header says, of a file that passed every check that needs no key. @throws what `openDatabase` throws */
export function lookAtVault(path: string): Header {
  const store = new RowStore(openDatabase(path, 'read'));
  try {
    return readHeader(store);
  } finally {
    store.close();
  }
}

/** What a person should know of every unlock of this version. */
const noTrace = 'opened read-only: this opening leaves no trace in the log';

function waysIn(store: RowStore): readonly WayIn[] {
  const ways = [...store.scan('access')].map(readWay);
  if (ways.length === 0) throw tampered('there is no way in');
  if (ways.some(({ principal, commitment }) => principal.length !== 16 || commitment.length !== 32)) throw tampered('a way in was edited');
  return ways;
}

/** Failed tries of this process, by vault: each makes the next one slower. A copied file is out of reach of any slowing. */
const failures = new Map<string, number>();

async function slowDown(vault: string): Promise<void> {
  const count = failures.get(vault) ?? 0;
  if (count > 0) await setTimeout(Math.min(250 * 2 ** (count - 1), 8000)); // SECURITY: guessing at the prompt is slowed
}

/** The note is for the person only; a disk that has no room for it changes nothing of the answer. */
function noteFailure(store: RowStore, now: number): void {
  try {
    store.addAttempt(now);
  } catch (error) {
    if (!isStrongroomError(error, 'disk-full')) throw error;
  }
}

interface Found {
  readonly way: WayIn;
  readonly opened: OpenedWay;
  /** A copy of the passphrase, where its derivation was so cheap that it is to be made dearer. Whoever has it wipes it. */
  readonly cheap: SecretBytes | undefined;
}

/** In this order: what a person has at hand is asked for first. */
const usualModes: readonly WayMode[] = ['passphrase', 'both', 'token'];

/** The ways of one mode: of the one that was named, else of the first that there is. */
function waysToTry(store: RowStore, named: WayMode | undefined): readonly WayIn[] {
  const all = waysIn(store);
  const mode = named ?? usualModes.find((usual) => all.some((way) => modeOf(way) === usual));
  const ways = all.filter((way) => modeOf(way) === mode);
  if (ways.length > 0) return ways;
  throw new StrongroomError('not-found', named === 'recovery' ? 'this vault has no recovery sheet' : 'this vault has no such way in', { nextStep: 'open it in another of its ways' });
}

async function openAny(store: RowStore, { vault }: Header, unlocking: Unlocking): Promise<Found> {
  const { clock, readOnly, mode } = unlocking;
  const ways = waysToTry(store, mode);
  const name = toHex(vault);
  await slowDown(name);
  const found = ways.every((way) => modeOf(way) === 'token') ? await tryAll(vault, ways, unlocking, undefined) : await withPassphrase(unlocking.passphrase, (typed) => tryAll(vault, ways, unlocking, typed));
  if (found !== undefined) {
    failures.delete(name);
    return found;
  }
  failures.set(name, (failures.get(name) ?? 0) + 1);
  if (readOnly !== true) noteFailure(store, clock.now());
  throw wrongPassphrase();
}

async function withPassphrase<T>(passphrase: Unlocking['passphrase'], use: (typed: SecretBytes) => Promise<T>): Promise<T> {
  if (passphrase instanceof SecretBytes) return await use(passphrase);
  const typed = await passphrase();
  return await typed.consume(() => use(typed));
}

function cheapOne(way: WayIn, passphrase: SecretBytes | undefined, took: number): SecretBytes | undefined {
  const cost = raisableCost(way);
  return passphrase === undefined || cost === undefined || !isCheap(cost, took) ? undefined : SecretBytes.own(passphrase.expose().slice());
}

/** What was cheap to guess is made dearer, once the vault is open. */
async function raise(vault: VaultFile, cheap: SecretBytes | undefined, readOnly: boolean): Promise<readonly string[]> {
  if (cheap === undefined || readOnly) return [];
  return (await vault.access.raiseCost(cheap)) ? ['deriving the key of the passphrase took less time here than it should: its cost was raised, so that guessing stays dear'] : [];
}

async function tryAll(vault: Uint8Array, ways: readonly WayIn[], { tokenSecret }: Unlocking, passphrase: SecretBytes | undefined): Promise<Found | undefined> {
  for (const way of ways) {
    const part = tokenOf(way);
    const token = part === undefined ? undefined : await tokenSecret?.(part);
    try {
      const begun = performance.now();
      const opened = await openWayIn(vault, way, { passphrase, token });
      if (opened !== undefined) return { way, opened, cheap: cheapOne(way, passphrase, performance.now() - begun) };
    } finally {
      token?.wipe();
    }
  }
  return undefined;
}

async function rootOf(store: RowStore, { vault, epoch }: Header, principal: Uint8Array, kind: RootKind, seed: Uint8Array): Promise<Uint8Array | undefined> {
  const name = { vault, epoch, principal, kind };
  const sealed = store.read('root', rootRowId(name))?.[4];
  if (!(sealed instanceof Uint8Array)) return undefined;
  try {
    return await openRoot(name, seed, sealed);
  } catch {
    throw tampered('a root was edited');
  }
}

async function keysOf(store: RowStore, header: Header, way: WayIn, { encryption }: OpenedWay): Promise<EpochKeys> {
  const metadata = await rootOf(store, header, way.principal, 'metadata', encryption);
  if (metadata === undefined) throw tampered('a way in was added that leads to no root');
  return epochKeys(header.vault, header.epoch, metadata, await rootOf(store, header, way.principal, 'material', encryption));
}

function personOf({ rows }: VaultState, id: Uint8Array) {
  const value = rows.get('principal')?.get(toHex(id))?.value;
  if (value === undefined) throw tampered('a way in leads to nobody of this vault');
  const { name, role } = principalSchema.parse(value);
  return { id, name, role };
}

interface Checked {
  readonly vault: VaultFile;
  readonly standing: Standing | undefined;
}

function openChecked(opening: Opening, anchor: VaultAnchor, { path, clock, readOnly = false, tokenSecret }: Unlocking, way: WayIn, opened: OpenedWay): Checked {
  const { store, header, keys } = opening;
  const { genesis, rootsAt, ...state } = storedState({ ...opening, sizes: anchor.sizes });
  const standing = anchor.compare(state.tree.size, rootsAt);
  const vault = new VaultFile({ path, store, readOnly, clock, vaultId: header.vault, epoch: header.epoch, genesis, keys, principal: personOf(state, way.principal), sign: ed25519Signer(opened.log), way, anchor, state, tokenSecret });
  return { vault, standing };
}

/** SECURITY: an older copy, or one that went its own way, is written to only if a person says that it is the vault from now on. */
async function requireConfirmed(departure: Departure, confirm: Unlocking['confirm']): Promise<void> {
  const question = departureQuestion(departure);
  let typed: string | undefined;
  try {
    typed = await confirm?.(question);
  } catch (cause) {
    throw departureError(departure, cause);
  }
  if (typed?.trim() !== question.expected) throw departureError(departure);
}

/** What the file had noted of failed unlocks, this unlock, and a copy that was confirmed, become entries. */
function noteUnlock({ vault }: Checked, anchor: VaultAnchor, store: RowStore, readOnly: boolean, begin: () => void): readonly string[] {
  const attempts = store.attempts().length;
  if (!readOnly) {
    vault.foldAttempts();
    vault.noteUnlock();
    begin();
  }
  return [...anchor.findings(lookAtVault), ...(readOnly ? [noTrace] : []), ...(attempts === 0 ? [] : [`${attempts} failed ${attempts === 1 ? 'attempt' : 'attempts'} to unlock since the last time, unauthenticated`])];
}

/** `begin` is called by whoever asked for `beginLater`. */
export interface Unlocked {
  readonly vault: OpenVault;
  readonly findings: readonly string[];
  readonly begin: () => void;
}

/**
 * @throws what `openDatabase` throws before anything is asked; `wrong-passphrase`; `vault-tampered` with what was done to the file;
 * `vault-rolled-back`, `vault-forked` for a copy that departs from what was seen here, where nobody confirms it
 */
export async function unlockVault(unlocking: Unlocking): Promise<Unlocked> {
  return await unlockStore(new RowStore(openDatabase(unlocking.path, unlocking.readOnly === true ? 'read' : 'write')), unlocking);
}

/** The same of the bytes of a vault file, in memory and read-only: the file may be open elsewhere, and an older one is what is expected. */
export async function unlockBytes(bytes: Uint8Array, unlocking: Omit<Unlocking, 'readOnly' | 'anchorsPath' | 'confirm'>): Promise<OpenVault> {
  const { vault } = await unlockStore(new RowStore(openBytes(bytes)), { ...unlocking, readOnly: true });
  return vault;
}

async function unlockStore(store: RowStore, unlocking: Unlocking): Promise<Unlocked> {
  const readOnly = unlocking.readOnly === true;
  let keys: EpochKeys | undefined;
  try {
    const header = readHeader(store);
    const anchor = VaultAnchor.of({ anchorsPath: unlocking.anchorsPath, vaultPath: unlocking.path, clock: unlocking.clock }, header);
    const { way, opened, cheap } = await openAny(store, header, unlocking);
    try {
      keys = await keysOf(store, header, way, opened);
      const checked = openChecked({ store, header, keys }, anchor, unlocking, way, opened);
      if (isDeparture(checked.standing) && !readOnly) await requireConfirmed(checked.standing, unlocking.confirm);
      const begin = () => checked.vault.beginAnchor(isDeparture(checked.standing) ? checked.standing : undefined);
      const findings = noteUnlock(checked, anchor, store, readOnly, unlocking.beginLater === true ? () => undefined : begin);
      return { vault: checked.vault, begin, findings: [...findings, ...(await raise(checked.vault, cheap, readOnly))] };
    } finally {
      cheap?.wipe(); // SECURITY: the copy lives no longer than the unlock
      wipeSeeds(opened); // SECURITY: the roots are open, and the log key lives on in its signer alone
    }
  } catch (error) {
    if (keys !== undefined) wipeKeys(keys);
    store.close();
    throw error;
  }
}
