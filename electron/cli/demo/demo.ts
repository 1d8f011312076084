/** `npm run demo`: the whole job in plain sight, in a temporary folder, on a SoftHSM token and in the vault. One line a step; exit status 0 only if all held. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { demoSteps } from './demoSteps.ts';
import { DemoTable } from './demoTable.ts';

const green = (text: string) => (process.stdout.isTTY ? `\u001b[32m${text}\u001b[0m` : text);
const red = (text: string) => (process.stdout.isTTY ? `\u001b[31m${text}\u001b[0m` : text);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { recipient: { type: 'string' } } });
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-demo-'));
  const table = new DemoTable(folder, values.recipient);
  let done = 0;
  process.stdout.write('Strongroom demo: a key on a token and a key in the vault, through their whole life\n\n');
  try {
    for (const [title, step] of demoSteps) {
      const said = await step(table);
      done += 1;
      process.stdout.write(`${green('held')}  ${title}${said === '' ? '' : `: ${said}`}\n`);
    }
    process.stdout.write(`\n${done} of ${demoSteps.length} steps held; the temporary folder is removed\n`);
    return 0;
  } catch (error) {
    const [title] = demoSteps[done] ?? ['?'];
    process.stdout.write(`${red('FAILED')}  ${title}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await table.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
