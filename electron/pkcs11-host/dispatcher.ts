/** One frame in, its frames out: decode, do, encode, wipe. Requests run one after the other, in the order of their coming; one that is to run aside is begun in its turn. */
import { decodeRequest, encodeReply } from '../pkcs11-wire/frame.ts';
import type { Request } from '../pkcs11-wire/frame.ts';
import type { OperationName, ReplyOf, RequestOf } from '../pkcs11-wire/messages.ts';
import type { Done } from './signOfLife.ts';
import { toFailure } from './failure.ts';
import type { Host } from './host.ts';
import { decrypt, decryptCbc, encrypt } from './operations/cipher.ts';
import { createKey, createPublic } from './operations/clearKey.ts';
import { derive } from './operations/derive.ts';
import { generatePair, generateSecret, runsAside } from './operations/generate.ts';
import { probeGuards } from './operations/guards.ts';
import { certificates, destroy, find } from './operations/keys.ts';
import { mac } from './operations/mac.ts';
import { close, mechanisms, open, tokens } from './operations/module.ts';
import { changePin, checkPin, initToken, login, logout, unblockPin } from './operations/pins.ts';
import { probeAesWrap, probeCreate, probeDerive, probeMake, probeOaepWrap } from './operations/probe.ts';
import { sign } from './operations/sign.ts';
import { unwrap, wrap, wrapThrough } from './operations/wrap.ts';

type Operations = { readonly [K in OperationName]: (request: RequestOf<K>, host: Host, done: Done) => ReplyOf<K> | Promise<ReplyOf<K>> };

const operations = {
  open,
  close,
  tokens,
  mechanisms,
  login,
  logout,
  initToken,
  changePin,
  unblockPin,
  checkPin,
  find,
  certificates,
  generateSecret,
  generatePair,
  createKey,
  createPublic,
  destroy,
  sign,
  mac,
  encrypt,
  decrypt,
  decryptCbc,
  wrap,
  wrapThrough,
  unwrap,
  derive,
  probeMake,
  probeCreate,
  probeDerive,
  probeAesWrap,
  probeOaepWrap,
  probeGuards,
} satisfies Operations;

type Send = (frame: Uint8Array) => void;

/** Sent, a frame is in the pipe or in the runtime's own copy; ours is wiped. */
function sendAndWipe(send: Send, frame: Uint8Array): void {
  send(frame);
  frame.fill(0); // SECURITY: it may hold a plaintext
}

/** Every byte string of a message, wherever it is: PINs, plaintexts and throw-away keys among them. */
function wipe(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0);
  else if (typeof value === 'object' && value !== null) for (const field of Object.values(value)) wipe(field);
}

async function perform(request: Request, host: Host, send: Send): Promise<void> {
  const done = async (count: number) => {
    sendAndWipe(send, encodeReply({ id: request.id, done: count }));
    await new Promise((resolve) => setImmediate(resolve)); // lets the frame out before the next call of the module
  };
  const operation = operations[request.op] as (args: unknown, host: Host, done: Done) => ReplyOf<OperationName> | Promise<ReplyOf<OperationName>>;
  try {
    const ok = await operation(request.args, host, done);
    sendAndWipe(send, encodeReply({ id: request.id, ok, trace: host.takeTrace() }));
    wipe(ok);
  } catch (error) {
    sendAndWipe(send, encodeReply({ id: request.id, err: toFailure(error), trace: host.takeTrace() }));
  } finally {
    wipe(request.args); // SECURITY: a PIN lives here no longer than its call
  }
}

export function makeDispatcher(host: Host, send: Send, giveUp: () => void): (frame: Uint8Array) => void {
  let last: Promise<void> = Promise.resolve();
  return (frame) => {
    last = last.then(async () => {
      let request: Request;
      try {
        request = decodeRequest(frame);
      } catch {
        return giveUp(); // without an id there is nobody to answer: the core sees a process that ended
      } finally {
        frame.fill(0); // SECURITY: a PIN may be in it
      }
      const answered = perform(request, host, send);
      if (!(request.op === 'generatePair' && runsAside(request.args, host))) await answered;
    });
  };
}
