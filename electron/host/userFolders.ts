/** Where this user's files of the product are: XDG Base Directory, or what the system has instead. Not inside any vault, and never named by a variable of ours. */
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is chosen, and what is remembered of what was seen. */
const xdg = { config: ['XDG_CONFIG_HOME', '.config'], state: ['XDG_STATE_HOME', '.local/state'] } as const;

/** XDG Base Directory §3: a relative path in a variable is no path. */
function folderIn(environment: Environment, variable: string): string | undefined {
  const given = environment[variable];
  return given !== undefined && isAbsolute(given) ? given : undefined;
}

function userFolder(kind: keyof typeof xdg, environment: Environment, home: string): string {
  if (process.platform === 'win32') return join(folderIn(environment, kind === 'config' ? 'APPDATA' : 'LOCALAPPDATA') ?? home, 'Strongroom');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Strongroom');
  const [variable, beneath] = xdg[kind];
  return join(folderIn(environment, variable) ?? join(home, beneath), 'strongroom');
}

/** The settings of the window. */
export function settingsPath(environment: Environment, home: string): string {
  return join(userFolder('config', environment, home), 'window.json');
}

/** How far the log of each vault had come when it was last seen here. */
export function anchorsPath(environment: Environment, home: string): string {
  return join(userFolder('state', environment, home), 'anchors.json');
}
