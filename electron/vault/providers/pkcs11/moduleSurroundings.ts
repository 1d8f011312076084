/**
 * What a module needs of its surroundings besides its file: the variables that it reads and the folders that its tokens live in. The table of
 * known modules is `resources/pkcs11Modules.json`; a module that is not in it gets nothing but what is named for it.
 */
import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';

/** One row of the table. */
export interface KnownModule {
  readonly name: string;
  /** By `process.platform`. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly variables: readonly string[];
  readonly folders: readonly string[];
  readonly configuration?: {
    /** Names the file where it is set. */
    readonly variable: string;
    readonly files: readonly string[];
    /** The line that names the token's folder. */
    readonly setting: string;
  };
}

/** The host's own: its variables and home folder. */
export interface HostFacts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

export interface ModuleSurroundings {
  readonly name: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** And files. */
  readonly folders: readonly string[];
}

/** A module is known by the name of its file: distributions move it, and link to it from elsewhere. */
function knownBy(path: string, known: readonly KnownModule[]): KnownModule | undefined {
  const name = basename(path).toLowerCase();
  return known.find(({ paths }) => Object.values(paths).some((some) => some.some((candidate) => candidate.toLowerCase().split(/[\\/]/).at(-1) === name)));
}

function atHome(path: string, home: string): string {
  return path.startsWith('~/') ? join(home, path.slice(2)) : path;
}

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // a configuration that is not there, or not ours to read, says nothing
  }
}

/** The configuration in force and the folder that it names. */
function configured({ variable, files, setting }: NonNullable<KnownModule['configuration']>, host: HostFacts): readonly string[] {
  const named = host.environment[variable];
  const candidates = named === undefined ? files.map((file) => atHome(file, host.home)) : [named];
  for (const file of candidates) {
    const text = readable(file);
    if (text === undefined) continue;
    const line = text.split('\n').find((candidate) => candidate.split('=')[0]?.trim() === setting);
    const folder = line?.slice(line.indexOf('=') + 1).trim() ?? '';
    return isAbsolute(folder) ? [file, folder] : [file];
  }
  return [];
}

/** The folder of an NSS database, which stands in the parameters: `configdir='sql:FOLDER'`. Several tokens have one each. */
function databaseFolders(parameters: string): readonly string[] {
  const named = Array.from(parameters.matchAll(/configdir='(?:sql:|dbm:)?([^']+)'/g), ([, folder = '']) => folder);
  return named.filter((folder) => isAbsolute(folder));
}

/** @param parameters what the module is told when it starts */
export function moduleSurroundings(path: string, known: readonly KnownModule[], host: HostFacts, parameters = ''): ModuleSurroundings {
  const module = knownBy(path, known);
  const databases = databaseFolders(parameters);
  if (module === undefined) return { name: undefined, environment: {}, folders: databases };
  // SECURITY: of the host's environment a module gets the variables that its row names
  const environment = module.variables.flatMap((name) => (host.environment[name] === undefined ? [] : [[name, host.environment[name]] as const]));
  const folders = [
    ...module.folders.map((folder) => atHome(folder, host.home)),
    ...databases,
    ...(module.configuration === undefined ? [] : configured(module.configuration, host)),
  ];
  return { name: module.name, environment: Object.fromEntries(environment), folders };
}
