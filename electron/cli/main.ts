/** The `strongroom` command: parses, runs one command, returns its exit status. */
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { exitStatus } from '../../shared/errors/errorCodes.ts';
import { makeProgram } from './program.ts';
import { printCompletion } from './completion.ts';
import { runCommand } from './runCommand.ts';
import type { ChildProgram, CommonOptions } from './runCommand.ts';
import { runSession } from './session.ts';

const root = join(import.meta.dirname, '../..');
/** In the source tree: all that it imports lies below the root. */
const inSource: ChildProgram = { program: join(root, 'electron/pkcs11-host/main.ts'), programFolder: root };

/** What may be typed too. */
function withoutAliases(argv: readonly string[]): readonly string[] {
  const [noun, verb, word, ...rest] = argv;
  return noun === 'vault' && verb === 'backup' && word === 'check' ? ['vault', 'backup-check', ...rest] : argv;
}

/** @param argv the words after the program's name @param child where the program that loads PKCS#11 modules is */
export async function main(argv: readonly string[], child: ChildProgram = inSource): Promise<number> {
  let status = 0;
  // Whoever reads what we write may have seen enough, as `head` has.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    const streams = { input: process.stdin, output: process.stdout };
    const others = { session: (options: CommonOptions) => runSession(child, options, streams), completion: printCompletion };
    await makeProgram((...command) => runCommand(child, ...command), others, (code) => {
      status = code;
    }).parseAsync(withoutAliases(argv), { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : exitStatus('request-invalid');
  }
}
