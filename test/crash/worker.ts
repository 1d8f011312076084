/** One work in a process of its own, to be killed in it: `worker.ts FOLDER WORK`. Says when it begins, and at its end which steps it took. */
import { writeSync } from 'node:fs';
import { openCrashCore } from './crashCore.ts';
import { arm, disarm } from './stepKiller.ts';
import { newPassphrase, works } from './works.ts';

const [, , folder = '', name = ''] = process.argv;
const work = works.find((candidate) => candidate.name === name);
if (work === undefined) throw new Error(`no work is named "${name}"`);
const t = openCrashCore(folder);
if (work.begins === 'interrupted') t.now += 5 * 60 * 1000; // no module may still be at it
if (work.begins === 'open') {
  await t.unlock();
  t.answers.newPassphrase = newPassphrase;
}
writeSync(1, 'begins\n');
arm();
await work.run(t);
const steps = disarm();
writeSync(1, `${JSON.stringify(steps)}\n`);
await t.close();
