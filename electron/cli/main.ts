/** The `strongroom` command: parses, runs one command, returns its exit status. */
import { CommanderError } from 'commander';
import { exitStatus } from '../../shared/errors/errorCodes.ts';
import { makeProgram } from './program.ts';
import { runCommand } from './runCommand.ts';

/** @param argv the words after the program's name */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  try {
    await makeProgram(runCommand, (code) => {
      status = code;
    }).parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : exitStatus('request-invalid');
  }
}
