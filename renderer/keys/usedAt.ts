/** Where a key is used, by its purpose. */
import { go } from '../client/route.ts';
import type { KeyView } from './KeysPage.tsx';

export function goUse({ name, purpose }: Pick<KeyView, 'name' | 'purpose'>): void {
  if (purpose === 'key-agreement' || purpose === 'key-derivation') go('derive', name);
  else if (purpose === 'key-transport' || purpose === 'key-wrapping') go('import', 'wrapped', name);
  else go('use', name);
}
