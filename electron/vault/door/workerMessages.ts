/** What passes between the core in its worker thread and the main thread of a window host. Every port is a message; secrets are moved, not copied. */
import type { ErrorInfo } from '../../../shared/errors/strongroomError.ts';
import type { Progress } from '../../../shared/ipc/contract.ts';
import type { ChildExit, Isolation, LaunchOptions } from '../ports/childLauncher.ts';
import type { ReadGrant, WriteGrant } from '../ports/fileGrants.ts';
import type { HostFacts } from '../ports/hostFacts.ts';
import type { TimeLimits } from '../providers/pkcs11/moduleClient.ts';

export type PromptMethod = 'passphrase' | 'newPassphrase' | 'pin' | 'newPin' | 'approve' | 'confirm';

/** What a worker starts with. */
export interface WorkerStart {
  readonly host: HostFacts;
  readonly isolation: Isolation;
  readonly timeLimits: TimeLimits | undefined;
  /** Of `NativeWork`: what the thread is not ended under. */
  readonly nativeWork: SharedArrayBuffer;
}

/** A prompt's answer: text that is no secret, and the bytes that are. */
export interface PromptReply {
  readonly typed?: string;
  readonly secret?: Uint8Array;
}

export type ToWorker =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly request: unknown }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'grant'; readonly id: number; readonly grant: ReadGrant | WriteGrant }
  | { readonly kind: 'prompted'; readonly id: number; readonly ok: true; readonly reply: PromptReply }
  | { readonly kind: 'prompted'; readonly id: number; readonly ok: false; readonly error: ErrorInfo }
  | { readonly kind: 'frame'; readonly child: number; readonly frame: Uint8Array }
  | { readonly kind: 'exit'; readonly child: number; readonly exit: ChildExit };

export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'granted'; readonly id: number; readonly grant: string }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'prompt'; readonly id: number; readonly method: PromptMethod; readonly question: unknown }
  | { readonly kind: 'launch'; readonly child: number; readonly options: LaunchOptions }
  | { readonly kind: 'send'; readonly child: number; readonly frame: Uint8Array }
  | { readonly kind: 'kill'; readonly child: number };

/** The buffers of a message that go over as they are: what the sender had is then empty. */
export function moved(bytes: Uint8Array | undefined): ArrayBuffer[] {
  return bytes === undefined || !(bytes.buffer instanceof ArrayBuffer) || bytes.byteLength !== bytes.buffer.byteLength ? [] : [bytes.buffer];
}
