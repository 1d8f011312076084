/** A key that comes from elsewhere: wrapped, so that only this vault or its token opens it; or in a file, which this computer then sees. */
import { IconFileText, IconLockOpen } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { go, usePlace } from '../client/route.ts';
import { Choices } from '../parts/Choices.tsx';
import { KeyFilePage } from './KeyFilePage.tsx';
import { UnwrapPage } from './UnwrapPage.tsx';

const kinds = ['wrapped', 'file'] as const;

/** The two ways in, told apart before anything is chosen. */
export function ImportKind({ now }: { readonly now: (typeof kinds)[number] }): ReactElement {
  return (
    <Choices
      label="How it comes"
      twoColumns
      value={now}
      onChange={(kind) => go('import', kind)}
      options={[
        { value: 'wrapped', title: 'A wrapped key', why: 'Encrypted under a key of this vault. It becomes a key here, and its bytes are shown to nobody.', icon: <IconLockOpen size={18} aria-hidden="true" /> },
        { value: 'file', title: 'A key file', why: 'PKCS#8, PKCS#12, PEM, JWK, OpenSSH, hex or raw, with or without a password. This computer sees the key: rotate it soon.', icon: <IconFileText size={18} aria-hidden="true" /> },
      ]}
    />
  );
}

export function ImportPage(): ReactElement {
  const { of } = usePlace();
  return of === 'file' ? <KeyFilePage /> : <UnwrapPage />;
}

