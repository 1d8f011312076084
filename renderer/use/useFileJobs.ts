/** Files that wait for the same work, and what became of each: they stay until they are cleared. */
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { ChosenFile } from '../../shared/ipc/windowContract.ts';

export type JobState = 'waiting' | 'working' | 'done' | 'failed';

export interface FileJob {
  readonly id: number;
  readonly file: ChosenFile;
  readonly state: JobState;
  /** The file with the result, or the reason. */
  readonly result: ReactNode;
}

export interface FileJobs {
  readonly jobs: readonly FileJob[];
  readonly waiting: readonly FileJob[];
  add(files: readonly ChosenFile[]): void;
  /** A file that is finished already. */
  put(file: ChosenFile, end: Pick<FileJob, 'state' | 'result'>): void;
  /** Sets what became of some of them. */
  set(ids: readonly number[], change: (place: number) => Pick<FileJob, 'state' | 'result'>): void;
  /** Takes away all that are finished, or that wait too. */
  clear(waitingToo: boolean): void;
}

/** A result that would have to replace a file is refused before the others are begun. */
function beginning({ beside }: ChosenFile, writesBeside: boolean): Pick<FileJob, 'state' | 'result'> {
  return writesBeside && beside?.there === true ? { state: 'failed', result: `${beside.name} is there already: move it away, and drop the file again.` } : { state: 'waiting', result: undefined };
}

/** @param writesBeside the result of each goes beside it */
export function useFileJobs(writesBeside = false): FileJobs {
  const [jobs, setJobs] = useState<readonly FileJob[]>([]);
  const last = useRef(0);
  return {
    jobs,
    waiting: jobs.filter(({ state }) => state === 'waiting'),
    add: (files) => {
      const fresh = files.map((file) => ({ id: ++last.current, file, ...beginning(file, writesBeside) }));
      setJobs((old) => [...old, ...fresh]);
    },
    put: (file, end) => {
      const id = ++last.current;
      setJobs((old) => [...old, { id, file, ...end }]);
    },
    set: (ids, change) => {
      const places = new Map(ids.map((id, place) => [id, place]));
      setJobs((old) =>
        old.map((job) => {
          const place = places.get(job.id);
          return place === undefined ? job : { ...job, ...change(place) };
        }),
      );
    },
    clear: (waitingToo) => setJobs((old) => old.filter(({ state }) => state === 'working' || (state === 'waiting' && !waitingToo))),
  };
}
