/** The person's terminal: lines that are shown, and secrets that are not. Opened only when somebody is to be asked. */
import { openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { StrongroomError } from '../../shared/errors/strongroomError.ts';
import { shownLine } from '../../shared/validation/shownLine.ts';
import { SecretBytes } from '../vault/index.ts';

/** No secret is longer; what is typed beyond is not taken. */
const secretLimit = 4096;

export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** The terminal itself, also where standard input and output are pipes; undefined where there is none. */
export function openTerminal(): Terminal | undefined {
  try {
    if (process.platform !== 'win32') return { input: new ReadStream(openSync('/dev/tty', 'r')), output: new WriteStream(openSync('/dev/tty', 'w')) };
    if (process.stdin.isTTY && process.stderr.isTTY) return { input: process.stdin, output: process.stderr };
  } catch {
    // no controlling terminal: a script, a service, a pipeline
  }
  return undefined;
}

const enter = [0x0a, 0x0d];
const interrupt = [0x03, 0x04];
const erase = [0x08, 0x7f];

function declined(): StrongroomError {
  return new StrongroomError('declined', 'declined at the prompt; nothing was done');
}

/** Takes back the last character of UTF-8: its continuation bytes and its first. */
function eraseLast(bytes: Uint8Array, length: number): number {
  let end = length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Math.max(0, end - 1);
}

/** Asks for a line; with `hidden` nothing of it is shown. @throws `declined` on Ctrl-C or Ctrl-D */
export async function askTerminal({ input, output }: Terminal, question: string, hidden: boolean): Promise<SecretBytes> {
  const typed = new Uint8Array(secretLimit);
  let length = 0;
  input.setRawMode(true); // SECURITY: what is typed is not echoed by the terminal, from before the question is seen
  try {
    output.write(shownLine(question)); // SECURITY: a token and the file of a locked vault have a say in it, and none in the terminal
    return await new Promise<SecretBytes>((resolve, reject) => {
      const take = (byte: number): boolean => {
        if (interrupt.includes(byte)) reject(declined());
        else if (enter.includes(byte)) resolve(SecretBytes.take(typed.subarray(0, length)));
        else if (erase.includes(byte)) length = eraseLast(typed, length);
        else if (length < secretLimit && byte >= 0x20) typed[length++] = byte;
        return interrupt.includes(byte) || enter.includes(byte);
      };
      input.on('data', (chunk: Uint8Array) => {
        if (!hidden) output.write(chunk);
        const done = chunk.some(take);
        chunk.fill(0); // SECURITY: the driver's copy of what was typed is wiped
        if (done) input.pause();
      });
      input.resume();
    });
  } finally {
    input.removeAllListeners('data');
    input.setRawMode(false);
    input.pause();
    output.write('\n');
    typed.fill(0); // SECURITY: our buffer of what was typed is wiped
  }
}
