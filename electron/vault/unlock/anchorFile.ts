/** The file outside every vault that remembers how far the log of each had come (FORMAT.md, "Anchors"). Never trusted where another could have written it, and never a reason to fail. */
import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

/** The log as it was seen: so many entries, under this RFC 6962 root. */
const headSchema = z.strictObject({ size: z.number().int().min(1), root: hex(32), at: z.number().int().min(0).max(8_640_000_000_000_000) });
export type Head = z.infer<typeof headSchema>;

/** Which file it is, where the file system tells. */
const fileSchema = z.strictObject({ device: z.string().max(40), inode: z.string().max(40) });
export type FileIdentity = z.infer<typeof fileSchema>;

/** Of the newest heads, enough to tell an older copy from one that went its own way. */
const mostHeads = 32;
/** Of copies that were given up for another. */
const mostGivenUp = 8;
const rising = (heads: readonly Head[]) => heads.every(({ size }, index) => index === 0 || size > (heads[index - 1]?.size ?? 0));
const anchorSchema = z.strictObject({ genesis: hex(32), path: z.string().max(32_768), file: fileSchema.optional(), heads: z.array(headSchema).min(1).max(mostHeads).refine(rising), givenUp: z.array(headSchema).max(mostGivenUp).optional() });
export type Anchor = z.infer<typeof anchorSchema>;

const anchorsSchema = z.strictObject({ strongroom: z.literal('anchors'), version: z.literal(1), vaults: z.record(hex(16), anchorSchema) });
export type Anchors = z.infer<typeof anchorsSchema>['vaults'];

/** Vaults that are remembered; beyond them the one goes that was not seen for longest. */
const mostVaults = 500;
const largest = 8_000_000;

/** The file cannot serve as a memory, and why. A damaged one is put aside by the next writing; one of another user or a newer version is left alone. */
export class AnchorFault extends Error {
  readonly kind: 'damaged' | 'not-ours' | 'unwritable';
  constructor(kind: AnchorFault['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'AnchorFault';
    this.kind = kind;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** SECURITY: what another user wrote, or could write, is no memory of ours. */
function requireOurs(descriptor: number): void {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) throw new AnchorFault('not-ours', 'it is not a file');
  const user = process.getuid?.();
  if (user !== undefined && stat.uid !== user) throw new AnchorFault('not-ours', 'it belongs to another user');
  if (user !== undefined && (stat.mode & 0o022) !== 0) throw new AnchorFault('damaged', 'others can write it');
  if (stat.size > largest) throw new AnchorFault('damaged', 'it is too large');
}

function textOf(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a pipe in its place holds nobody up
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new AnchorFault('not-ours', 'it cannot be read', error);
  }
  try {
    requireOurs(descriptor);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw error instanceof AnchorFault ? error : new AnchorFault('not-ours', 'it cannot be read', error);
  } finally {
    closeSync(descriptor);
  }
}

function parsed(text: string): Anchors {
  try {
    const value: unknown = JSON.parse(text);
    const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
    if (typeof version === 'number' && version > 1) throw new AnchorFault('not-ours', 'a newer Strongroom wrote it');
    return anchorsSchema.parse(value).vaults;
  } catch (error) {
    throw error instanceof AnchorFault ? error : new AnchorFault('damaged', 'it is damaged', error);
  }
}

/** What is remembered. No file is an empty memory. @throws AnchorFault */
export function readAnchors(path: string): Anchors {
  const text = textOf(path);
  return text === undefined ? {} : parsed(text);
}

/** Milliseconds: another program writes the file in a few; one that was killed meanwhile leaves its name behind. */
const patience = 1000;
const abandoned = 10_000;

function isAbandoned(path: string): boolean {
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Math.abs(Date.now() - made) > abandoned;
}

/** The temporary file is the lock as well: who made it writes, and the renaming ends it. */
function openBeside(beside: string): number {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return openSync(beside, 'wx', 0o600); // SECURITY: where a person's vaults are is nobody else's to know, and a link that was put there is not followed
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (isAbandoned(beside)) rmSync(beside, { force: true });
      else if (performance.now() > until) throw new AnchorFault('unwritable', 'another program is writing it', error);
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** A damaged file is kept for an inquiry, out of the way. */
function readToWrite(path: string): Anchors {
  try {
    return readAnchors(path);
  } catch (error) {
    if (!(error instanceof AnchorFault) || error.kind !== 'damaged') throw error;
    renameSync(path, `${path}.damaged`);
    return {};
  }
}

function trimmed(anchors: Anchors): Anchors {
  const seen = ({ heads }: Anchor) => heads.at(-1)?.at ?? 0;
  const newest = Object.entries(anchors).toSorted(([, a], [, b]) => seen(b) - seen(a)).slice(0, mostVaults);
  return Object.fromEntries(newest.map(([vault, anchor]) => [vault, { ...anchor, heads: anchor.heads.slice(-mostHeads), ...(anchor.givenUp === undefined ? {} : { givenUp: anchor.givenUp.slice(-mostGivenUp) }) }]));
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const descriptor = openSync(dirname(path), 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function replace(path: string, beside: string, descriptor: number, change: (anchors: Anchors) => Anchors): void {
  try {
    try {
      const vaults = trimmed(change(readToWrite(path)));
      writeFileSync(descriptor, `${JSON.stringify({ strongroom: 'anchors', version: 1, vaults })}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** Reads, changes and writes it in one go, durable on return; other programs wait. @throws AnchorFault */
export function updateAnchors(path: string, change: (anchors: Anchors) => Anchors): void {
  const beside = `${path}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replace(path, beside, openBeside(beside), change);
    syncFolder(path);
  } catch (error) {
    throw error instanceof AnchorFault ? error : new AnchorFault('unwritable', 'it cannot be written', error);
  }
}
