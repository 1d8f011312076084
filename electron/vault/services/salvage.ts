/** A damaged vault: `vault.salvage` puts what still opens into a new one. */
import { isStrongroomError, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import { hasJournal, removeDatabase, requireFreeName } from '../store/database.ts';
import { createVault } from '../unlock/createVault.ts';
import { openDamaged } from '../unlock/damagedVault.ts';
import type { DamagedContent } from '../unlock/damagedVault.ts';
import type { OpenVault } from '../unlock/openVault.ts';
import { unlockBytes } from '../unlock/unlockVault.ts';
import { readSmallFile } from '../work/inputFile.ts';
import { planSalvage } from '../work/salvagePlan.ts';
import type { SalvagePlan } from '../work/salvagePlan.ts';
import { GivenSecrets } from './givenSecrets.ts';
import { newPassphrase, openBench, requireLocked, viewVault } from './vaultFile.ts';
import type { Ports } from './workbench.ts';

const damagedLimit = 1024 * 1024 * 1024;
/** Losses that one entry of the log names; the rest it counts. */
const recordedLosses = 1000;

/** A vault that opens is not taken apart. @throws `request-invalid`, `wrong-passphrase`, `vault-newer` */
async function requireDamaged(bytes: Uint8Array, path: string, { passphrase, tokenSecret }: GivenSecrets, { clock }: Ports): Promise<void> {
  try {
    const vault = await unlockBytes(bytes, { path, passphrase, tokenSecret, clock });
    vault.close();
  } catch (error) {
    if (isStrongroomError(error) && error.code.startsWith('vault-') && error.code !== 'vault-newer') return;
    throw error;
  }
  throw new StrongroomError('request-invalid', '"damaged" expected a vault that does not open, got one that is whole', { field: 'damaged', nextStep: 'open it as it is; `vault check` verifies all of it' });
}

/** A commit that was interrupted stands half in the file and half in the journal: SQLite undoes it, and this program does not guess at it. */
function requireSettled(path: string): void {
  if (hasJournal(path)) throw new StrongroomError('vault-in-use', 'a journal lies beside the damaged vault: it is open elsewhere, or a commit was interrupted', { nextStep: 'lock it where it is open; else try to open it once, which undoes the commit, or move the journal away', retryable: true });
}

async function open(ports: Ports, path: string, bytes: Uint8Array): Promise<DamagedContent> {
  const secrets = new GivenSecrets(ports, `The passphrase of the damaged vault ${path}`);
  return await secrets.during(async () => {
    await requireDamaged(bytes, path, secrets, ports);
    return await openDamaged(bytes, secrets);
  });
}

function personOf({ rows, principal }: DamagedContent, wanted: string | undefined): string {
  const name = wanted ?? rows.get('principal')?.find(({ id }) => toHex(id) === toHex(principal))?.value.name;
  if (typeof name === 'string') return name;
  throw new StrongroomError('request-invalid', '"person" expected your name, got nothing: the damaged vault has lost it', { field: 'person' });
}

function commit(vault: OpenVault, { vaultId, genesis, log }: DamagedContent, { puts, materials, saved, recorded }: SalvagePlan): void {
  const old = { vault: vaultId, genesis, size: log.size, read: log.read, root: log.root };
  vault.commit({ kind: 'backup', body: { act: 'vault.salvage', from: old, saved, lost: recorded.length, losses: recorded.slice(0, recordedLosses) }, puts, materials });
}

/** All of it is in the new vault, or there is none. */
async function found(context: LockedContext, path: string, request: Request<'vault.salvage'>, content: DamagedContent, plan: SalvagePlan): Promise<OpenVault> {
  const { ports } = context;
  const personName = personOf(content, request.person);
  const passphrase = await newPassphrase(ports, { why: 'unlock', sentence: `A passphrase for the new vault ${path}` });
  const vault = await passphrase.consume(() => createVault({ path, personName, passphrase, cost: request.unlockCost, clock: ports.clock, anchorsPath: ports.host.anchorsPath }));
  try {
    commit(vault, content, plan);
    return vault;
  } catch (error) {
    vault.close();
    removeDatabase(path); // nothing is left of a vault that did not take it in
    throw error;
  }
}

function findingsOf({ log }: DamagedContent): string[] {
  return [
    `the log of the old vault was not carried over: ${log.read} of its ${log.size} entries can be read there; keep the damaged file for an inquiry`,
    log.whole ? 'the log of the old vault is whole: what it says of each row was compared' : 'the log of the old vault is not whole: whether a row that opens is the newest of its kind could not be told; look at the state of each key',
    'this is a new vault with a genesis of its own: note its fingerprint; keys keep their ids and states, and counters count on',
  ];
}

async function salvage(context: LockedContext, request: Request<'vault.salvage'>): Promise<Reply<'vault.salvage'>> {
  const since = requireLocked(context);
  const { ports } = context;
  const grant = ports.files.redeemRead(request.damaged);
  const { path } = ports.files.redeemWrite(request.file);
  requireFreeName(path);
  requireSettled(grant.path);
  const content = await open(ports, grant.path, await readSmallFile(grant, damagedLimit));
  try {
    const plan = planSalvage(content, ports.clock.now());
    const vault = await found(context, path, request, content, plan);
    const findings = findingsOf(content);
    const bench = await openBench(context, vault, findings, since);
    const { vaultId, genesis, log } = content;
    const from = { vaultId: toHex(vaultId), genesisFingerprint: toHex(genesis), logEntries: log.size, logEntriesRead: log.read, ...(log.root === undefined ? {} : { logRoot: toHex(log.root) }) };
    return { from, saved: { ...plan.saved }, losses: [...plan.losses], findings, vault: viewVault(bench) };
  } finally {
    for (const material of content.materials.values()) material.wipe(); // SECURITY: the new vault has sealed copies of its own
  }
}

export const salvageHandlers = { 'vault.salvage': salvage } satisfies Partial<Handlers>;
