/** The log: `audit.list`, `audit.verify`, `audit.export`. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, fromHex, toHex, utf8 } from '../crypto/bytes.ts';
import { newHash } from '../crypto/hashes.ts';
import type { Handlers, LockedContext } from '../door/handlers.ts';
import type { Run } from '../door/run.ts';
import { verifyExport } from '../log/verifyExport.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';
import type { CborValue, LogEntry } from '../unlock/openVault.ts';
import { withOutput } from '../work/outputFile.ts';
import { readStream } from '../work/inputFile.ts';
import { isoTime } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

/** What an entry says, as JSON can say it. */
function plain(value: CborValue | undefined): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).flatMap(([field, inner]) => (inner === undefined ? [] : [[field, plain(inner)]])));
}

function viewEntry({ seq, time, kind, signer, epoch, leaf, body, personal, approvals }: LogEntry): Reply<'audit.list'>['entries'][number] {
  return {
    seq,
    time: isoTime(time),
    kind,
    signer: toHex(signer),
    epoch,
    leaf: toHex(leaf),
    body: plain(body) as Record<string, unknown>,
    personal: { ...personal },
    approvals: approvals.length,
  };
}

/** Tells which entries are about a key: their body names it, or they are the outcome of an intent that does. */
function aboutKey(key: Uint8Array): (entry: LogEntry) => boolean {
  const intents = new Set<CborValue>();
  return ({ seq, kind, body }) => {
    const keys = Array.isArray(body.keys) ? body.keys : [body.key];
    const named = keys.some((one) => one instanceof Uint8Array && equalBytes(one, key));
    if (named && kind === 'intent') intents.add(seq);
    return named || (body.intent !== undefined && intents.has(body.intent));
  };
}

function list({ vault, records }: Workbench, { from, limit, key: name }: Request<'audit.list'>): Reply<'audit.list'> {
  const entries: Reply<'audit.list'>['entries'] = [];
  const wanted = name === undefined ? () => true : aboutKey(records.key(name).id);
  // Of one key all entries are looked at: an outcome may follow an intent that came before the first wanted entry.
  for (const entry of vault.log.entries(name === undefined ? from : 0)) {
    if (entries.length === limit) break;
    if (wanted(entry) && entry.seq >= from) entries.push(viewEntry(entry));
  }
  return { entries, size: vault.log.size };
}

function prove({ vault }: Workbench, { entry: seq }: Request<'audit.proof'>): Reply<'audit.proof'> {
  const [entry] = seq < vault.log.size ? vault.log.entries(seq) : [];
  if (entry === undefined) throw new StrongroomError('not-found', `"entry" expected 0..${vault.log.size - 1}, got ${seq}`, { field: 'entry' });
  return { entry: viewEntry(entry), size: vault.log.size, root: toHex(vault.log.root()), path: vault.log.proof(seq).map(toHex) };
}

/** A line of an exported log is an entry: some kilobytes, a batch of a thousand some hundred. */
const lineLimit = 4 * 1024 * 1024;

async function* linesOf(grant: ReadGrant, signal: AbortSignal): AsyncGenerator<string> {
  const input = await readStream(grant, signal, () => undefined);
  let rest = '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of input.chunks) {
      const lines = (rest + decode(decoder, chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > lineLimit) throw new StrongroomError('input-too-large', `a line of the log expected at most ${lineLimit} characters`);
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    await input.close();
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw new StrongroomError('input-malformed', 'the log expected UTF-8 text, got other bytes', { cause });
  }
}

async function verify(context: LockedContext, { log, genesis }: Request<'audit.verify'>, { signal }: Run): Promise<Reply<'audit.verify'>> {
  const lines = log === undefined ? ownLines(context) : linesOf(context.ports.files.redeemRead(log), signal);
  const { vaultId, genesisFingerprint, entries, root, firstTime, lastTime, statement, findings } = await verifyExport(lines, genesis === undefined ? {} : { genesisFingerprint: fromHex(genesis) });
  return {
    vaultId: toHex(vaultId),
    genesisFingerprint: toHex(genesisFingerprint),
    entries,
    root: toHex(root),
    first: isoTime(firstTime),
    last: isoTime(lastTime),
    statement,
    findings: [...findings],
  };
}

function ownLines({ bench }: LockedContext): Iterable<string> {
  if (bench === undefined) throw new StrongroomError('locked', 'no vault is open, and no exported log was given', { nextStep: 'name an exported log with --log, or a vault with --vault' });
  return bench.vault.exportLog();
}

async function exportLog({ vault, ports }: Workbench, request: Request<'audit.export'>, run: Run): Promise<Reply<'audit.export'>> {
  const total = vault.log.size;
  const root = toHex(vault.log.root());
  const digest = newHash('sha256');
  await withOutput(ports.files.redeemWrite(request.out), async (output) => {
    let done = 0;
    for (const line of vault.exportLog()) {
      run.signal.throwIfAborted();
      const bytes = utf8(`${line}\n`);
      digest.update(bytes);
      await output.write(bytes);
      run.progress({ what: 'exporting the log', done: ++done, total, unit: 'items' });
    }
    await output.sync();
  });
  vault.commit({ kind: 'audit', body: { act: 'audit.export', entries: total } });
  return { entries: total, root, genesisFingerprint: toHex(vault.genesisFingerprint), sha256: toHex(digest.digest()) };
}

export const logHandlers = {
  'audit.list': list,
  'audit.proof': prove,
  'audit.verify': verify,
  'audit.export': exportLog,
} satisfies Partial<Handlers>;
