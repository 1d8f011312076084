/** A fingerprint in words, to be read aloud, with the digits below. */
import type { ReactElement } from 'react';
import { wordsNeeded, wordsOf } from '../../shared/words/pgpWords.ts';
import { grouped } from './text.ts';

export interface WordsProps {
  readonly hex: string;
  /** How many; without it the twelve that are compared. */
  readonly most?: number;
}

export function Words({ hex, most = wordsNeeded }: WordsProps): ReactElement {
  const words = wordsOf(hex).slice(0, most);
  return (
    <div>
      <div className={`words ${words.length > 12 ? 'w32' : 'w12'}`} role="list" aria-label="Fingerprint in words">
        {words.map((word, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: words may repeat, and keep their places
          <span key={index} role="listitem">
            {word}
            <i>{hex.slice(2 * index, 2 * index + 2).toUpperCase()}</i>
          </span>
        ))}
      </div>
      <p className="mono small muted" style={{ marginTop: 6, overflowWrap: 'anywhere' }}>
        SHA-256 {grouped(hex)}
      </p>
    </div>
  );
}
