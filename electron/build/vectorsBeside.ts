/** Published vectors are too large to carry: they lie beside the project, and where they are missing these tests do not run, which is said. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The files whose tests may be left out, and no other may. */
export const needVectorsBeside: readonly string[] = [
  'test/vectors/wycheproof.test.ts',
  'test/vectors/signatures.test.ts',
  'test/formats/signingJws.test.ts',
  'test/core/distribution.test.ts',
  'test/cases/keyFiles.test.ts',
  'test/cases/wrapped.test.ts',
  'test/cases/signatures.test.ts',
  'test/cases/names.test.ts',
  'test/formats/keyFileCases.test.ts',
  'test/formats/publicKeyFile.test.ts',
  'test/vectors/secretKeys.test.ts',
  'test/core/algorithms.test.ts',
];

export const vectorsAreBeside = existsSync(join(import.meta.dirname, '../../../shared/vectors'));
