/** `npm run test:soak`: every protective line of the Electron application is taken out, one by one; each must be missed by a test. */
import { isNoticed, securityLines } from '../fixtures/securityLines.ts';

let [passed, failed] = [0, 0];
for (const place of securityLines()) {
  const noticed = isNoticed(place);
  if (noticed) passed += 1;
  else failed += 1;
  process.stdout.write(`${noticed ? 'missed' : 'NOT MISSED'}  ${place}\n`);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
