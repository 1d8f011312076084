/** Completion for bash, zsh and fish, made from the commands themselves: nouns, verbs, flags and their choices; everything else is a file. */
import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Flag {
  readonly name: string;
  readonly help: string;
  /** `none`: it takes no value; else the words to choose from, or files where there are none. */
  readonly takes: 'none' | readonly string[];
}

/** One command as typed: `key sign`, or `key` with its verbs. */
interface Words {
  readonly path: string;
  readonly next: readonly { readonly word: string; readonly help: string }[];
  readonly flags: readonly Flag[];
}

function flagOf({ long, description, required, optional, argChoices }: Option): Flag {
  return { name: long ?? '', help: description, takes: required || optional ? (argChoices ?? []) : 'none' };
}

function wordsOf(command: Command, path: readonly string[]): readonly Words[] {
  const next = command.commands.map((inner) => ({ word: inner.name(), help: inner.summary() || inner.description() }));
  const own = { path: path.join(' '), next: [...next, ...command.registeredArguments.flatMap(({ argChoices }) => (argChoices ?? []).map((word) => ({ word, help: '' })))], flags: [...command.options.map(flagOf), { name: '--help', help: 'show what is possible', takes: 'none' as const }] };
  return [own, ...command.commands.flatMap((inner) => wordsOf(inner, [...path, inner.name()]))];
}

/** In single quotes, for any of the three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bash(all: readonly Words[]): string {
  const nexts = all.filter(({ next }) => next.length > 0).map(({ path, next }) => `    ${quoted(path)}) next=${quoted(next.map(({ word }) => word).join(' '))};;`);
  const flags = all.map(({ path, flags: own }) => `    ${quoted(path)}) flags=${quoted(own.map(({ name }) => name).join(' '))};;`);
  const choices = all.flatMap(({ path, flags: own }) => own.flatMap(({ name, takes }) => (takes === 'none' || takes.length === 0 ? [] : [`    ${quoted(`${path} ${name}`)}) choices=${quoted(takes.join(' '))};;`])));
  const files = [...new Set(all.flatMap(({ flags: own }) => own.flatMap(({ name, takes }) => (takes === 'none' ? [] : [name]))))];
  return `# strongroom: completion for bash
_strongroom() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' next='' flags='' choices='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break;; esac
    case " \${path:+$path }$word " in
${all.filter(({ path }) => path !== '').map(({ path }) => `      ${quoted(` ${path} `)}) path=${quoted(path)};;`).join('\n')}
    esac
  done
  case "$path" in
${nexts.join('\n')}
  esac
  case "$path" in
${flags.join('\n')}
  esac
  case "$path $prev" in
${choices.join('\n')}
  esac
  COMPREPLY=()
  if [ -n "$choices" ]; then mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$cur"); return; fi
  case "$prev" in ${files.join('|')}) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return;; esac
  case "$cur" in -*) mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur"); return;; esac
  if [ -n "$next" ]; then mapfile -t COMPREPLY < <(compgen -W "$next" -- "$cur"); else mapfile -t COMPREPLY < <(compgen -f -- "$cur"); fi
}
complete -o filenames -F _strongroom strongroom
`;
}

function zsh(all: readonly Words[]): string {
  const described = (word: string, help: string) => quoted(`${word.replaceAll(':', '\\:')}:${help}`);
  const commands = all.map(({ path, next, flags }) => {
    const values = flags.flatMap(({ name, takes }) => (takes === 'none' || takes.length === 0 ? [] : [`        ${name}) compadd -- ${takes.map(quoted).join(' ')}; return;;`]));
    const files = flags.filter(({ takes }) => takes !== 'none' && takes.length === 0).map(({ name }) => name);
    return `    ${quoted(path)})
      case "$words[CURRENT-1]" in
${[...values, ...(files.length === 0 ? [] : [`        ${files.join('|')}) _files; return;;`])].join('\n')}
      esac
      flags=(${flags.map(({ name, help }) => described(name, help)).join(' ')})
      next=(${next.map(({ word, help }) => described(word, help)).join(' ')});;`;
  });
  return `#compdef strongroom
# strongroom: completion for zsh
_strongroom() {
  local found='' word
  local -a flags next
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) break;; esac
    case " \${found:+$found }$word " in
${all.filter(({ path }) => path !== '').map(({ path }) => `      ${quoted(` ${path} `)}) found=${quoted(path)};;`).join('\n')}
    esac
  done
  case "$found" in
${commands.join('\n')}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then _describe flag flags; return; fi
  if (( $#next )); then _describe command next; else _files; fi
}
if [ "$funcstack[1]" = _strongroom ]; then _strongroom "$@"; else compdef _strongroom strongroom; fi
`;
}

function fish(all: readonly Words[]): string {
  const lines = all.flatMap(({ path, next, flags }) => {
    const when = `-n ${quoted(`__strongroom_at "${path}"`)}`;
    return [
      ...next.map(({ word, help }) => `complete -c strongroom ${when} -f -a ${quoted(word)} -d ${quoted(help)}`),
      ...flags.map(({ name, help, takes }) => `complete -c strongroom ${when} -l ${name.slice(2)}${takes === 'none' ? '' : takes.length === 0 ? ' -r -F' : ` -x -a ${quoted(takes.join(' '))}`} -d ${quoted(help)}`),
    ];
  });
  return `# strongroom: completion for fish
function __strongroom_at
  set -l found
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    contains -- (string join ' ' $found $word) ${all.filter(({ path }) => path !== '').map(({ path }) => quoted(path)).join(' ')}; and set found $found $word
  end
  test "$found" = "$argv[1]"
end
${lines.join('\n')}
`;
}

export function completionFor(shell: Shell, program: Command): string {
  return { bash, zsh, fish }[shell](wordsOf(program, []));
}

/** @returns the exit status */
export function printCompletion(shell: Shell, program: Command): number {
  process.stdout.write(completionFor(shell, program));
  return 0;
}
