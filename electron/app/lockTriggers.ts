/** The system says when nobody is there any more: the machine sleeps, the screen is locked, the session ends. */
import { powerMonitor } from 'electron';

const reasons = { suspend: 'the machine went to sleep', 'lock-screen': 'the screen was locked', 'user-did-resign-active': 'another user took over', shutdown: 'the machine shuts down' } as const;

/** SECURITY: an open vault does not outlast its person */
export function lockWithSystem(lock: (why: string) => void): void {
  powerMonitor.on('suspend', () => lock(reasons.suspend));
  powerMonitor.on('lock-screen', () => lock(reasons['lock-screen']));
  powerMonitor.on('user-did-resign-active', () => lock(reasons['user-did-resign-active']));
  powerMonitor.on('shutdown', () => lock(reasons.shutdown));
}
