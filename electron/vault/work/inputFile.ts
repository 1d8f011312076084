/** Files that are read: opened through a grant, bounded where they must fit in memory, streamed where not. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { requireNotOpenHere } from '../store/database.ts';
import type { ReadGrant } from '../ports/fileGrants.ts';

const chunkBytes = 1 << 20;

function unreadable(path: string, cause: unknown): StrongroomError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new StrongroomError('file-not-found', `the file is not there: ${path}`, { nextStep: 'check its name', cause });
  return new StrongroomError('file-unreadable', `cannot read ${path} (${code ?? 'unknown'})`, { nextStep: 'check its owner and permissions', cause });
}

/** A pipe that nobody writes to would hold the open up for ever. */
const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function openFile({ path }: ReadGrant): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  requireNotOpenHere(path);
  let handle: FileHandle;
  try {
    handle = await open(path, withoutWaiting);
  } catch (error) {
    throw unreadable(path, error);
  }
  const stat = await handle.stat();
  if (stat.isFile()) return { handle, size: stat.size };
  await handle.close();
  throw new StrongroomError('file-unreadable', `expected a file, got something else: ${path}`, { nextStep: 'name a file' });
}

/** All of a small file. @throws `file-not-found`, `file-unreadable`, `input-too-large` */
export async function readSmallFile(grant: ReadGrant, limit: number): Promise<Uint8Array> {
  const { handle, size } = await openFile(grant);
  try {
    if (size > limit) throw new StrongroomError('input-too-large', `the file expected at most ${limit} bytes, got ${size}: ${grant.path}`);
    const bytes = new Uint8Array(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export interface InputStream {
  readonly size: number;
  /** Each chunk is good until the next is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A file in chunks of a mebibyte. @throws `file-not-found`, `file-unreadable`; `cancelled` while it is read */
export async function readStream(grant: ReadGrant, signal: AbortSignal, onBytes: (done: number, total: number) => void): Promise<InputStream> {
  const { handle, size } = await openFile(grant);
  return { size, chunks: chunksOf(handle, size, signal, onBytes), close: () => handle.close() };
}

async function* chunksOf(handle: FileHandle, size: number, signal: AbortSignal, onBytes: (done: number, total: number) => void): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(chunkBytes, size + 1)); // one byte more than expected, so that the end shows in one read
  let done = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    done += bytesRead;
    onBytes(done, size);
    yield buffer.subarray(0, bytesRead);
  }
}
