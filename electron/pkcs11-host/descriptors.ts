/** The open descriptors of this process, before vendor code is loaded into it: none but its own and the channel. */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';

/** Whatever the vendor prints goes nowhere. The lowest free descriptor is the one just closed. */
export function takeStandardStreamsAway(): void {
  for (const descriptor of [0, 1]) {
    closeSync(descriptor); // SECURITY: no vendor code reads the host's input or writes into its output
    openSync(devNull, descriptor === 0 ? 'r' : 'w');
  }
}

/** O_CLOEXEC of Linux, on the architectures that Node runs on. */
const closesOnExec = 0o2000000;

/** What this process opened itself closes on exec, and so does the channel once Node has it; what came over an exec does not. */
function isInherited(descriptor: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & closesOnExec) === 0;
  } catch {
    return false; // it was the one that listed the folder
  }
}

/** SECURITY: a pipe or a file that the program which started the host had left open would be there for vendor code to read and write. Linux alone tells which they are. */
export function closeInherited(): void {
  for (const descriptor of readdirSync('/proc/self/fd')) if (Number(descriptor) > 2 && isInherited(descriptor)) closeSync(Number(descriptor));
}
