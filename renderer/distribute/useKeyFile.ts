/** A key file, looked at before anything is taken in: what it holds, or the ways in which its bytes can be read. */
import { useState } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';
import type { ChosenFile, WindowReply, WindowRequest } from '../../shared/ipc/windowContract.ts';
import { call, infoOf } from '../client/vaultClient.ts';
import { useWork } from '../client/useWork.ts';
import type { Work } from '../client/useWork.ts';

export type Found = WindowReply<'key.inspect'>;
export type SecretForm = NonNullable<WindowRequest<'key.inspect'>['secretForm']>;

/** The file in one way of reading it; where only one way is possible, that has no name. */
export interface Reading {
  readonly secretForm: SecretForm | undefined;
  readonly found: Found;
}

const secretForms: readonly SecretForm[] = ['hex', 'base64', 'raw'];

export interface KeyFileLook {
  readonly file: ChosenFile | undefined;
  readonly readings: readonly Reading[];
  readonly work: Work;
  choose(files: readonly ChosenFile[]): void;
  look(file: ChosenFile): void;
  /** A grant for one more use of the file. */
  grant(): Promise<string>;
}

async function inspect(grant: string, secretForm: SecretForm | undefined): Promise<Reading> {
  return { secretForm, found: await call('key.inspect', { file: grant, ...(secretForm === undefined ? {} : { secretForm }) }) };
}

function asksForForm({ code, field }: ErrorInfo): boolean {
  return field === 'secretForm' || code === 'choice-needed';
}

/** Never a guess: where the bytes can be read in more than one way, each of them, to be told apart by its check value. */
async function readingsOf(grant: string, again: () => Promise<string>): Promise<readonly Reading[]> {
  try {
    return [await inspect(grant, undefined)];
  } catch (thrown) {
    if (!asksForForm(infoOf(thrown))) throw thrown;
    const readings: Reading[] = [];
    for (const form of secretForms) {
      const reading = await inspect(await again(), form).catch(() => undefined);
      if (reading !== undefined) readings.push(reading);
    }
    if (readings.length === 0) throw thrown;
    return readings;
  }
}

export function useKeyFile(): KeyFileLook {
  const [file, setFile] = useState<ChosenFile>();
  const [readings, setReadings] = useState<readonly Reading[]>([]);
  const work = useWork('Looking at a key file');
  const grant = async (held = file) => (await call('host.grantAgain', { grant: held?.grant ?? '' })).grant;
  const look = async (chosen: ChosenFile) => {
    setReadings([]);
    setReadings((await work.run(async () => readingsOf(await grant(chosen), () => grant(chosen)))) ?? []);
  };
  const choose = ([first]: readonly ChosenFile[]) => {
    setFile(first);
    setReadings([]);
    work.clear();
    if (first !== undefined) void look(first);
  };
  return { file, readings, work, choose, look: (chosen) => void look(chosen), grant: () => grant() };
}
