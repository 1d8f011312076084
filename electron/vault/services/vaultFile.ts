/** The vault file: `vault.create`, `unlock`, `lock`, `info`, `passwd`, `check`. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import type { PassphraseQuestion } from '../ports/prompt.ts';
import { canOnlyBeRead } from '../store/database.ts';
import { formatVersion } from '../store/formatVersion.ts';
import { clockAgrees, clockDisagreement } from '../rules/trustTime.ts';
import { createVault } from '../unlock/createVault.ts';
import type { OpenVault } from '../unlock/openVault.ts';
import { lookAtVault, unlockVault } from '../unlock/unlockVault.ts';
import type { Unlocking } from '../unlock/unlockVault.ts';
import { deactivateDue } from '../work/deactivateDue.ts';
import { backupFindings, viewNewestBackup } from './backups.ts';
import { reconcile, settleAtUnlock } from './reconcile.ts';
import { tokenSecretSource } from './tokenSecret.ts';
import { Workbench } from './workbench.ts';
import type { Ports } from './workbench.ts';

export function viewVault({ vault, records, ports, findings, interruptions }: Workbench): Reply<'vault.info'> {
  const { id, name, role } = vault.principal;
  return {
    vaultId: toHex(vault.vaultId),
    genesisFingerprint: toHex(vault.genesisFingerprint),
    epoch: vault.epoch,
    formatVersion,
    principal: { id: toHex(id), name, role },
    solo: vault.solo,
    logEntries: vault.log.size,
    logRoot: toHex(vault.log.root()),
    keys: [...vault.list('key')].length,
    readOnly: vault.readOnly,
    clock: viewClock(vault, ports.clock.now()),
    interrupted: interruptions.count,
    ...viewNewestBackup(records),
    ...(vault.seenBefore === undefined ? {} : { seenBefore: vault.seenBefore }),
    findings: [...findings],
  };
}

function viewClock({ log }: OpenVault, now: number): Reply<'vault.info'>['clock'] {
  const floor = log.newestTime();
  return clockAgrees(now, floor) ? { agrees: true } : { agrees: false, sentence: clockDisagreement(now, floor) };
}

/** A copied file can be guessed at for ever: Argon2id makes each guess dear, and this makes guesses many (SP 800-63B §5.1.1.2, and more). */
const fewestCharacters = 12;

/** Asks for a new passphrase. @throws `request-invalid` for one that is too short; its length is all that is said of it */
export async function newPassphrase({ prompt }: Ports, question: PassphraseQuestion): Promise<SecretBytes> {
  const passphrase = await prompt.newPassphrase(question);
  const characters = passphrase.expose().reduce((count, byte) => count + ((byte & 0xc0) === 0x80 ? 0 : 1), 0);
  if (characters >= fewestCharacters) return passphrase;
  passphrase.wipe();
  throw new StrongroomError('request-invalid', `the new passphrase expected at least ${fewestCharacters} characters, got ${characters}`, { nextStep: 'take six random words' });
}

/** @returns how often the vault was locked so far, for `openBench` @throws `already-unlocked` */
export function requireLocked({ bench, locks }: LockedContext): number {
  if (bench !== undefined) throw new StrongroomError('already-unlocked', 'a vault is open already', { nextStep: 'lock it first' });
  return locks;
}

async function create(context: LockedContext, request: Request<'vault.create'>): Promise<Reply<'vault.create'>> {
  const since = requireLocked(context);
  const { ports } = context;
  const { path } = ports.files.redeemWrite(request.file);
  const passphrase = await newPassphrase(ports, { why: 'unlock', sentence: `A passphrase for the new vault ${path}` });
  const vault = await passphrase.consume(() => createVault({ path, personName: request.person, passphrase, cost: request.unlockCost, clock: ports.clock, anchorsPath: ports.host.anchorsPath }));
  return viewVault(await openBench(context, vault, [], since));
}

/** What an unlock at this seat takes besides a file and its secret. */
export function seatOf({ clock, host, prompt }: Ports): Pick<Unlocking, 'clock' | 'anchorsPath' | 'confirm'> {
  return { clock, anchorsPath: host.anchorsPath, confirm: (question) => prompt.confirm(question) };
}

