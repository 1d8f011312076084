/** PKCS#11 modules and tokens: `token.modules`, `add`, `restart`, `list`, `info`, `init`; and the places that keys live in. */
import { existsSync } from 'node:fs';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { ErrorInfo } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import type { Guarded, Handlers } from '../door/handlers.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { describeModuleFile } from '../providers/pkcs11/describeModuleFile.ts';
import { moduleSurroundings } from '../providers/pkcs11/moduleSurroundings.ts';
import { pinQuestion } from '../providers/pkcs11/pinFlags.ts';
import type { TokenInfo } from '../providers/pkcs11/tokenInfo.ts';
import { fileNameOf } from '../quorum/sentence.ts';
import type { ModuleRecord, Place, TokenRecord } from '../records/records.ts';
import { put } from '../records/vaultRecords.ts';
import type { Row, VaultRecords } from '../records/vaultRecords.ts';
import { requireNotOpenHere } from '../store/database.ts';
import type { RowPut } from '../unlock/openVault.ts';
import { viewGuards } from './guardViews.ts';
import { compareKeys, viewOrphan } from './tokenKeyViews.ts';
import { viewToken, viewTokenRecord } from './tokenViews.ts';
import type { Workbench } from './workbench.ts';

/** A place by the name that a person gives, and the row that remembers its token: it stays in the inventory when it is not plugged in. */
export interface NamedPlace {
  readonly place: Place;
  readonly puts: readonly RowPut[];
}

/** @param name `software`, or a token's label or serial number @throws `token-not-found`, `token-absent`, `token-ambiguous` */
export async function placeOf(bench: Workbench, name: string, now: number): Promise<NamedPlace> {
  if (name === 'software') return { place: { kind: 'software' }, puts: [] };
  const token = await tokenNamed(bench, name);
  return { place: placeOfToken(token), puts: [tokenRow(bench, token, now)] };
}

export function placeOfToken({ label, serial, manufacturer }: Pick<TokenInfo, 'label' | 'serial' | 'manufacturer'>): Place {
  return { kind: 'pkcs11', label, serial, manufacturer };
}

/** A token that was looked at before, as it is now. @throws `token-absent` */
export async function tokenSeen(bench: Workbench, place: Extract<Place, { kind: 'pkcs11' }>, now: number): Promise<RowPut> {
  const { tokens } = await bench.modules.inventory();
  const token = tokens.find(({ label, serial, manufacturer }) => label === place.label && serial === place.serial && manufacturer === place.manufacturer);
  if (token === undefined) throw new StrongroomError('token-absent', `the token "${place.label}" is not plugged in`, { field: 'to', nextStep: 'plug it in and try again', retryable: true });
  return tokenRow(bench, token, now);
}

/** One that is present. @throws `token-not-found`, `token-absent`, `token-ambiguous` */
export async function tokenNamed(bench: Workbench, name: string): Promise<TokenInfo> {
  const { tokens: found, failures } = await bench.modules.search(({ label, serial, flags }) => (label === name || serial === name) && flags.includes('token-initialized'));
  if (found.length > 1) throw new StrongroomError('token-ambiguous', `${found.length} tokens are named "${name}"`, { field: 'place', nextStep: 'name it by its serial number: see `token list`' });
  if (found[0] !== undefined) return found[0];
  if (failures[0] !== undefined) throw failures[0].error;
  if (bench.records.find('token', ({ label, serial }) => label === name || serial === name) !== undefined)
    throw new StrongroomError('token-absent', `the token "${name}" is not plugged in`, { field: 'place', nextStep: 'plug it in and try again', retryable: true });
  throw new StrongroomError('token-not-found', `no token is named "${name}"`, { field: 'place', nextStep: 'see `token list`; a module must be added before its tokens are seen: `token add`' });
}

type ModuleView = Reply<'token.modules'>['modules'][number];

function viewModule({ modules: running }: Workbench, { path, sha256, name, ownerUid }: ModuleRecord): ModuleView {
  const trouble = running.troubleOf(path);
  return { path, name, sha256: toHex(sha256), status: statusOf(path, sha256, ownerUid), ...(trouble === undefined ? {} : { trouble }) };
}

