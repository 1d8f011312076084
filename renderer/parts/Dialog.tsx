/** A dialog over the page: its title is its name, Escape and *Close* leave it unless work is under way. */
import { Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly busy?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, busy = false, children }: DialogProps): ReactElement {
  return (
    <Modal.Root opened onClose={onClose} size={560} centered closeOnClickOutside={false} closeOnEscape={!busy} transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content aria-label={title} radius={10}>
        <Modal.Body p={20}>
          <div style={{ display: 'flex', gap: 12, alignItems: 'flex-start', marginBottom: 12 }}>
            <h2 style={{ fontSize: 16, lineHeight: '24px', flex: 1, overflowWrap: 'anywhere' }}>{title}</h2>
            <Modal.CloseButton aria-label="Close" disabled={busy} />
          </div>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
