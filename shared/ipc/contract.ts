/**
 * The contract: everything that can be asked of the core, in one table. Nothing is reachable that is not in it;
 * router, bridge, command line and documentation are derived from it.
 *
 * SECURITY: no method takes a secret. Passphrases, PINs and confirmations come through the trusted prompt alone,
 * so that what is phished by a hostile caller is of no use to it. Files come as one-use grants, never as names.
 */
import type { z } from 'zod';
import type { ErrorInfo } from '../errors/strongroomError.ts';
import { adoptionMethods } from './adoptionMethods.ts';
import { agreementMethods } from './agreementMethods.ts';
import { attestationMethods } from './attestationMethods.ts';
import { auditMethods } from './auditMethods.ts';
import { backupMethods } from './backupMethods.ts';
import { copyMethods } from './copyMethods.ts';
import { keyMethods } from './keyMethods.ts';
import { keyUseMethods } from './keyUseMethods.ts';
import { macMethods } from './macMethods.ts';
import { recipientMethods } from './recipientMethods.ts';
import { signingMethods } from './signingMethods.ts';
import { tokenContentsMethods } from './tokenContentsMethods.ts';
import { tokenMethods } from './tokenMethods.ts';
import { tokenPinMethods } from './tokenPinMethods.ts';
import { travelMethods } from './travelMethods.ts';
import { vaultMethods } from './vaultMethods.ts';
import { waysMethods } from './waysMethods.ts';

export const contract = { ...vaultMethods, ...waysMethods, ...backupMethods, ...tokenMethods, ...tokenPinMethods, ...tokenContentsMethods, ...recipientMethods, ...keyMethods, ...keyUseMethods, ...signingMethods, ...travelMethods, ...macMethods, ...agreementMethods, ...adoptionMethods, ...copyMethods, ...attestationMethods, ...auditMethods } as const;

export type Contract = typeof contract;
export type MethodName = keyof Contract;
export const methodNames = Object.keys(contract) as MethodName[];

/** A request as it is sent: defaults may be left out. */
export type RequestInput<M extends MethodName> = z.input<Contract[M]['request']>;
/** A request as the core sees it, after validation. */
export type Request<M extends MethodName> = z.output<Contract[M]['request']>;
export type Reply<M extends MethodName> = z.output<Contract[M]['reply']>;
export type GuardedMethod = { [M in MethodName]: Contract[M]['access'] extends 'guarded' ? M : never }[MethodName];

export type Answer<M extends MethodName> = { readonly ok: true; readonly value: Reply<M> } | { readonly ok: false; readonly error: ErrorInfo };

/** What long work tells while it runs. Carries no secret. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'items';
}