function statusOf(path: string, sha256: Uint8Array, ownerUid: number | undefined): ModuleView['status'] {
  if (!existsSync(path)) return 'missing';
  try {
    const now = describeModuleFile(path);
    return equalBytes(now.sha256, sha256) && now.ownerUid === ownerUid ? 'pinned' : 'changed';
  } catch {
    return 'changed'; // it is there and no library any more
  }
}

/** Modules on this machine that the vault does not have: suggestions, loaded by nobody. */
function suggestions({ ports }: Workbench, taken: ReadonlySet<string>): ModuleView[] {
  const rows = ports.host.knownModules.flatMap(({ name, paths }) => (paths[process.platform] ?? []).map((path) => ({ name, path })));
  const seen = new Set(taken);
  return rows.flatMap(({ name, path }) => {
    if (!existsSync(path)) return [];
    try {
      const file = describeModuleFile(path);
      if (seen.has(file.path)) return [];
      seen.add(file.path);
      return [{ path: file.path, name, sha256: toHex(file.sha256), status: 'known' as const }];
    } catch {
      return []; // no module for this machine
    }
  });
}

function modules(bench: Workbench): Reply<'token.modules'> {
  const own = [...bench.records.all('module')].map(({ record }) => viewModule(bench, record));
  const known = suggestions(bench, new Set(own.map(({ path }) => path)));
  return { modules: [...own, ...known], isolation: bench.ports.launcher.isolation.sentence };
}

function moduleAt(records: VaultRecords, path: string): Row<ModuleRecord> | undefined {
  return records.find('module', (record) => record.path === path);
}

const add: Guarded<'token.add'> = {
  prepare: async (bench, { module, parameters }) => {
    const chosen = bench.ports.files.redeemRead(module).path;
    requireNotOpenHere(chosen);
    const { path, sha256, ownerUid } = describeModuleFile(chosen);
    const before = moduleAt(bench.records, path)?.record.sha256;
    const { name = fileNameOf(path) } = moduleSurroundings(path, bench.ports.host.knownModules, bench.ports.host);
    return { method: 'token.add', path, sha256, name, ...(ownerUid === undefined ? {} : { ownerUid }), ...(parameters === undefined ? {} : { parameters }), ...(before === undefined ? {} : { replaces: before }) };
  },
  execute: async (bench, act, { approval, consumed, hash }) => {
    const { path, sha256, name, ownerUid, parameters } = act;
    const record: ModuleRecord = { path, sha256, name, addedAt: await bench.trustedNow(), ...(ownerUid === undefined ? {} : { ownerUid }), ...(parameters === undefined ? {} : { parameters }) };
    const id = moduleAt(bench.records, path)?.id ?? randomBytes(16);
    bench.vault.commit({ kind: 'module', body: { act: 'token.add', path, sha256, ownerUid, parameters, request: hash }, approvals: [approval], puts: [consumed, put('module', id, record)] });
    await bench.forgetModules();
    const { tokens, failures } = await bench.modules.inventory();
    const failure = failures.find(({ modulePath }) => modulePath === path);
    if (failure !== undefined) throw failure.error;
    return { module: viewModule(bench, record), tokens: tokens.filter((token) => token.modulePath === path).map(viewToken) };
  },
};

async function restart(bench: Workbench, request: Request<'token.restart'>): Promise<Reply<'token.restart'>> {
  const record = moduleNamed(bench.records, request.module);
  const tokens = await bench.modules.restart(record.path);
  return { module: viewModule(bench, record), tokens: tokens.map(viewToken) };
}

export function sameToken(record: TokenRecord, token: TokenInfo): boolean {
  return record.serial === token.serial && record.label === token.label && record.manufacturer === token.manufacturer;
}

function viewFailure(modulePath: string, { message, nextStep }: ErrorInfo): Reply<'token.list'>['failures'][number] {
  return { modulePath, message, ...(nextStep === undefined ? {} : { nextStep }) };
}

async function list(bench: Workbench): Promise<Reply<'token.list'>> {
  const { tokens, failures } = await bench.modules.inventory();
  const absent = [...bench.records.all('token')].filter(({ record }) => !tokens.some((token) => sameToken(record, token)));
  return {
    tokens: [...tokens.map(viewToken), ...absent.map(({ record }) => viewTokenRecord(record))],
    failures: failures.map(({ modulePath, error }) => viewFailure(modulePath, toErrorInfo(error))),
  };
}

