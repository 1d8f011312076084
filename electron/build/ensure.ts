/** `node electron/build/ensure.ts GROUP`: the Debian packages of one command, before it runs. */
import { ensureDebianPackages, needs } from './debianPackages.ts';
import type { NeedGroup } from './debianPackages.ts';

function isGroup(name: string | undefined): name is NeedGroup {
  return name !== undefined && Object.hasOwn(needs, name);
}

try {
  const group = process.argv[2];
  if (!isGroup(group)) throw new Error(`expected one of ${Object.keys(needs).join(', ')}`);
  ensureDebianPackages(group);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
