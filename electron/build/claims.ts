/** `npm run claims`: writes test/CLAIMS.md from the rules, the code and the titles of the tests. Exit status 1 names rules that no test shows. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimsOf, renderClaims } from './claimsTable.ts';
import { codeFiles, root } from './sourceTree.ts';

const claims = claimsOf(codeFiles());
writeFileSync(join(root, 'test/CLAIMS.md'), renderClaims(claims));

const unshown = claims.filter(({ shownBy, refusedIn }) => shownBy.length === 0 || refusedIn.length === 0).map(({ rule }) => rule);
process.stdout.write(`test/CLAIMS.md: ${claims.length} rules, ${claims.reduce((sum, { shownBy }) => sum + shownBy.length, 0)} tests\n`);
if (unshown.length > 0) {
  process.stderr.write(`no test, or no code, names ${unshown.join(', ')}\n`);
  process.exitCode = 1;
}
