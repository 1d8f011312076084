/**
 * A small program of its own that isolates the address space of Strongroom from a PKCS#11 module: vendor code, loaded from a path, that
 * blocks, crashes, prints and lies about lengths. One process per module. It speaks the frames of `pkcs11-wire` and holds what must stay near
 * the module: sessions, handles and the login. It contains faults, not malice: a malicious module has the PIN and this user's rights.
 */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { openChannel } from './channel.ts';
import { makeDispatcher } from './dispatcher.ts';
import { Host } from './host.ts';

/** Whatever the vendor prints goes nowhere. The lowest free descriptor is the one just closed. */
function takeStandardStreamsAway(): void {
  for (const descriptor of [0, 1]) {
    closeSync(descriptor); // SECURITY: no vendor code reads the host's input or writes into its output
    openSync(devNull, descriptor === 0 ? 'r' : 'w');
  }
}

function main(): void {
  if (process.platform !== 'win32') takeStandardStreamsAway();
  const end = (): never => process.exit(0); // the host is gone: so are the sessions and the login
  const channel = openChannel();
  channel.listen(makeDispatcher(new Host(), channel.send, end), end);
}

main();
