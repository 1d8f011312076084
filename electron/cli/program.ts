/** The command line, made from the contract: nouns, verbs, arguments, flags and help, with an example at every level. */
import { Argument, Command, Option } from 'commander';
import { contract, methodNames } from '../../shared/ipc/contract.ts';
import type { MethodName } from '../../shared/ipc/contract.ts';
import type { Field } from '../../shared/ipc/method.ts';
import { shells } from './completion.ts';
import type { Shell } from './completion.ts';
import { flagOf, kindOf } from './request.ts';
import type { CommonOptions } from './runCommand.ts';

/** What is no method of the contract: many calls under one unlock, and words for the shell. */
export interface OtherCommands {
  session(options: CommonOptions): Promise<number>;
  completion(shell: Shell, program: Command): number;
}

export type RunCommand = (method: MethodName, typed: Readonly<Record<string, unknown>>, options: CommonOptions) => Promise<number>;

const nouns: Readonly<Record<string, string>> = {
  vault: 'the vault file: create, look at, check, back up, restore, salvage, change its passphrase',
  token: 'PKCS#11 modules and the tokens behind them',
  recipient: 'trusted parties that keys may be wrapped to',
  distribution: 'which key version went to whom',
  key: 'keys: generate, use, distribute, rotate, destroy',
  signature: "signatures by other people's keys: verify, without a vault",
  attestation: 'what devices say of the keys that they hold: verify, without a vault',
  identity: 'your keys of a vault, for another seat: export, import',
  audit: 'the log: list, verify, export',
};

/** What every command takes; secrets come from files or the terminal, never from arguments. */
const common: readonly (readonly [flags: string, help: string])[] = [
  ['--vault <file>', 'the vault file'],
  ['--unlock-with <way>', 'which way in opens the vault: passphrase, token or both'],
  ['--read-only', 'open the vault read-only: nothing can be changed, and the opening leaves no trace'],
  ['--as <name>', 'whom you claim to be; refused if the passphrase opens another'],
  ['--json', 'answer in JSON'],
  ['--overwrite', 'let a result replace a file that is there'],
  ['--passphrase-file <file>', 'take your passphrase from a file'],
  ['--new-passphrase-file <file>', 'take a new passphrase from a file'],
  ['--recovery-words-file <file>', 'take the words of a recovery sheet from a file'],
  ['--file-password-file <file>', 'take the password of a key file from a file; empty is a password too'],
  ['--pin-file <file>', "take the token's PIN from a file"],
  ['--new-pin-file <file>', 'take a new PIN from a file'],
  ['--so-pin-file <file>', "take the token's SO PIN from a file"],
  ['--confirm <name>', 'confirm a guarded operation: what a person would type'],
  ['--confirm-fingerprint <hex>', "confirm a recipient's fingerprint, known by another way"],
  ['--confirm-time <date>', "confirm today's date, where clock and log disagree"],
  ['--confirm-copy <number>', 'use an older copy, or one that went its own way, as the vault from now on: the number of entries that it lacks'],
];

/** Noun and verb as they are typed. */
function typedName(method: MethodName): string {
  const [noun, verb = ''] = method.split('.');
  return `${noun} ${flagOf(verb)}`;
}

function optionOf(name: string, field: Field): Option {
  const { kind, choices, required, fallback } = kindOf(field);
  const value = kind === 'boolean' ? '' : field.grant !== undefined ? ' <file>' : kind === 'number' ? ' <number>' : ' <text>';
  const many = kind !== 'list' ? value : field.grant === undefined ? ' <texts...>' : ' <files...>';
  const help = fallback === undefined ? field.help : `${field.help} (default: ${String(fallback)})`;
  const option = new Option(`--${flagOf(name)}${many}`, help).makeOptionMandatory(required && field.besides === undefined);
  return choices.length > 0 ? option.choices(choices) : option;
}

