/** A button that is never greyed out without a reason: it stays in reach of the keyboard, and says why. */
import { Button, Tooltip } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface ActProps extends ButtonProps {
  /** Why it cannot be done now: it stays in reach of the keyboard, and says so. */
  readonly why?: string | undefined;
  readonly onClick?: () => void;
  readonly children: ReactNode;
  readonly title?: string;
}

export function Act({ why, onClick, children, ...props }: ActProps): ReactElement {
  const able = why === undefined;
  const button = (
    <Button {...props} {...(able ? {} : { 'data-disabled': true, 'aria-disabled': true, variant: 'default' })} onClick={able ? onClick : (event) => event.preventDefault()}>
      {children}
    </Button>
  );
  return able ? button : <Tooltip label={why}>{button}</Tooltip>;
}
