/** Rule TIME-1: time has a floor, the newest time in the log; a clock behind it, or far ahead of it, decides nothing until a person confirms it. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';

/** How far behind the log a clock may be: the steps by which a clock is set right. */
const slackBehind = 2 * 60 * 1000;
/** How far ahead of the log a clock may be before it is confirmed: a wrong clock would end periods and poison the log. */
const slackAhead = 7 * 24 * 60 * 60 * 1000;

/** Whether the clock agrees with the log. Times in milliseconds since 1970. */
export function clockAgrees(now: number, floor: number): boolean {
  return now >= floor - slackBehind && now <= floor + slackAhead;
}

/** The time that an entry carries: never before the newest, and that of the clock only where it can be trusted. */
export function logTime(now: number, floor: number): number {
  return clockAgrees(now, floor) ? Math.max(now, floor) : floor;
}

/** One sentence on a clock that disagrees, for the prompt and the error. */
export function clockDisagreement(now: number, floor: number): string {
  const [clock, log] = [now, floor].map((time) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`);
  return `the clock of this machine says ${clock}, the newest entry of the log ${log}`;
}

/** @throws `clock-untrusted` TIME-1 */
export function trustTime(now: number, floor: number): void {
  if (clockAgrees(now, floor)) return;
  throw new StrongroomError('clock-untrusted', clockDisagreement(now, floor), {
    rule: 'TIME-1',
    nextStep: 'set the clock right, or confirm the date (on the command line: --confirm-time DATE)',
  });
}
