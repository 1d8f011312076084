/** One byte of the file changed, anywhere: it opens with the same content, since the byte has no meaning, or is refused in our words. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { contentOf } from '../fixtures/fullVault.ts';
import type { FullVault } from '../fixtures/fullVault.ts';
import type { OpenVault } from '../../electron/vault/unlock/openVault.ts';
import { isStrongroomError } from '../../shared/errors/strongroomError.ts';

export type Fate = 'refused' | 'without meaning';

/** @returns what became of the change. @throws Error for anything else than a refusal or the same content */
export async function fateOfByte(full: FullVault, content: string, path: string, random: () => number): Promise<Fate> {
  const bytes = readFileSync(full.path);
  const at = Math.floor(random() * bytes.length);
  const before = bytes[at] ?? 0;
  bytes[at] = before ^ (1 + Math.floor(random() * 255));
  writeFileSync(path, bytes);
  const what = `byte ${at} from ${before} to ${bytes[at]}`;
  let vault: OpenVault | undefined;
  try {
    vault = await full.open(path, true);
    const found = contentOf(vault);
    if (found !== content) throw new Error(`${what} was accepted, and the vault says something else`);
    return 'without meaning';
  } catch (error) {
    if (!isStrongroomError(error)) throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
    if (error.code === 'wrong-passphrase') await endSlowing(full, path);
    return 'refused';
  } finally {
    vault?.close();
  }
}

/** A wrong passphrase slows the next try of this process, until the right one. */
export async function endSlowing(full: FullVault, path: string): Promise<void> {
  copyFileSync(full.path, path);
  (await full.open(path, true)).close();
}
