/** An error as a person needs it: what happened, what is unchanged, what to do now. */
import { Button } from '@mantine/core';
import { IconArrowRight, IconCircleXFilled, IconShield } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { ErrorInfo } from '../../shared/errors/strongroomError.ts';

/** Codes of refusals: a rule or a person said no, which is no failure. */
const refusals = ['refused', 'declined', 'confirmation-wrong', 'cancelled'];

/** What is as it was, by what went wrong. */
function unchanged({ code }: ErrorInfo): string {
  if (code.startsWith('vault-')) return 'The file was not written to.';
  if (code === 'wrong-passphrase') return 'Nothing was opened. The try is noted, and the next unlock says so.';
  if (code === 'core-gone') return 'What was committed is in the vault. Work that was interrupted is shown at the next unlock.';
  if (code.startsWith('token-') || code.startsWith('module-') || code.startsWith('pin-')) return 'The vault goes on. The log has what was intended and that it failed; nothing else was changed.';
  return 'Nothing was changed. What was finished before stays finished.';
}

export interface ErrorPanelProps {
  readonly error: ErrorInfo;
  readonly title?: string;
  readonly onRetry?: () => void;
  readonly unchanged?: string;
}

export function ErrorPanel({ error, title, onRetry, unchanged: kept }: ErrorPanelProps): ReactElement {
  const what = title ?? (refusals.includes(error.code) ? 'It was not done' : 'What happened');
  return (
    <section className="error" role="alert" aria-label={what}>
      <div className="what">
        <IconCircleXFilled size={16} aria-hidden="true" />
        <div>
          <h2>{what}</h2>
          <p>{sentence(error.message)}</p>
          <code>
            {error.code}
            {error.rule === undefined ? '' : `, rule ${error.rule}`}
          </code>
        </div>
      </div>
      <div>
        <IconShield size={16} aria-hidden="true" />
        <div>
          <h2>What is unchanged</h2>
          <p>{kept ?? unchanged(error)}</p>
        </div>
      </div>
      <div>
        <IconArrowRight size={16} aria-hidden="true" />
        <div>
          <h2>Next step</h2>
          <p>{sentence(error.nextStep ?? 'look at the message above, and try again')}</p>
          {onRetry === undefined ? null : (
            <Button mt={8} onClick={onRetry}>
              Try again
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}

/** Messages of the core begin small and have no stop. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
