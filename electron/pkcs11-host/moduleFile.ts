/** The last look at the module's file before it is loaded: still the one that was pinned (rule TOKEN-1). */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';

export interface PinnedFile {
  readonly path: string;
  readonly sha256: Uint8Array;
  readonly owner?: number;
}

function changed(what: string): StrongroomError {
  return new StrongroomError('module-changed', `the module is not the one that was pinned: ${what}`, { rule: 'TOKEN-1' });
}

/** @throws `module-not-found`, `module-changed` */
export function assertPinned(pinned: PinnedFile): void {
  let bytes: Buffer;
  let owner: number;
  try {
    if (realpathSync(pinned.path) !== pinned.path) throw changed('its path is a link now');
    owner = statSync(pinned.path).uid;
    bytes = readFileSync(pinned.path);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    throw new StrongroomError('module-not-found', `"path" cannot be read: ${pinned.path}`);
  }
  if (pinned.owner !== undefined && pinned.owner !== owner) throw changed(`its owner is user ${owner} now, expected ${pinned.owner}`);
  // SECURITY: loading a module is running its code with this user's rights; a changed file waits until a person pins it again
  if (!createHash('sha256').update(bytes).digest().equals(pinned.sha256)) throw changed('its SHA-256 is another one now');
}
