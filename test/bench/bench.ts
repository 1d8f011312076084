/** `npm run bench`: ratios against a peer or a raw loop, both measured in this run. Prints; judges nothing. */
import { rmSync } from 'node:fs';
import { fileBench } from './fileBench.ts';
import { signatureBench } from './signatureBench.ts';
import { tokenBench } from './tokenBench.ts';
import { vaultSizeBench } from './vaultSizeBench.ts';
import { windowBench } from './windowBench.ts';
import { buildWindow } from '../../electron/build/buildWindow.ts';

buildWindow();
const wanted = process.argv.slice(2);
const benches = { signatures: signatureBench, tokens: tokenBench, sizes: vaultSizeBench, files: fileBench, window: windowBench };

for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  const folder = await bench((line) => process.stdout.write(`  ${line}\n`));
  rmSync(folder, { recursive: true, force: true });
}
