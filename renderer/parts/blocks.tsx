/** The frame of a page and its small repeated parts. */
import { Button, Tooltip } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface PageProps {
  readonly title: ReactNode;
  readonly crumb?: ReactNode;
  readonly sub?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
}

export function Page({ title, crumb, sub, actions, children, foot }: PageProps): ReactElement {
  return (
    <>
      <div className="page">
        <header className="head">
          <div>
            {crumb === undefined ? null : <div className="crumb">{crumb}</div>}
            <h1>{title}</h1>
            {sub === undefined ? null : <p className="sub">{sub}</p>}
          </div>
          {actions === undefined ? null : <div className="actions">{actions}</div>}
        </header>
        {children}
      </div>
      {foot === undefined ? null : <footer className="foot-bar">{foot}</footer>}
    </>
  );
}

export function Block({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }): ReactElement {
  return (
    <section className="block" aria-label={title}>
      <div className="bh">
        <h2>{title}</h2>
        {aside === undefined ? null : <span className="r">{aside}</span>}
      </div>
      {children}
    </section>
  );
}

export interface ActProps extends ButtonProps {
  /** Why it cannot be done now: it stays in reach of the keyboard, and says so. */
  readonly why?: string | undefined;
  readonly onClick?: () => void;
  readonly children: ReactNode;
  readonly title?: string;
}

/** A button that is never greyed out without a reason. */
export function Act({ why, onClick, children, ...props }: ActProps): ReactElement {
  const able = why === undefined;
  const button = (
    <Button {...props} {...(able ? {} : { 'data-disabled': true, 'aria-disabled': true, variant: 'default' })} onClick={able ? onClick : (event) => event.preventDefault()}>
      {children}
    </Button>
  );
  return able ? button : <Tooltip label={why}>{button}</Tooltip>;
}

export function Facts({ rows }: { readonly rows: readonly (readonly [string, ReactNode] | undefined)[] }): ReactElement {
  return (
    <dl className="kv">
      {rows.map((row) =>
        row === undefined ? null : (
          <div key={row[0]} style={{ display: 'contents' }}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

export function Steps({ names, now }: { readonly names: readonly string[]; readonly now: number }): ReactElement {
  return (
    <ol className="steps" aria-label="Steps">
      {names.map((name, index) => (
        <li key={name} className={index < now ? 'done' : index === now ? 'now' : ''} aria-current={index === now ? 'step' : undefined}>
          <span className="n">{index < now ? '✓' : index + 1}</span>
          {name}
        </li>
      ))}
    </ol>
  );
}

export interface Option<V extends string> {
  readonly value: V;
  readonly title: ReactNode;
  readonly why?: ReactNode;
  /** Why it cannot be chosen. */
  readonly no?: string | undefined;
  readonly icon?: ReactNode;
}

/** One of several, each with what it means. Arrow keys move, as in any group of radio buttons. */
export function Choices<V extends string>({ label, options, value, onChange }: { readonly label: string; readonly options: readonly Option<V>[]; readonly value: V | undefined; readonly onChange: (value: V) => void }): ReactElement {
  return (
    <fieldset className="t-edge" style={{ margin: 0, padding: 0 }}>
      <legend className="sr">{label}</legend>
      {options.map((option) => {
        const on = option.value === value;
        return (
          <label key={option.value} className={`choice ${on ? 'on' : ''} ${option.no === undefined ? '' : 'no'}`}>
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
        );
      })}
    </fieldset>
  );
}

/** What a page is for, while there is nothing on it. */
export function Empty({ title, children, action }: { readonly title: string; readonly children: ReactNode; readonly action?: ReactNode }): ReactElement {
  return (
    <div className="empty" style={{ display: 'flex', flexDirection: 'column', gap: 12, padding: 24 }}>
      <h2 style={{ fontSize: 20, lineHeight: '28px' }}>{title}</h2>
      <p className="lede">{children}</p>
      {action === undefined ? null : <div>{action}</div>}
    </div>
  );
}

export function Note({ children, kind = '' }: { readonly children: ReactNode; readonly kind?: '' | 'ink' | 'bad' }): ReactElement {
  return (
    <div className={`note ${kind}`}>
      <div className="grow">{children}</div>
    </div>
  );
}
