/** From what was typed to a request of the contract: words by place and flags become fields, paths become grants. */
import type { Field, Fields } from '../../shared/ipc/method.ts';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import type { FileGrantTable } from '../vault/index.ts';

export type Typed = Readonly<Record<string, unknown>>;

/** The flag of a field: `useLimit` is `--use-limit`. */
export function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What the innermost schema takes, for help and for reading what was typed. */
export function kindOf({ schema }: Field): { readonly kind: 'boolean' | 'number' | 'text' | 'list'; readonly choices: readonly string[]; readonly required: boolean; readonly fallback: unknown } {
  let inner = schema as unknown as { def: { type: string; innerType?: never; entries?: Record<string, string>; defaultValue?: unknown } };
  let [required, fallback]: [boolean, unknown] = [true, undefined];
  while (inner.def.innerType !== undefined) {
    if (inner.def.type === 'default') fallback = inner.def.defaultValue;
    required = false;
    inner = inner.def.innerType;
  }
  const { type, entries } = inner.def;
  const kind = type === 'boolean' || type === 'number' ? type : type === 'array' ? 'list' : 'text';
  return { kind, choices: Object.values(entries ?? {}), required, fallback };
}

function numberOf(name: string, text: unknown): number {
  const value = Number(text);
  if (typeof text !== 'string' || text.trim() === '' || !Number.isFinite(value)) throw new StrongroomError('request-invalid', `"${name}" expected a number, got ${JSON.stringify(text)}`, { field: name });
  return value;
}

function granted(field: Field, value: unknown, files: FileGrantTable, overwrite: boolean): unknown {
  const one = (path: unknown) => (field.grant === 'read' ? files.read(String(path)) : files.write(String(path), overwrite));
  return Array.isArray(value) ? value.map(one) : one(value);
}

/** A request whose files stand in it as paths, as programs write it. What is no path stays, for the contract to refuse; what is left out is left out. */
export function grantedRequest(fields: Fields, request: Typed, files: FileGrantTable, overwrite: boolean): Record<string, unknown> {
  const filled = { ...request };
  for (const [name, field] of Object.entries(fields)) {
    const value = filled[name];
    if (value === undefined) continue;
    if (field.grant !== undefined && [value].flat().every((path) => typeof path === 'string')) filled[name] = granted(field, value, files, overwrite);
  }
  return filled;
}

/** The files of another field, each with an ending. */
export function besides({ besides: rule }: Field, typed: Typed): unknown {
  const others = rule === undefined ? undefined : typed[rule.field];
  const ending = rule?.by?.endings[String(typed[rule.by.field])] ?? rule?.ending;
  return Array.isArray(others) ? others.map((path) => `${String(path)}${ending}`) : undefined;
}

/** @param typed by field name: text, true, or a list of texts @throws `request-invalid` */
export function requestOf(fields: Fields, typed: Typed, vault: string | undefined, files: FileGrantTable, overwrite: boolean): Record<string, unknown> {
  const request: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = field.vaultFile === true ? vault : (typed[name] ?? besides(field, typed));
    if (value === undefined) continue;
    if (field.grant !== undefined) request[name] = granted(field, value, files, overwrite);
    else request[name] = kindOf(field).kind === 'number' ? numberOf(name, value) : value;
  }
  return request;
}
