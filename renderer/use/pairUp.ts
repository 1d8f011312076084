/** Which signature belongs to which file: by their names, as signing programs give them. */
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';

const endings = ['.sig', '.p7s', '.p7', '.cms', '.jws', '.asc', '.der'];

export function looksLikeSignature({ name }: Pick<ChosenFile, 'name'>): boolean {
  return ['.sig', '.p7s', '.jws'].some((ending) => name.toLowerCase().endsWith(ending));
}

export interface Paired {
  readonly pairs: readonly { readonly file: ChosenFile; readonly signature: ChosenFile }[];
  /** Files whose signature is not there yet, and signatures whose file is not. */
  readonly alone: readonly ChosenFile[];
}

/** One file and one signature belong together whatever they are named. */
export function pairUp(files: readonly ChosenFile[], signatures: readonly ChosenFile[]): Paired {
  const [file, signature] = [files[0], signatures[0]];
  if (files.length === 1 && signatures.length === 1 && file !== undefined && signature !== undefined) return { pairs: [{ file, signature }], alone: [] };
  const left = [...signatures];
  const pairs = files.flatMap((one) => {
    const at = left.findIndex(({ name, folder }) => folder === one.folder && endings.some((ending) => name === `${one.name}${ending}`));
    const [found] = at === -1 ? [] : left.splice(at, 1);
    return found === undefined ? [] : [{ file: one, signature: found }];
  });
  return { pairs, alone: [...files.filter((one) => !pairs.some((pair) => pair.file === one)), ...left] };
}
