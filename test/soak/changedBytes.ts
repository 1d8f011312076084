/**
 * `npm run test:soak`: random bytes of a vault's file are changed, one at a time: `changedBytes.ts [COUNT] [SEED]`. Each is refused in our words, or
 * the vault says the same as before. The seed is printed and can be given back.
 */
import { join } from 'node:path';
import { contentOf, makeFullVault } from '../fixtures/fullVault.ts';
import { numbersFrom } from '../fixtures/seededNumbers.ts';
import { fateOfByte } from '../vault/byteChanges.ts';

const count = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
process.stdout.write(`seed ${seed}\n`);
const random = numbersFrom(seed);
const full = await makeFullVault();
const vault = await full.open(full.path, true);
const content = contentOf(vault);
vault.close();
const tally = { refused: 0, 'without meaning': 0 };
let failed = 0;
for (let done = 0; done < count; done += 1) {
  try {
    tally[await fateOfByte(full, content, join(full.folder, 'edited.strongroom'), random)] += 1;
  } catch (error) {
    failed += 1;
    process.stdout.write(`BAD  ${error instanceof Error ? error.message : String(error)}\n`);
  }
  if (done % 500 === 499) process.stdout.write(`${done + 1} of ${count}: ${tally.refused} refused, ${tally['without meaning']} without meaning\n`);
}
full.remove();
process.stdout.write(`\n${count - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
