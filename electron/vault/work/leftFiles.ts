/** Result files that an interruption left under their temporary names: those whose outcome is in the log get their name, the others are removed. */
import { copyFileSync, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { IntentRecord, OutputRecord } from '../records/records.ts';
import { temporaryName, withoutLinks } from './outputFile.ts';

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a folder that is away, as on a stick that was pulled: it can be looked for again
  }
}

/** SECURITY: a link or folder of that name is none of ours, and is left alone. */
function isLeft(output: OutputRecord): boolean {
  return statOf(temporaryName(output))?.isFile() === true;
}

/** The result files of a piece of work that are still under their temporary names. */
export function leftFiles({ outputs = [] }: IntentRecord): readonly OutputRecord[] {
  return outputs.filter(isLeft);
}

/** What became of one left file, in words; its name is for the person, never for the log. */
export interface LeftFile {
  readonly fate: 'named' | 'removed' | 'stays';
  readonly sentence: string;
}

/** Finishes what is recorded as made, removes the rest. */
export function settleFile(output: OutputRecord): LeftFile {
  const temporary = temporaryName(output);
  try {
    if (output.made) return giveName(output, temporary);
    unlinkSync(temporary);
    return { fate: 'removed', sentence: `the unfinished ${temporary} was removed` };
  } catch (error) {
    return { fate: 'stays', sentence: `${temporary} stays: it cannot be ${output.made ? 'given its name' : 'removed'} (${(error as NodeJS.ErrnoException).code})` };
  }
}

function giveName({ path, overwrite }: OutputRecord, temporary: string): LeftFile {
  if (overwrite) {
    renameSync(temporary, path);
    return { fate: 'named', sentence: `${path} was finished` };
  }
  const named = linkUnlessTaken(temporary, path);
  unlinkSync(temporary);
  return named ? { fate: 'named', sentence: `${path} was finished` } : { fate: 'removed', sentence: `${path} was taken meanwhile by another file: the result was removed` };
}

/** On a disk without links: an empty file of that name is the one by which the interrupted work took the name. */
function renameUnlessTaken(temporary: string, path: string): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !(there.isFile() && there.size === 0)) return false;
  copyFileSync(temporary, path);
  return true;
}

/** @returns whether the name now is that of the result, also where it had it already */
function linkUnlessTaken(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (withoutLinks.includes(code)) return renameUnlessTaken(temporary, path);
    if (code !== 'EEXIST') throw error;
    const [ours, there] = [statOf(temporary), statOf(path)];
    return ours !== undefined && ours.ino === there?.ino && ours.dev === there.dev;
  }
}
