/** The attributes that a token is asked for, in words, before it is asked. */
import { IconCheck, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Purpose } from '../../shared/model/terms.ts';
import { useAnswer } from '../client/useAnswer.ts';
import { Block } from '../parts/Block.tsx';
import { ErrorPanel, sentence } from '../parts/ErrorPanel.tsx';

export function AskedAttributes({ purpose, exportable }: { readonly purpose: Purpose; readonly exportable: boolean }): ReactElement | null {
  const { value, error } = useAnswer('token.template', { purpose, exportable });
  if (error !== undefined) return <ErrorPanel error={error} />;
  if (value === undefined) return null;
  return (
    <Block title="What the token is asked for" aside="read back afterwards">
      <ul className="policy">
        {value.key.map(({ attribute, value: on, words }) => (
          <li key={attribute}>
            {on ? <IconCheck size={16} aria-label="on" /> : <IconX size={16} aria-label="off" />}
            <span>{sentence(words)} <span className="small muted mono">{attribute}</span></span>
          </li>
        ))}
      </ul>
      <p className="small muted">A key that the token made otherwise is destroyed again, and said.</p>
    </Block>
  );
}
