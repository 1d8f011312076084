/** What is on a token against what should be: `token.compare`, `token.expected`, `token.forget`. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Handlers } from '../door/handlers.ts';
import { plainKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { FoundKey } from '../providers/provider.ts';
import type { Place, SeenKey, TokenRecord } from '../records/records.ts';
import type { Row, VaultRecords } from '../records/vaultRecords.ts';
import { tokenDifferences } from '../rules/tokenDifferences.ts';
import type { Comparison, TokenDifference } from '../rules/tokenDifferences.ts';
import { isoTime } from './keyViews.ts';
import { residentsAt } from './tokenResidents.ts';
import type { Resident } from './tokenResidents.ts';
import { placeOfToken, sameToken, tokenNamed, tokenRow } from './tokens.ts';
import { viewToken, viewTokenRecord } from './tokenViews.ts';
import type { Workbench } from './workbench.ts';

function seenKey({ ref, kind, label, id, algorithm, publicKey, kcv, attributes }: FoundKey): SeenKey {
  return {
    ref: plainKeyUri(ref),
    kind,
    label,
    id,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(publicKey === undefined ? {} : { fingerprint: sha256(publicKey) }),
    ...(kcv === undefined ? {} : { kcv }),
    attributes: [...(attributes ?? [])],
  };
}

/** What this vault knows of a token, beside what was found on it. */
function comparisonOf(records: VaultRecords, place: Place, found: readonly SeenKey[], seen: readonly SeenKey[] | undefined): Comparison {
  const residents = residentsAt(records, place);
  return {
    found,
    seen,
    expected: residents.filter(({ gone }) => !gone).map(({ ref, name, version: { fingerprint, kcv } }) => ({ ref, name, fingerprint, kcv })),
    destroyed: new Set(residents.filter(({ gone }) => gone).map(({ ref }) => ref)),
  };
}

/** Keys of this vault are always expected as its records have them; what is kept is the rest. */
function isForeign({ name }: TokenDifference): boolean {
  return name === undefined;
}

const nextSteps: Readonly<Record<TokenDifference['kind'], readonly [own: string, foreign: string]>> = {
  missing: ['find out who had the token; if the key may be elsewhere, declare it compromised: `key compromise`', 'ask who uses this token; `token compare --accept` keeps what is there now'],
  extra: ['', 'adopt it (`key adopt`), or ask who made it; `token compare --accept` keeps it as known'],
  changed: ['find out who changed it: what it may do now is shown by `token info`', 'ask who changed it; `token compare --accept` keeps it as it is now'],
  'other-key': ['do not use it: suspend the key (`key suspend`) and find out who put it there', 'ask who put it there; `token compare --accept` keeps it as known'],
};

function viewDifference(difference: TokenDifference): Reply<'token.compare'>['differences'][number] {
  const { kind, ref, label, id, name, fingerprint, words } = difference;
  const step = nextSteps[kind][isForeign(difference) ? 1 : 0];
  return { kind, ref, label, id: toHex(id), ...(fingerprint === undefined ? {} : { fingerprint: toHex(fingerprint) }), ...(name === undefined ? {} : { knownAs: name }), words, nextStep: step };
}

/** Without words and labels: the log is read by others. */
function logged({ kind, ref, fingerprint }: TokenDifference) {
  return { kind, ref, ...(fingerprint === undefined ? {} : { fingerprint }) };
}

/** SECURITY: a token may make up thousands of keys: the log names the first that weigh most, and counts the rest. */
const mostLogged = 100;

/** What will be expected next time: all of it at first sight; else as before where a difference is open, and as it is now where there is none. */
function kept(found: readonly SeenKey[], before: readonly SeenKey[] | undefined, differences: readonly TokenDifference[], accept: boolean): readonly SeenKey[] {
  if (before === undefined) return found;
  // SECURITY: what changed of a key of this vault stays a difference, whatever is accepted
  const open = new Set(differences.filter((one) => !(accept && isForeign(one))).map(({ ref }) => ref));
  return [...found.filter(({ ref }) => !open.has(ref)), ...before.filter(({ ref }) => open.has(ref))];
}

