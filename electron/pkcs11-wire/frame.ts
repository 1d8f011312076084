/** Frames: one CBOR byte string of one message, with a version, exact fields and a size limit. PROTOCOL.md beside this file. */
import { decode, encodeInto } from 'cborg';
import { encodedLength } from 'cborg/length';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { maxFrameBytes, maxKeys, wireVersion } from './limits.ts';
import { maxTraced, traceRecordBytes } from './callTrace.ts';
import { failure, operationNames, operations } from './messages.ts';
import type { Failure, OperationName, ReplyOf, RequestOf } from './messages.ts';
import { bytes, fields, oneOf, optional, uint } from './shape.ts';
import type { Shape } from './shape.ts';

const anything: Shape<unknown> = (value) => value;
const version = oneOf([wireVersion]);
const requestId = uint(0xffff_ffff);

const requestEnvelope = fields({ v: version, id: requestId, op: oneOf(operationNames), args: anything });
const replyEnvelope = fields({ v: version, id: requestId, ok: optional(anything), err: optional(failure), done: optional(uint(maxKeys)), trace: optional(bytes(0, maxTraced * traceRecordBytes)) });

export type Request = { [K in OperationName]: { readonly id: number; readonly op: K; readonly args: RequestOf<K> } }[OperationName];

/** A result, a failure, or a sign of life: so many items are done. */
export type Reply<K extends OperationName> =
  | { readonly id: number; readonly ok: ReplyOf<K>; readonly trace?: Uint8Array }
  | { readonly id: number; readonly err: Failure; readonly trace?: Uint8Array }
  | { readonly id: number; readonly done: number };

/** Encodes into memory of its own, so that the caller can wipe every copy that this code makes. */
function encodeFrame(message: object): Uint8Array {
  const length = encodedLength(message);
  if (length > maxFrameBytes) throw new StrongroomError('input-too-large', `"frame" expected at most ${maxFrameBytes} bytes, got ${length}`);
  const frame = new Uint8Array(length); // SECURITY: never the encoder's shared chunks, which would keep a PIN
  encodeInto(message, frame);
  return frame;
}

/** @throws Error for what is not one strict CBOR value with nothing behind it */
function decodeFrame(frame: Uint8Array): unknown {
  if (frame.length > maxFrameBytes) throw new TypeError(`"frame" expected at most ${maxFrameBytes} bytes, got ${frame.length}`);
  const plain = new Uint8Array(frame.buffer, frame.byteOffset, frame.length); // a Buffer's slices would share its memory
  // SECURITY: strict: shortest forms, no indefinite lengths, no duplicate keys, and the decoder refuses leftovers
  return decode(plain, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowNaN: false,
    allowInfinity: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
  });
}

/** The version before anything else: what another version means by its fields is not ours to guess. */
function ofThisVersion(message: unknown): unknown {
  const v = typeof message === 'object' && message !== null && 'v' in message ? message.v : undefined;
  version(v, 'v');
  return message;
}

function refused(code: 'request-invalid' | 'module-malformed', error: unknown): StrongroomError {
  const reason = error instanceof Error ? error.message : 'not an error';
  return new StrongroomError(code, code === 'request-invalid' ? reason : `the answer of the module's process is malformed: ${reason}`);
}

/** @throws `input-too-large`, `request-invalid` for what the child would refuse anyway */
export function encodeRequest<K extends OperationName>(id: number, op: K, args: RequestOf<K>): Uint8Array {
  try {
    operations[op].request(args, op);
  } catch (error) {
    throw refused('request-invalid', error);
  }
  return encodeFrame({ v: wireVersion, id, op, args });
}

/** @throws `request-invalid` */
export function decodeRequest(frame: Uint8Array): Request {
  try {
    const { id, op, args } = requestEnvelope(ofThisVersion(decodeFrame(frame)), 'request');
    return { id, op, args: operations[op].request(args, op) } as Request;
  } catch (error) {
    throw refused('request-invalid', error);
  }
}

export function encodeReply<K extends OperationName>(reply: Reply<K>): Uint8Array {
  return encodeFrame({ v: wireVersion, ...reply });
}

/** Which request a reply is to, where several wait for theirs; undefined for what is no message. */
export function replyIdOf(frame: Uint8Array): number | undefined {
  try {
    const message = decodeFrame(frame);
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
    return typeof id === 'number' ? id : undefined;
  } catch {
    return undefined; // what it is, the caller says
  }
}

/** The reply to request `id` of operation `op`. @throws `module-malformed` for anything else */
export function decodeReply<K extends OperationName>(frame: Uint8Array, id: number, op: K): Reply<K> {
  try {
    const envelope = replyEnvelope(ofThisVersion(decodeFrame(frame)), 'reply');
    if (envelope.id !== id) throw new TypeError(`"reply.id" expected ${id}, got ${envelope.id}`);
    const trace = envelope.trace === undefined ? {} : { trace: envelope.trace };
    if (Object.keys(envelope).length !== ('trace' in trace ? 4 : 3)) throw new TypeError('"reply" expected one of ok, err, done');
    if (envelope.err !== undefined) return { id, err: envelope.err, ...trace };
    if (envelope.done !== undefined) return { id, done: envelope.done };
    return { id, ok: operations[op].reply(envelope.ok, op) as ReplyOf<K>, ...trace };
  } catch (error) {
    throw refused('module-malformed', error);
  }
}
