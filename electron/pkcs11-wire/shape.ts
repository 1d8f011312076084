/** Validators of messages: each takes what came over the wire and gives the typed value, or throws and says what was expected. */

export type Shape<T> = (value: unknown, title: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  // SECURITY: a value is described by its kind, never repeated: it may be part of a secret
  return value === null ? 'null' : typeof value;
}

/** @throws TypeError always; the frame functions give it the code of their side. */
function refuse(title: string, expected: string, value: unknown): never {
  throw new TypeError(`"${title}" expected ${expected}, got ${describe(value)}`);
}

export function bytes(min: number, max: number): Shape<Uint8Array> {
  return (value, title) => {
    if (!(value instanceof Uint8Array) || value.length < min || value.length > max) refuse(title, `${min}..${max} bytes`, value);
    return value;
  };
}

/** Control characters (C0, DEL, C1) and those that turn the direction of writing: what a token calls itself ends on terminals and in windows. */
export const unprintable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** Text that can be shown. `max` counts UTF-16 units, of which a byte of UTF-8 never makes more than one. */
export function text(max: number): Shape<string> {
  return (value, title) => {
    if (typeof value !== 'string' || value.length > max || unprintable.test(value)) refuse(title, `text of at most ${max} without control characters`, value);
    return value;
  };
}

export function uint(max: number): Shape<number> {
  return (value, title) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) refuse(title, `an integer of 0..${max}`, value);
    return value;
  };
}

export const flag: Shape<boolean> = (value, title) => {
  if (typeof value !== 'boolean') refuse(title, 'true or false', value);
  return value;
};

export function oneOf<const T extends string | number>(values: readonly T[]): Shape<T> {
  return (value, title) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) refuse(title, `one of ${values.join(', ')}`, value);
    return found;
  };
}

export function listOf<T>(shape: Shape<T>, min: number, max: number): Shape<readonly T[]> {
  return (value, title) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) refuse(title, `a list of ${min}..${max}`, value);
    return value.map((item: unknown, index) => shape(item, `${title}[${index}]`));
  };
}

const optionalMark = Symbol('optional');
export type OptionalShape<T> = Shape<T> & { readonly [optionalMark]: true };

/** A field that may be left out. Present, it is never undefined or null. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return Object.assign((value: unknown, title: string) => shape(value, title), { [optionalMark]: true as const });
}

type Table = Readonly<Record<string, Shape<unknown>>>;
type OptionalNames<F extends Table> = { [K in keyof F]: F[K] extends OptionalShape<unknown> ? K : never }[keyof F];
export type Fields<F extends Table> = { readonly [K in Exclude<keyof F, OptionalNames<F>>]: Shaped<F[K]> } & {
  readonly [K in OptionalNames<F>]?: Shaped<F[K]>;
};

/** A map with exactly these fields. */
export function fields<const F extends Table>(table: F): Shape<Fields<F>> {
  const names = Object.keys(table);
  return (value, title) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) refuse(title, 'a map', value);
    const given = value as Readonly<Record<string, unknown>>;
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(table, name));
    // SECURITY: an unknown field is refused, so that nothing travels beside what was reviewed
    if (unknown !== undefined) throw new TypeError(`"${title}" expected the fields ${names.join(', ')}, got one more`);
    const checked: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries(table)) {
      if (Object.hasOwn(given, name)) checked[name] = shape(given[name], `${title}.${name}`);
      else if (!(optionalMark in shape)) throw new TypeError(`"${title}.${name}" expected, got nothing`);
    }
    return checked as Fields<F>;
  };
}

/** Exactly one of the named fields, with its shape. */
export function oneField<const F extends Table>(table: F): Shape<{ [K in keyof F]: { readonly [P in K]: Shaped<F[K]> } }[keyof F]> {
  return (value, title) => {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const name = names.length === 1 ? names[0] : undefined;
    const shape = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
    if (name === undefined || shape === undefined) refuse(title, `one field of ${Object.keys(table).join(', ')}`, value);
    const checked = shape((value as Readonly<Record<string, unknown>>)[name], `${title}.${name}`);
    return { [name]: checked } as { [K in keyof F]: { readonly [P in K]: Shaped<F[K]> } }[keyof F];
  };
}
