/** What became of each file: waiting, at work, done with its result, failed with its reason; by shape and word. */
import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleXFilled, IconLoader } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { count } from '../parts/text.ts';
import type { FileJob, FileJobs, JobState } from './useFileJobs.ts';

const shapes: Readonly<Record<JobState, ReactElement>> = {
  waiting: <IconCircleDashed size={14} aria-hidden="true" />,
  working: <IconLoader size={14} aria-hidden="true" />,
  done: <IconCircleCheck size={14} aria-hidden="true" />,
  failed: <IconCircleXFilled size={14} aria-hidden="true" className="red" />,
};

/** More rows than anybody reads; failures are shown before all. */
const shownAtMost = 200;

export interface FileJobListProps {
  readonly files: FileJobs;
  /** `signed`, `valid`. */
  readonly doneWord: string;
  readonly failedWord?: string;
}

function wordOf(state: JobState, { doneWord, failedWord = 'Failed' }: FileJobListProps): string {
  return { waiting: 'Waiting', working: 'At work', done: doneWord, failed: failedWord }[state];
}

function tally(jobs: readonly FileJob[], props: FileJobListProps): string {
  const states: readonly JobState[] = ['waiting', 'working', 'done', 'failed'];
  const counted = states.map((state) => [state, jobs.filter((job) => job.state === state).length] as const).filter(([, number]) => number > 0);
  return counted.map(([state, number]) => `${count(number)} ${wordOf(state, props).toLowerCase()}`).join(', ');
}

export function FileJobList(props: FileJobListProps): ReactElement | null {
  const { jobs, clear, waiting } = props.files;
  if (jobs.length === 0) return null;
  const ordered = jobs.length <= shownAtMost ? jobs : jobs.toSorted((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'));
  return (
    <section className="block" aria-label="Files">
      <div className="bh">
        <h2>Files</h2>
        <span className="r" role="status">{tally(jobs, props)}</span>
      </div>
      <div className="t-edge">
        <table>
          <thead><tr><th style={{ width: 110 }}>State</th><th style={{ width: '34%' }}>File</th><th>Result</th></tr></thead>
          <tbody>
            {ordered.slice(0, shownAtMost).map(({ id, file, state, result }) => (
              <tr key={id}>
                <td className="wraps"><span className={`state ${state === 'failed' ? 'bad' : ''}`}>{shapes[state]}{wordOf(state, props)}</span></td>
                <td className="wraps"><b>{file.name}</b> <span className="small muted">{file.folder}</span></td>
                <td className="wraps muted">{result}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {jobs.length > shownAtMost ? <p className="small muted">and {count(jobs.length - shownAtMost)} more</p> : null}
      <div style={{ display: 'flex', gap: 8 }}>
        {jobs.length > waiting.length ? <Button h={26} px={9} fz={12} onClick={() => clear(false)}>Clear what is finished</Button> : null}
        {waiting.length > 0 ? <Button h={26} px={9} fz={12} variant="subtle" color="gray" onClick={() => clear(true)}>Clear all</Button> : null}
      </div>
    </section>
  );
}
