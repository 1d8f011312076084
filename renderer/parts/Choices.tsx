/** One of several, each with what it means. Arrow keys move, as in any group of radio buttons. */
import { Fragment } from 'react';
import type { ReactElement, ReactNode } from 'react';

export interface Option<V extends string> {
  readonly value: V;
  readonly title: ReactNode;
  readonly why?: ReactNode;
  /** Why it cannot be chosen. */
  readonly no?: string | undefined;
  readonly icon?: ReactNode;
  /** Over it: what it and those after it have in common. */
  readonly heading?: string | undefined;
}

export function Choices<V extends string>({ label, options, value, onChange, twoColumns = false }: { readonly label: string; readonly twoColumns?: boolean; readonly options: readonly Option<V>[]; readonly value: V | undefined; readonly onChange: (value: V) => void }): ReactElement {
  return (
    <fieldset className={twoColumns ? 't-edge pgrid' : 't-edge'} style={{ margin: 0, padding: 0 }}>
      <legend className="sr">{label}</legend>
      {options.map((option) => {
        const on = option.value === value;
        return (
          <Fragment key={option.value}>
            {option.heading === undefined ? null : <p className="choice-head">{option.heading}</p>}
          <label className={`choice ${on ? 'on' : ''} ${option.no === undefined ? '' : 'no'}`}>
            <input
              type="radio"
              className="sr"
              name={label}
              checked={on}
              aria-disabled={option.no !== undefined}
              onChange={() => option.no === undefined && onChange(option.value)}
            />
            <span className={`radio ${on ? 'on' : ''}`} aria-hidden="true" />
            {option.icon}
            <span className="grow">
              <span className="t">
                {option.title}
                {option.no === undefined ? null : <span className="tag">not available</span>}
              </span>
              {option.no === undefined && option.why === undefined ? null : <span className="why">{option.no ?? option.why}</span>}
            </span>
          </label>
          </Fragment>
        );
      })}
    </fieldset>
  );
}
