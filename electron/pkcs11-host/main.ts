/**
 * A small program of its own that isolates the address space of Strongroom from a PKCS#11 module: vendor code, loaded from a path, that
 * blocks, crashes, prints and lies about lengths. One process per module. It speaks the frames of `pkcs11-wire` and holds what must stay near
 * the module: sessions, handles and the login. It contains faults, not malice: a malicious module has the PIN and this user's rights.
 */
import { openChannel } from './channel.ts';
import { closeInherited, takeStandardStreamsAway } from './descriptors.ts';
import { makeDispatcher } from './dispatcher.ts';
import { Host } from './host.ts';

function main(): void {
  if (process.platform !== 'win32') takeStandardStreamsAway();
  if (process.platform === 'linux') closeInherited();
  const end = (): never => process.exit(0); // the host is gone: so are the sessions and the login
  const channel = openChannel();
  channel.listen(makeDispatcher(new Host(), channel.send, end), end);
}

main();
