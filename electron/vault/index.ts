/** All that a host may import of the core: the door, the ports that it fulfils, and secret bytes to fulfil them with. */
export { createCore } from './door/core.ts';
export type { CallOptions, Core } from './door/core.ts';
export { runInWorker } from './door/runInWorker.ts';
export type { WorkerCore, WorkerPorts } from './door/runInWorker.ts';
export { randomWords } from './crypto/randomWords.ts';
export { SecretBytes } from './crypto/secretBytes.ts';
export { toErrorInfo } from './door/toErrorInfo.ts';
export type { Ports } from './services/workbench.ts';
export { systemClock } from './ports/clock.ts';
export type { Clock } from './ports/clock.ts';
export { FileGrantTable } from './ports/fileGrantTable.ts';
export type { FileGrants, ReadGrant, WriteGrant } from './ports/fileGrants.ts';
export type { HostFacts } from './ports/hostFacts.ts';
export type { KnownModule } from './providers/pkcs11/moduleSurroundings.ts';
export { pinDetails, pinSentence } from './ports/pinWords.ts';
export type { Confirmation, PassphraseQuestion, PinQuestion, Prompt, TypedApproval } from './ports/prompt.ts';
export type { ChildExit, ChildLauncher, ChildProcess, Isolation, LaunchOptions } from './ports/childLauncher.ts';