async function unlock(context: LockedContext, request: Request<'vault.unlock'>): Promise<Reply<'vault.unlock'>> {
  const since = requireLocked(context);
  const { ports } = context;
  const { path } = ports.files.redeemRead(request.file);
  // It opens as far as its disk lets it, and says so before anything is asked.
  const stuck = request.readOnly !== true && canOnlyBeRead(path);
  const ask = () => ports.prompt.passphrase({ why: 'unlock', sentence: `The passphrase of the vault ${path}${stuck ? ', which opens read-only: nothing can be written there' : ''}` });
  const { vault, findings } = await unlockVault({ path, passphrase: ask, readOnly: request.readOnly === true || stuck, ...seatOf(ports), tokenSecret: tokenSecretSource(ports), ...(request.with === undefined ? {} : { mode: request.with }) });
  requireClaim(vault, request.as);
  const said = stuck ? ['the vault file or its folder cannot be written by this user: opened read-only. To work with it, copy it to a folder of yours'] : [];
  return viewVault(await openBench(context, vault, [...said, ...findings], since));
}

/** The vault is open from now on: what the unlock found, what was settled and what was due, is said. A vault that does not come to be used does not stay open. */
export async function openBench(context: LockedContext, vault: OpenVault, findings: readonly string[], since: number): Promise<Workbench> {
  const { ports } = context;
  try {
    if (context.locks !== since) throw new StrongroomError('locked', 'the vault was locked while it was being opened', { nextStep: 'open it again' });
    const bench = new Workbench(vault, ports, findings);
    bench.findings.push(...backupFindings(bench, ports.clock.now()), ...(await settleAtUnlock(bench)), ...(vault.readOnly ? [] : deactivateDue(vault, ports.clock.now())));
    context.bench = bench;
    return bench;
  } catch (error) {
    vault.close();
    throw error;
  }
}

function look(context: LockedContext, request: Request<'vault.look'>): Reply<'vault.look'> {
  requireLocked(context);
  const { vault, genesis } = lookAtVault(context.ports.files.redeemRead(request.file).path);
  return { vaultId: toHex(vault), genesisFingerprint: toHex(genesis), formatVersion };
}

/** Names are sealed: whom the passphrase opened is known only now. */
function requireClaim(vault: OpenVault, claimed: string | undefined): void {
  if (claimed === undefined || claimed === vault.principal.name) return;
  vault.close();
  throw refusal('ROLE-1', `the passphrase does not open the vault as "${claimed}"`, 'check the name and the passphrase');
}

async function lock(context: LockedContext): Promise<Reply<'vault.lock'>> {
  const { bench } = context;
  context.bench = undefined;
  context.locks += 1; // SECURITY: a vault that is being opened at this moment, as by a prompt that was left, stays locked too
  await bench?.close();
  return { locked: true };
}

async function passwd({ vault, ports }: Workbench, request: Request<'vault.passwd'>): Promise<Reply<'vault.passwd'>> {
  const current = vault.access.takesPassphrase ? await ports.prompt.passphrase({ why: 'change', sentence: 'Your present passphrase' }) : undefined;
  try {
    const next = await newPassphrase(ports, { why: 'change', sentence: 'Your new passphrase' });
    const { seq } = await next.consume(() => vault.access.changePassphrase(current, next, request.unlockCost));
    return { logEntry: seq, note: 'older copies of this file still open with the old passphrase' };
  } finally {
    current?.wipe(); // SECURITY: the old passphrase still opens older copies
  }
}

async function check({ vault }: Workbench): Promise<Reply<'vault.check'>> {
  const { entries, rows, findings } = await vault.check();
  return { entries, rows, logRoot: toHex(vault.log.root()), findings: [...findings] };
}

export const vaultHandlers = {
  'vault.create': create,
  'vault.unlock': unlock,
  'vault.look': look,
  'vault.lock': lock,
  'vault.info': viewVault,
  'vault.passwd': passwd,
  'vault.check': check,
  'vault.reconcile': reconcile,
} satisfies Partial<Handlers>;