/** @param seen what is on it, where it was compared just now; without it what is known stays */
export function tokenRow({ records }: Workbench, token: TokenInfo, now: number, seen?: TokenRecord['seen']): RowPut {
  const row = records.find('token', (record) => sameToken(record, token));
  const { label, serial, manufacturer, model, modulePath } = token;
  const known = seen ?? row?.record.seen;
  return put('token', row?.id ?? randomBytes(16), { label, serial, manufacturer, model, modulePath, lastSeen: now, ...(known === undefined ? {} : { seen: known }) });
}

async function info(bench: Workbench, request: Request<'token.info'>): Promise<Reply<'token.info'>> {
  const token = await tokenNamed(bench, request.token);
  const place = placeOfToken(token);
  const provider = await bench.reader(place);
  const { algorithms, signatureMechanisms, wrapFormats, unwrapFormats, aesGcm } = await provider.capabilities();
  const { keys: found, loneCertificates } = (await provider.adoption?.survey()) ?? { keys: [], loneCertificates: [] };
  const { keys, missing } = compareKeys(bench.records, place, found);
  return {
    token: viewToken(token),
    algorithms: [...algorithms],
    signatureMechanisms: [...signatureMechanisms],
    wrapFormats: [...wrapFormats],
    unwrapFormats: [...unwrapFormats],
    encryptsFiles: aesGcm,
    guards: viewGuards((await provider.trials?.guards()) ?? []),
    keys,
    orphans: loneCertificates.map((one) => viewOrphan(bench.records, one)),
    missing,
  };
}

function moduleNamed(records: VaultRecords, name: string): ModuleRecord {
  const found = [...records.all('module')].filter(({ record }) => record.path === name || fileNameOf(record.path) === fileNameOf(name));
  if (found.length === 1 && found[0] !== undefined) return found[0].record;
  throw new StrongroomError('module-not-found', `"module" expected one of the added modules, got "${name}"`, { field: 'module', nextStep: 'see `token modules`; add it with `token add`' });
}

async function tokenIn(bench: Workbench, modulePath: string, slot: number): Promise<TokenInfo> {
  const token = (await bench.modules.tokens()).find((candidate) => candidate.modulePath === modulePath && candidate.slot === slot);
  if (token === undefined) throw new StrongroomError('token-absent', `"slot" ${slot} is not there, or holds nothing`, { field: 'slot', nextStep: 'see `token list`' });
  return token;
}

const init: Guarded<'token.init'> = {
  prepare: async (bench, { module, slot, label }) => {
    const { path: modulePath } = moduleNamed(bench.records, module);
    const token = await tokenIn(bench, modulePath, slot);
    const wipes = token.flags.includes('token-initialized') ? `${token.label} (${token.serial})` : undefined;
    return { method: 'token.init', modulePath, slot, label, ...(wipes === undefined ? {} : { wipes }) };
  },
  execute: async (bench, { modulePath, slot, label, wipes }, { approval, consumed, hash }) => {
    const { prompt } = bench.ports;
    const before = await tokenIn(bench, modulePath, slot);
    const soQuestion = { ...pinQuestion('so', before), tokenLabel: label };
    const soPin = await (wipes === undefined ? prompt.newPin(soQuestion) : prompt.pin(soQuestion));
    try {
      const userPin = await prompt.newPin({ ...pinQuestion('user', before), tokenLabel: label, finalTry: false, countLow: false });
      return await userPin.consume(async () => {
        const intent = bench.vault.commit({ kind: 'intent', body: { act: 'token.init', slot, modulePath, request: hash }, approvals: [approval], puts: [consumed] });
        const token = await bench.modules.initToken({ modulePath, slot, label, soPin, userPin });
        const body = { act: 'token.init', intent: intent.seq, ok: true, serial: token.serial };
        bench.vault.commit({ kind: 'outcome', body, puts: [tokenRow(bench, token, await bench.trustedNow())] });
        return { token: viewToken(token) };
      });
    } finally {
      soPin.wipe(); // SECURITY: the PIN is gone once the token has it
    }
  },
};

export const tokenHandlers = {
  'token.modules': modules,
  'token.add': add,
  'token.restart': restart,
  'token.list': list,
  'token.info': info,
  'token.init': init,
} satisfies Partial<Handlers>;
