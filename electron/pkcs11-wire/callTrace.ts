/** What a child tells of its calls of the module, beside each reply: numbers only, one record of 24 bytes for each call. */
import { StrongroomError } from '../../shared/errors/strongroomError.ts';

/** Calls that are kept, on either side. */
export const maxTraced = 500;
export const traceRecordBytes = 24;

/** The functions of PKCS#11 v2.40 that may be told of, by their place in this list. */
export const tracedFunctions = [
  'C_Initialize', 'C_Finalize', 'C_GetInfo', 'C_GetSlotList', 'C_GetSlotInfo', 'C_GetTokenInfo', 'C_GetMechanismList', 'C_GetMechanismInfo', 'C_InitToken', 'C_InitPIN', 'C_SetPIN',
  'C_OpenSession', 'C_CloseSession', 'C_CloseAllSessions', 'C_GetSessionInfo', 'C_Login', 'C_Logout', 'C_CreateObject', 'C_CopyObject', 'C_DestroyObject', 'C_GetObjectSize',
  'C_GetAttributeValue', 'C_SetAttributeValue', 'C_FindObjectsInit', 'C_FindObjects', 'C_FindObjectsFinal', 'C_EncryptInit', 'C_Encrypt', 'C_DecryptInit', 'C_Decrypt', 'C_DigestInit',
  'C_Digest', 'C_SignInit', 'C_Sign', 'C_VerifyInit', 'C_Verify', 'C_GenerateKey', 'C_GenerateKeyPair', 'C_WrapKey', 'C_UnwrapKey', 'C_DeriveKey', 'C_SeedRandom', 'C_GenerateRandom', 'C_WaitForSlotEvent',
] as const;

/** Answered with what cannot be read, and so with no CKR number. */
export const unreadable = 0xffff_ffff;

export interface TracedCall {
  readonly function: string;
  /** The mechanism, or the kind of user (0 SO, 1 user, 2 for one use). */
  readonly detail: number | undefined;
  /** Bytes given and got, or how many were asked for and came; never of a PIN. */
  readonly given: number | undefined;
  readonly got: number | undefined;
  readonly ckr: number;
  readonly microseconds: number;
}

const has = { detail: 1, given: 2, got: 4 } as const;

/** @param at where in `target` the record begins */
export function writeTraced(target: DataView, at: number, functionIndex: number, call: Omit<TracedCall, 'function'>): void {
  const { detail, given, got, ckr, microseconds } = call;
  target.setUint8(at, functionIndex);
  target.setUint8(at + 1, (detail === undefined ? 0 : has.detail) | (given === undefined ? 0 : has.given) | (got === undefined ? 0 : has.got));
  target.setUint16(at + 2, 0);
  for (const [index, number] of [detail, given, got, ckr, microseconds].entries()) target.setUint32(at + 4 + index * 4, Math.min(number ?? 0, 0xffff_ffff));
}

function readTraced(view: DataView, at: number): TracedCall {
  const name = tracedFunctions[view.getUint8(at)];
  if (name === undefined) throw new StrongroomError('module-malformed', "the trace of the module's process names a function that is none");
  const told = view.getUint8(at + 1);
  const number = (index: number, bit: number) => ((told & bit) === 0 ? undefined : view.getUint32(at + 4 + index * 4));
  return { function: name, detail: number(0, has.detail), given: number(1, has.given), got: number(2, has.got), ckr: view.getUint32(at + 16), microseconds: view.getUint32(at + 20) };
}

/** @throws `module-malformed` */
export function readTrace(records: Uint8Array): readonly TracedCall[] {
  if (records.length % traceRecordBytes !== 0) throw new StrongroomError('module-malformed', `"trace" expected records of ${traceRecordBytes} bytes, got ${records.length} bytes`);
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  return Array.from({ length: records.length / traceRecordBytes }, (_, index) => readTraced(view, index * traceRecordBytes));
}