function argumentOf(name: string, field: Field): Argument {
  const rest = field.positional === 'rest' ? '...' : '';
  return new Argument(`<${name}${rest}>`, field.help);
}

function addVerb(noun: Command, method: MethodName, verb: string, run: RunCommand, onExit: (status: number) => void): void {
  const { summary, example, fields, access } = contract[method];
  const guarded = access === 'guarded' ? ' Guarded: it asks for a confirmation and for your passphrase.' : '';
  const command = noun.command(flagOf(verb)).summary(summary).description(`${summary}.${guarded}`);
  const named: [string, Field][] = Object.entries(fields as Record<string, Field>).filter(([, field]) => field.vaultFile !== true);
  const byPlace = named.filter(([, field]) => field.positional !== undefined);
  for (const [name, field] of byPlace) command.addArgument(argumentOf(name, field));
  for (const [name, field] of named) if (field.positional === undefined) command.addOption(optionOf(name, field));
  for (const [flags, help] of common) command.option(flags, help);
  command.addHelpText('after', `\nExample:\n  $ strongroom ${typedName(method)} ${example}\n`);
  command.action(async (...parts: unknown[]) => {
    const options = command.opts<CommonOptions & Record<string, unknown>>();
    const places = Object.fromEntries(byPlace.map(([name], index) => [name, parts[index]]));
    const own = Object.fromEntries(named.flatMap(([name]) => (options[name] === undefined ? [] : [[name, options[name]]])));
    onExit(await run(method, { ...own, ...places }, options));
  });
}

const sessionExample = `
Each line of standard input is a call; each answer is a line of standard output, in the same order:
  {"id": 1, "method": "key.sign", "request": {"key": "release", "files": ["app.tar"]}}
  {"id": 1, "ok": true, "value": {…}}
Files are paths. "confirm" stands beside "request" where a call is guarded, "overwrite" where a result may replace a file, "progress" where lines
with the progress are wanted. {"cancel": 1} ends a call where that is safe. The end of the input locks the vault.

Example:
  $ strongroom session --vault keys.strongroom --passphrase-file pass < calls.jsonl > answers.jsonl
`;

function addOthers(program: Command, others: OtherCommands, onExit: (status: number) => void): void {
  const session = program.command('session').description('Many calls under one unlock: JSON Lines on standard input, answers on standard output.');
  for (const [flags, help] of common) session.option(flags, help);
  session.addHelpText('after', sessionExample).action(async () => onExit(await others.session(session.opts<CommonOptions>())));
  const completion = program.command('completion').description('Print what a shell needs to complete the words of this command.');
  completion.addArgument(new Argument('<shell>', 'the shell').choices(shells));
  completion.addHelpText('after', '\nExample:\n  $ strongroom completion bash > ~/.local/share/bash-completion/completions/strongroom\n');
  completion.action((shell: Shell) => onExit(others.completion(shell, program)));
}

/** @param onExit told the exit status of the command that ran */
export function makeProgram(run: RunCommand, others: OtherCommands, onExit: (status: number) => void): Command {
  const program = new Command('strongroom')
    .description('A desktop key vault: keys on any PKCS#11 token or in an encrypted file, through their whole life, without a server and without a network.')
    .addHelpText('after', '\nExample:\n  $ strongroom vault create --vault keys.strongroom --person "Ada Officer"\n')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what is possible)')
    .exitOverride();
  for (const [noun, description] of Object.entries(nouns)) {
    const methods = methodNames.filter((method) => method.startsWith(`${noun}.`) && !contract[method].windowOnly);
    const [first] = methods;
    const command = program.command(noun).description(description).helpCommand(false);
    for (const method of methods) addVerb(command, method, method.slice(noun.length + 1), run, onExit);
    if (first !== undefined) command.addHelpText('after', `\nExample:\n  $ strongroom ${typedName(first)} ${contract[first].example}\n`);
  }
  addOthers(program, others, onExit);
  return program;
}
