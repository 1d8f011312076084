/** A name where there is little room: what does not fit is left out of its middle, since its ends tell it from others. */
import type { ReactElement } from 'react';

/** Names of so many letters fit, whatever the letters. */
const short = 10;
const ending = 6;

export function Middle({ name }: { readonly name: string }): ReactElement {
  const letters = [...name];
  if (letters.length <= short) return <>{name}</>;
  return <span className="mid"><span className="clip">{letters.slice(0, -ending).join('')}</span><span>{letters.slice(-ending).join('')}</span></span>;
}