async function compare(bench: Workbench, request: Request<'token.compare'>): Promise<Reply<'token.compare'>> {
  const { records } = bench;
  const token = await tokenNamed(bench, request.token);
  const place = placeOfToken(token);
  const found = ((await (await bench.reader(place)).adoption?.survey())?.keys ?? []).map(seenKey);
  const before = records.find('token', (record) => sameToken(record, token))?.record.seen;
  const differences = tokenDifferences(comparisonOf(records, place, found, before?.keys));
  const accept = request.accept === true;
  const now = await bench.trustedNow();
  const body = { act: 'token.compare', serial: token.serial, keys: found.length, differences: differences.length, first: before === undefined, accepted: accept, named: differences.slice(0, mostLogged).map(logged) };
  const row = tokenRow(bench, token, now, { at: now, keys: [...kept(found, before?.keys, differences, accept)] });
  const { seq } = bench.vault.commit({ kind: 'token', body, puts: [row] });
  return {
    token: viewToken(token),
    ...(before === undefined ? {} : { before: isoTime(before.at) }),
    keys: found.length,
    differences: differences.map(viewDifference),
    kept: before === undefined || accept,
    logEntry: seq,
  };
}

/** One that this vault remembers, whether it is there or not. @throws `not-found`, `token-ambiguous` */
function remembered(records: VaultRecords, name: string): Row<TokenRecord> {
  const rows = [...records.all('token')].filter(({ record }) => record.label === name || record.serial === name);
  const [row] = rows;
  if (row === undefined) throw new StrongroomError('not-found', `no token named "${name}" is remembered`, { field: 'token', nextStep: 'see `token list`; a token is remembered once it holds a key of this vault, or was compared' });
  if (rows.length > 1) throw new StrongroomError('token-ambiguous', `${rows.length} tokens are named "${name}"`, { field: 'token', nextStep: 'name it by its serial number: see `token list`' });
  return row;
}

function viewExpected(records: VaultRecords, { version, ref }: Resident): Reply<'token.expected'>['keys'][number] {
  const { name, algorithm } = records.keyOf(version).record;
  const { number, state, fingerprint } = version;
  return { name, version: number, algorithm, state, ref, ...(fingerprint === undefined ? {} : { fingerprint: toHex(fingerprint) }) };
}

function viewSeen({ label, id, kind, algorithm, fingerprint }: SeenKey): Reply<'token.expected'>['others'][number] {
  return { label, id: toHex(id), kind, ...(algorithm === undefined ? {} : { algorithm }), ...(fingerprint === undefined ? {} : { fingerprint: toHex(fingerprint) }) };
}

async function expected(bench: Workbench, request: Request<'token.expected'>): Promise<Reply<'token.expected'>> {
  const { records } = bench;
  const { record } = remembered(records, request.token);
  const { tokens } = await bench.modules.inventory();
  const present = tokens.find((token) => sameToken(record, token));
  const residents = residentsAt(records, placeOfToken(record)).filter(({ gone }) => !gone);
  const own = new Set(residents.map(({ ref }) => ref));
  return {
    token: present === undefined ? viewTokenRecord(record) : viewToken(present),
    lastSeen: isoTime(record.lastSeen),
    ...(record.seen === undefined ? {} : { lastCompared: isoTime(record.seen.at) }),
    keys: residents.map((resident) => viewExpected(records, resident)),
    others: (record.seen?.keys ?? []).filter(({ ref }) => !own.has(ref)).map(viewSeen),
  };
}

function forget(bench: Workbench, request: Request<'token.forget'>): Reply<'token.forget'> {
  const { records } = bench;
  const { id, record } = remembered(records, request.token);
  const living = residentsAt(records, placeOfToken(record)).filter(({ gone, version }) => !gone && version.state !== 'compromised');
  if (living.length > 0) {
    const names = living.slice(0, 5).map(({ name }) => `"${name}"`);
    // SECURITY: a key that is forgotten is still somewhere: its state has to say so first
    throw refusal('TOKEN-2', `${living.length === 1 ? 'a key lives' : `${living.length} keys live`} on the token "${record.label}": ${names.join(', ')}${living.length > names.length ? '…' : ''}`, 'a token that is lost makes its keys compromised: `key compromise`, then forget it');
  }
  const { seq } = bench.vault.commit({ kind: 'token', body: { act: 'token.forget', serial: record.serial }, removes: [{ table: 'token', id }] });
  return { label: record.label, serial: record.serial, logEntry: seq };
}

export const tokenContentsHandlers = {
  'token.compare': compare,
  'token.expected': expected,
  'token.forget': forget,
} satisfies Partial<Handlers>;
