/** The shape of what answers each method. A guarded method cannot be answered without an approval: its type has no way around one. */
import type { GuardedMethod, MethodName, Reply, Request } from '../../../shared/ipc/contract.ts';
import type { Approved } from '../quorum/approved.ts';
import type { ActOf, GuardedAct } from '../quorum/guardedRequest.ts';
import type { Ports, Workbench } from '../services/workbench.ts';
import type { Run } from './run.ts';

/** Methods that may be called while no vault is open. */
export type LockedMethod = 'vault.create' | 'vault.look' | 'vault.unlock' | 'vault.lock' | 'vault.recover' | 'vault.backupCheck' | 'vault.restore' | 'vault.salvage' | 'audit.verify' | 'signature.verify' | 'token.explain' | 'token.template' | 'attestation.verify';

export interface LockedContext {
  readonly ports: Ports;
  /** The open vault, if there is one. */
  bench: Workbench | undefined;
  /** Raised by each lock: what was opening a vault meanwhile does not open it. */
  locks: number;
}

type Answering<C, M extends MethodName> = (context: C, request: Request<M>, run: Run) => Promise<Reply<M>> | Reply<M>;

/** What a guarded method fixes, and what carries it out once approved: from the act, and of the request only where its files are. */
export interface Guarded<M extends GuardedMethod> {
  prepare(bench: Workbench, request: Request<M>, run: Run): Promise<ActOf<M & GuardedAct['method']>>;
  execute(bench: Workbench, act: ActOf<M & GuardedAct['method']>, approved: Approved, request: Request<M>, run: Run): Promise<Reply<M>>;
}

export type Handlers = {
  [M in MethodName]: M extends GuardedMethod ? Guarded<M> : M extends LockedMethod ? Answering<LockedContext, M> : Answering<Workbench, M>;
};
