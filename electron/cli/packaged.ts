/** The `strongroom` command as a package has it: built, with the child program beside it. */
import { join } from 'node:path';
import { main } from './main.ts';

const folder = import.meta.dirname;

process.exitCode = await main(process.argv.slice(2), { program: join(folder, 'pkcs11Host.mjs'), programFolder: folder });
