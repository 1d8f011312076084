/** `key.signatures`: what a key signed, as the log has it. */
import { signatureMechanisms } from '../../../shared/model/terms.ts';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import type { Handlers } from '../door/handlers.ts';
import type { CborMap, CborValue, LogEntry } from '../unlock/openVault.ts';
import { isoTime } from './keyViews.ts';
import type { Workbench } from './workbench.ts';

type Line = Reply<'key.signatures'>['signatures'][number];
type Act = Line['act'];

const dayLength = 24 * 60 * 60 * 1000;

/** A day counts whole. */
function bounds({ since, until }: Request<'key.signatures'>): { readonly from: number; readonly to: number } {
  const day = until !== undefined && !until.includes('T') ? dayLength - 1 : 0;
  return { from: since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since), to: until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) + day };
}

function isMap(value: CborValue | undefined): value is CborMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function mechanismOf({ mechanism }: CborMap): SignatureMechanism | undefined {
  return signatureMechanisms.find((name) => name === mechanism);
}

/** Of a file whose hash alone was kept, the hash is its SHA-256 where the mechanism's is. */
function sha256Of({ sha256, digest }: CborMap, mechanism: SignatureMechanism): { readonly sha256?: string } {
  if (sha256 instanceof Uint8Array) return { sha256: toHex(sha256) };
  return digest instanceof Uint8Array && mechanism.endsWith('sha256') ? { sha256: toHex(digest) } : {};
}

type Common = Pick<Line, 'version' | 'act' | 'format' | 'mechanism'>;

function commonOf({ body }: LogEntry): Common | undefined {
  const mechanism = mechanismOf(body);
  if (mechanism === undefined || typeof body.number !== 'number') return undefined;
  const act: Act = body.act === 'key.sign' ? 'key.sign' : 'key.requestCertificate';
  const format = act === 'key.requestCertificate' ? 'pkcs10' : typeof body.format === 'string' ? body.format : 'raw';
  return { version: body.number, act, format, mechanism };
}

/** What an outcome, or the lack of one, says of its intent. */
function linesOf(intent: LogEntry, outcome: LogEntry | undefined): readonly Line[] {
  const common = commonOf(intent);
  if (common === undefined) return [];
  const { time, seq, body = {} } = outcome ?? intent;
  const base = { time: isoTime(time), ...common, logEntry: seq };
  if (outcome === undefined || body.ok !== true) {
    const made = outcome === undefined || body.code === 'interrupted' ? 'unknown' : 'no';
    return [{ ...base, made, files: typeof intent.body.count === 'number' ? intent.body.count : 1 }];
  }
  const items = Array.isArray(body.items) ? body.items : [body];
  return items.filter(isMap).map((item) => ({ ...base, ...sha256Of(item, common.mechanism), made: item.ok === true ? 'yes' : 'no' }));
}

/** Each intent of a key to sign, with its outcome; one without an outcome comes last. */
function* signed({ vault }: Workbench, key: Uint8Array): Generator<readonly [intent: LogEntry, outcome: LogEntry | undefined]> {
  const open = new Map<CborValue, LogEntry>();
  for (const entry of vault.log.entries(0)) {
    const { kind, body, seq } = entry;
    if (kind === 'intent' && (body.act === 'key.sign' || body.act === 'key.requestCertificate') && body.key instanceof Uint8Array && equalBytes(body.key, key)) open.set(seq, entry);
    const intent = kind === 'outcome' && body.intent !== undefined ? open.get(body.intent) : undefined;
    if (intent === undefined) continue;
    open.delete(intent.seq);
    yield [intent, entry];
  }
  for (const intent of open.values()) yield [intent, undefined];
}

function signatures(bench: Workbench, request: Request<'key.signatures'>): Reply<'key.signatures'> {
  const key = bench.records.key(request.key);
  const { from, to } = bounds(request);
  const found: Line[] = [];
  for (const [intent, outcome] of signed(bench, key.id)) {
    const { time } = outcome ?? intent;
    if (time < from || time > to) continue;
    found.push(...linesOf(intent, outcome));
    if (found.length > request.limit) break;
  }
  return { key: key.record.name, signatures: found.slice(0, request.limit), more: found.length > request.limit };
}

export const signatureLogHandlers = {
  'key.signatures': signatures,
} satisfies Partial<Handlers>;
