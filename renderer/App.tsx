/** The window: the gate while no vault is open, the frame and its pages once one is. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { styleNonce } from '../shared/ipc/styleNonce.ts';
import type { HostState, Settings } from '../shared/ipc/windowContract.ts';
import { call, infoOf, onEvent } from './client/vaultClient.ts';
import { changed, forget } from './client/useAnswer.ts';
import { WindowContext } from './client/windowState.ts';
import { Frame } from './frame/Frame.tsx';
import { Gate } from './gate/Gate.tsx';
import { ErrorPanel } from './parts/ErrorPanel.tsx';
import { showUtc } from './parts/text.ts';
import { showTokenChanges } from './tokens/TokenNotices.tsx';
import { theme, variables } from './theme/theme.ts';
import type { ErrorInfo } from '../shared/errors/strongroomError.ts';

const schemes = { system: 'auto', light: 'light', dark: 'dark' } as const;

/** Tells the host, at most every ten seconds, that somebody is here. */
function useActivity(): void {
  useEffect(() => {
    let last = 0;
    const tell = () => {
      if (Date.now() - last < 10_000) return;
      last = Date.now();
      void call('host.active', {}).catch(() => undefined);
    };
    for (const kind of ['keydown', 'pointerdown', 'wheel'] as const) addEventListener(kind, tell, { passive: true });
    return () => {
      for (const kind of ['keydown', 'pointerdown', 'wheel'] as const) removeEventListener(kind, tell);
    };
  }, []);
}

interface Shown {
  readonly host: HostState | undefined;
  readonly lockedWhy: string | undefined;
  readonly promptOpen: boolean;
  readonly gone: boolean;
}

export function App(): ReactElement {
  const [shown, setShown] = useState<Shown>({ host: undefined, lockedWhy: undefined, promptOpen: false, gone: false });
  const [error, setError] = useState<ErrorInfo>();
  useActivity();
  const refresh = async () => {
    try {
      const host = await call('host.state', {});
      showUtc(host.settings.zone === 'utc');
      setShown((old) => ({ ...old, host }));
    } catch (thrown) {
      setError(infoOf(thrown));
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    void refresh();
    return onEvent((event) => {
      if (event.kind === 'prompt') setShown((old) => ({ ...old, promptOpen: event.open }));
      if (event.kind === 'recent') void refresh();
      if (event.kind === 'tokens') showTokenChanges(event.changes);
      if (event.kind === 'core-gone') setShown((old) => ({ ...old, gone: true }));
      if (event.kind === 'locked') {
        setShown((old) => ({ ...old, lockedWhy: event.why }));
        void refresh().then(forget);
      }
    });
  }, []);
  const { host, promptOpen, gone, lockedWhy } = shown;
  const appearance = host?.settings.appearance ?? 'system';
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} getStyleNonce={() => styleNonce} {...(appearance === 'system' ? { defaultColorScheme: 'auto' as const } : { forceColorScheme: schemes[appearance] as 'light' | 'dark' })}>
      <Notifications position="bottom-right" autoClose={8000} transitionDuration={0} />
      {error !== undefined ? <ErrorPanel error={error} onRetry={refresh} /> : null}
      {gone ? <Gone /> : null}
      {host === undefined ? null : (
        <WindowContext value={{ host, refresh, lock: () => lock(refresh, setShown), save: (settings) => save(settings, refresh) }}>
          {host.vault === undefined ? <Gate lockedWhy={lockedWhy} /> : <Frame vault={host.vault} />}
        </WindowContext>
      )}
      {promptOpen ? <Veil /> : null}
    </MantineProvider>
  );
}

async function lock(refresh: () => Promise<void>, setShown: (change: (old: Shown) => Shown) => void): Promise<void> {
  await call('vault.lock', {}).catch(() => undefined);
  setShown((old) => ({ ...old, lockedWhy: undefined }));
  location.hash = '';
  await refresh();
  forget();
}

async function save(settings: Settings, refresh: () => Promise<void>): Promise<void> {
  await call('host.saveSettings', { settings });
  await refresh();
  changed();
}

/** What the page itself says while the prompt is open; the host lays its own veil over it, and takes the input away. */
function Veil(): ReactElement {
  return (
    <div className="veil" role="status">
      <div>
        Answer in the window that shows your seal
        <small>This window takes no input until then</small>
      </div>
    </div>
  );
}

function Gone(): ReactElement {
  const error: ErrorInfo = { code: 'core-gone', message: 'the core of Strongroom has ended', nextStep: 'close this window and start Strongroom again', retryable: false };
  return (
    <div className="veil" role="alertdialog" aria-label="The core has ended">
      <div style={{ width: 560, textAlign: 'left', fontWeight: 400, fontSize: 13, color: 'var(--text)' }}>
        <ErrorPanel error={error} />
      </div>
    </div>
  );
}
