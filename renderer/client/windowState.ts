/** What every page of the window may ask for: the host's state, and to lock. */
import { createContext, useContext } from 'react';
import type { HostState, Settings } from '../../shared/ipc/windowContract.ts';

export interface WindowState {
  readonly host: HostState;
  refresh(): Promise<void>;
  lock(): Promise<void>;
  save(settings: Settings): Promise<void>;
}

export const WindowContext = createContext<WindowState | undefined>(undefined);

export function useWindow(): WindowState {
  const state = useContext(WindowContext);
  if (state === undefined) throw new Error('outside the window');
  return state;
}
