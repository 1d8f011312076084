/** What was found to be so of a valid signature, who signed, and what was not looked at. */
import type { ReactElement } from 'react';
import { wordsOf } from '../../shared/words/pgpWords.ts';
import type { WindowReply } from '../../shared/ipc/windowContract.ts';
import { sentence } from '../parts/ErrorPanel.tsx';
import { mechanismWord, moment } from '../parts/text.ts';
import { formatTitles } from './signOptions.ts';

type Found = WindowReply<'key.verify'> | WindowReply<'signature.verify'>;

function signer(found: Found): string {
  if ('key' in found) return `By version ${found.version} of ${found.key}, which is ${found.state}.`;
  const words = wordsOf(found.fingerprint).slice(0, 6).join(' ');
  const who = found.principals === undefined || found.principals.length === 0 ? '' : ` as ${found.principals.join(', ')}`;
  return found.vouched ? `By the key that was given${who}: ${words}.` : `By a key that nobody vouches for: ${words}.`;
}

export function VerifiedFacts({ found }: { readonly found: Found }): ReactElement {
  const { format, mechanism, certificate, claimedTime, checked, notChecked, notes } = found;
  return (
    <>
      <span className="two-line">{signer(found)} {formatTitles[format]}, {mechanismWord(mechanism)}.</span>
      {certificate?.subject === undefined ? null : <span className="two-line">Certificate of {certificate.subject}.</span>}
      {claimedTime === undefined ? null : <span className="two-line">Signed on {moment(claimedTime)}, as the signer claims.</span>}
      {notes.map((note) => <span key={note} className="two-line">{sentence(note)}</span>)}
      <details>
        <summary>What was checked, and what was not</summary>
        <ul>
          {checked.map((line) => <li key={line}>✓ {sentence(line)}</li>)}
          {notChecked.map((line) => <li key={line}><b>Not checked:</b> {sentence(line)}</li>)}
        </ul>
      </details>
    </>
  );
}
