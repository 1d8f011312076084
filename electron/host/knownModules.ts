/** The PKCS#11 modules that the product knows by name: the rows of `resources/pkcs11Modules.json`. */
import known from '../../resources/pkcs11Modules.json' with { type: 'json' };
import type { KnownModule } from '../vault/index.ts';

export function knownModules(): readonly KnownModule[] {
  return known.modules as unknown as readonly KnownModule[];
}
