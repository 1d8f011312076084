/** The PKCS#11 modules that the product knows by name: the rows of `resources/pkcs11Modules.json`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KnownModule } from '../vault/index.ts';

export function knownModules(): readonly KnownModule[] {
  const path = fileURLToPath(new URL('../../resources/pkcs11Modules.json', import.meta.url));
  return (JSON.parse(readFileSync(path, 'utf8')) as { modules: KnownModule[] }).modules;
}
