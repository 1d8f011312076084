/** The shape of one line of the contract, from which router, bridge, command line and help are derived. */
import { z } from 'zod';
import type { ErrorCode } from '../errors/errorCodes.ts';
import type { Role } from '../model/terms.ts';

/**
 * `read` changes nothing but the log, `write` changes the vault or uses a key,
 * `guarded` waits for an approval at the trusted prompt (rule QUORUM-1).
 */
export type Access = 'read' | 'write' | 'guarded';

export interface Field<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** One line for `--help`. */
  readonly help: string;
  /** On the command line: an argument by place, not a flag. `rest` takes all that follow. */
  readonly positional?: 'one' | 'rest';
  /** The value is a one-use grant (or a list of them) that the host gives out for a file; a caller never names a file. */
  readonly grant?: 'read' | 'write';
  /** On the command line: the file of the global `--vault`. */
  readonly vaultFile?: true;
  /** On the command line, where nothing is given: the files of another field, each with an ending; by the value of a third field, another one. */
  readonly besides?: { readonly field: string; readonly ending: string; readonly by?: { readonly field: string; readonly endings: Readonly<Record<string, string>> } };
}

export type Fields = Readonly<Record<string, Field>>;

export interface Method<F extends Fields = Fields, R extends z.ZodType = z.ZodType, A extends Access = Access> {
  readonly summary: string;
  /** What is typed after `strongroom NOUN VERB`; the whole line is shown in help and run by a test. */
  readonly example: string;
  readonly access: A;
  readonly roles: readonly Role[];
  /** True for the few that may be called while no vault is open. */
  readonly whileLocked: boolean;
  /** True for what the command line does by itself around each command. */
  readonly windowOnly: boolean;
  readonly fields: F;
  readonly request: z.ZodObject<{ [K in keyof F]: F[K]['schema'] }, z.core.$strict>;
  readonly reply: R;
  /** Every code that the method may answer with. Never `internal`: that one is a fault of ours. */
  readonly errors: readonly ErrorCode[];
}

type Spec<F extends Fields, R extends z.ZodType, A extends Access> = Omit<Method<F, R, A>, 'request' | 'whileLocked' | 'windowOnly'> & { readonly whileLocked?: true; readonly windowOnly?: true };

/** A line of the contract. Unknown fields of a request are refused. */
export function method<F extends Fields, R extends z.ZodType, const A extends Access>(spec: Spec<F, R, A>): Method<F, R, A> {
  const shape = Object.fromEntries(Object.entries(spec.fields).map(([name, { schema }]) => [name, schema])) as { [K in keyof F]: F[K]['schema'] };
  return { ...spec, whileLocked: spec.whileLocked ?? false, windowOnly: spec.windowOnly ?? false, request: z.strictObject(shape) };
}

/** A field of a request. */
export function field<S extends z.ZodType>(schema: S, help: string, more: Omit<Field, 'schema' | 'help'> = {}): Field<S> {
  return { schema, help, ...more };
}

/** The id of a file grant: opaque, one use. */
export const grantSchema = z.string().regex(/^[0-9a-f]{32}$/, 'expected the id of a file grant');
/** Public bytes in hex, at most so many. */
export function hexSchema(most: number): z.ZodString {
  return z.string().max(2 * most).regex(/^([0-9a-fA-F]{2})*$/, 'expected an even number of hex digits');
}
/** Most files of one call, and most items of one batch. */
export const batchLimit = 1000;
