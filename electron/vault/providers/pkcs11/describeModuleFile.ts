/** What a module is pinned by (rule TOKEN-1): real path, owner, SHA-256; and whether this machine can load it at all. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { StrongroomError } from '../../../../shared/errors/strongroomError.ts';
import { sha256 } from '../../crypto/hashes.ts';
import { libraryArchitecture } from './libraryArchitecture.ts';

export interface ModuleFile {
  readonly path: string;
  /** Undefined where the system has no user ids (Windows). */
  readonly ownerUid: number | undefined;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** As the library's header says: `x64`, `arm64`… */
  readonly architecture: string;
}

/** Vendors' libraries are some megabytes; a file beyond this is something else. */
const maxBytes = 512 * 1024 * 1024;

/** @throws `module-not-found`, `module-load-failed` for what is no library, or one of another architecture */
export function describeModuleFile(path: string): ModuleFile {
  const { realPath, uid, bytes } = read(path);
  const architecture = libraryArchitecture(bytes);
  if (architecture === undefined) throw new StrongroomError('module-load-failed', '"path" expected a shared library (ELF, Mach-O or PE), got another file');
  if (!architecture.includes(process.arch)) {
    throw new StrongroomError('module-load-failed', `the module is built for ${architecture.join(' and ')}, this program runs on ${process.arch}`, {
      nextStep: `install the vendor's module for ${process.arch}`,
    });
  }
  return { path: realPath, ownerUid: process.platform === 'win32' ? undefined : uid, sha256: sha256(bytes), architecture: process.arch };
}

function read(path: string): { readonly realPath: string; readonly uid: number; readonly bytes: Uint8Array } {
  try {
    const realPath = realpathSync(path);
    const { uid, size } = regularFile(realPath);
    if (size > maxBytes) throw new StrongroomError('module-load-failed', `"path" expected a library of at most ${maxBytes} bytes, got ${size}`);
    return { realPath, uid, bytes: readFileSync(realPath) };
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    throw new StrongroomError('module-not-found', `"path" cannot be read: ${path}`, { nextStep: "give the path of the module's library file", cause: error });
  }
}

function regularFile(path: string): { readonly uid: number; readonly size: number } {
  const stat = statSync(path);
  if (!stat.isFile()) throw new StrongroomError('module-load-failed', '"path" expected a file, got something else');
  return stat;
}
