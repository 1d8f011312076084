/**
 * The trust zones as data: which file may import what. The folders of the project are the zones, and the joints between them are the folders
 * of types that both sides import. A file belongs to the zone with the longest path that holds it; a file in no zone is an error.
 */
export interface Zone {
  /** The folder, or the one file. */
  readonly path: string;
  /** What its files may import besides each other: `a/b` is all below, `a/b/*` the files of that folder alone, `a/b.ts` one file, `` all. */
  readonly imports: readonly string[];
  /** What only their types may import: nothing of it runs here. */
  readonly types?: readonly string[];
  /** What may be named by `new URL(…, import.meta.url)`: a program to start, data to read. */
  readonly locates?: readonly string[];
  /** npm packages; `@scope/*` is all of a scope. */
  readonly packages: readonly string[];
  /** Node's own modules; `node:*` is all but `guardedBuiltins`. */
  readonly builtins: readonly string[];
  /** Why, where the row says more than the design's table. */
  readonly why?: string;
}

const core = 'electron/vault';
const coreDoor = 'electron/vault/index.ts';
const openVault = 'electron/vault/unlock/openVault.ts';
const childProgram = 'electron/pkcs11-host/main.ts';

/** Node's modules that no zone has unless its row names them, or `everything`. */
export const guardedBuiltins: readonly { readonly names: readonly string[]; readonly why: string }[] = [
  { names: ['node:crypto'], why: 'only electron/vault/crypto decides which cryptography runs: Electron has BoringSSL' },
  { names: ['node:net', 'node:http', 'node:https', 'node:http2', 'node:tls', 'node:dgram', 'node:dns', 'node:dns/promises', 'node:quic'], why: 'the product has no network' },
  { names: ['node:vm', 'node:repl', 'node:inspector', 'node:inspector/promises', 'node:wasi'], why: 'nothing runs code that came as data' },
  { names: ['node:sqlite'], why: 'one SQLite driver, in store/database.ts' },
];

/** Names of the platform that only some zones may use, by any way of writing them. */
export const guardedNames: readonly { readonly names: readonly string[]; readonly zones: readonly string[]; readonly why: string }[] = [
  { names: ['crypto', 'subtle', 'webcrypto'], zones: ['electron/vault/crypto', 'test'], why: 'only electron/vault/crypto decides which cryptography runs: Electron has BoringSSL' },
  { names: ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'sendBeacon'], zones: ['test'], why: 'the product has no network' },
  { names: ['eval', 'Function'], zones: ['test'], why: 'nothing runs code that came as data' },
];

/** Imports whose target is computed, which no reader of code can follow. */
export const computedImports: readonly { readonly file: string; readonly why: string }[] = [
  { file: 'electron/cli/strongroom.cjs', why: 'imports main.ts by its URL, after it looked at the version of Node' },
];

const ends: readonly Zone[] = [
  { path: 'renderer', imports: ['shared'], packages: ['react', 'react-dom', '@mantine/*', '@tanstack/react-virtual', '@tabler/icons-react', '@fontsource/*', '@fontsource-variable/*'], builtins: [] },
  { path: 'electron/prompt', imports: ['shared'], packages: [], builtins: [], why: 'the only page that sees a secret: no code of others in it' },
  { path: 'electron/preload', imports: ['shared'], packages: ['electron'], builtins: [] },
  { path: 'electron/app', imports: ['electron/host', 'shared', coreDoor], locates: [childProgram, 'resources', 'electron/preload', 'electron/prompt', 'renderer'], packages: ['electron'], builtins: ['node:*'] },
  { path: 'electron/chromium', imports: ['electron/host', 'shared', coreDoor], locates: [childProgram, 'resources', 'electron/prompt', 'renderer'], packages: ['playwright-core'], builtins: ['node:*'] },
  { path: 'electron/host', imports: ['resources', 'shared', coreDoor], packages: ['zod'], builtins: ['node:*'], why: 'what hosts share: launching children from plain Node, and all of a window host that is not the window itself' },
  { path: 'electron/cli', imports: ['electron/host', 'shared', coreDoor], locates: [childProgram, 'resources'], packages: ['commander'], builtins: ['node:*'] },
  {
    path: 'electron/cli/demo',
    imports: ['electron/cli/*', 'electron/host', 'shared', coreDoor],
    packages: [],
    builtins: ['node:*', 'node:crypto'],
    why: 'it plays the recipient, who opens what was exported with code that is not ours; it never runs in Electron',
  },
  {
    path: 'electron/cli/strongroom.cjs',
    imports: [],
    packages: ['node'],
    builtins: ['child_process', 'fs', 'os', 'path', 'url'],
    why: 'runs on any Node from 12, which has no prefix `node:`; looks for the npm package `node`',
  },
];

const coreZones: readonly Zone[] = [
  { path: core, imports: [core, 'shared', 'electron/pkcs11-wire'], locates: ['electron/vault/door/coreWorker.ts'], packages: ['zod'], builtins: ['node:*'], why: 'door, services, work and quorum: where the folders below meet' },
  {
    path: `${core}/crypto`,
    imports: ['shared/errors', 'shared/model', 'shared/words'],
    packages: ['@hpke/core', '@hpke/hybridkem-x-wing', '@noble/ciphers', '@noble/curves', '@noble/post-quantum', 'argon2', 'bcrypt-pbkdf', 'cborg', 'shamir-secret-sharing'],
    builtins: ['node:crypto', 'node:util'],
  },
  { path: `${core}/ports`, imports: [`${core}/crypto`, 'shared'], types: [`${core}/providers`], packages: [], builtins: [] },
  { path: `${core}/formats`, imports: [`${core}/crypto`, 'shared'], packages: ['@peculiar/*', 'reflect-metadata', 'pkijs', 'jose', 'age-encryption', 'qr', 'zod'], builtins: [] },
  { path: `${core}/store`, imports: [`${core}/store`, `${core}/crypto`, 'shared/errors', openVault], packages: [], builtins: ['node:fs', 'node:path'] },
  { path: `${core}/store/database.ts`, imports: [`${core}/store`, `${core}/crypto`, 'shared/errors'], packages: ['better-sqlite3'], builtins: ['node:fs', 'node:path'] },
  { path: `${core}/log`, imports: [`${core}/crypto`, 'shared', openVault, `${core}/quorum/approval.ts`], types: [`${core}/records`], packages: ['zod'], builtins: [] },
  { path: `${core}/providers`, imports: [`${core}/crypto`, 'shared'], packages: [], builtins: [], why: 'the interface, and what its implementations share' },
  { path: `${core}/providers/software`, imports: [`${core}/providers/*`, `${core}/crypto`, 'shared'], packages: [], builtins: ['node:timers/promises'] },
  {
    path: `${core}/providers/pkcs11`,
    imports: [`${core}/providers/*`, `${core}/crypto`, `${core}/ports`, 'shared', 'electron/pkcs11-wire'],
    packages: [],
    builtins: ['node:fs', 'node:path', 'node:timers/promises'],
  },
  { path: `${core}/records`, imports: [`${core}/crypto`, 'shared', openVault], packages: ['zod'], builtins: [] },
  { path: `${core}/rules`, imports: [`${core}/crypto`, `${core}/records`, `${core}/quorum/approval.ts`, 'shared', openVault], packages: [], builtins: [], why: 'they only throw: nothing to do with files, tokens and rows' },
  {
    path: `${core}/unlock`,
    imports: [`${core}/crypto`, `${core}/log`, `${core}/store`, `${core}/records`, `${core}/rules`, `${core}/ports`, `${core}/quorum/approval.ts`, 'shared'],
    packages: ['zod'],
    builtins: ['node:fs', 'node:path', 'node:timers/promises'],
  },
];

/** Every zone, also those that have no file yet. */
export const zones: readonly Zone[] = [
  { path: 'shared', imports: [], packages: ['zod'], builtins: [] },
  ...ends,
  ...coreZones,
  { path: 'electron/pkcs11-wire', imports: ['shared/errors', 'shared/model'], packages: ['cborg'], builtins: [] },
  {
    path: 'electron/pkcs11-host',
    imports: ['electron/pkcs11-host', 'electron/pkcs11-wire', 'shared/errors'],
    types: ['shared/model/terms.ts'],
    packages: ['graphene-pk11', 'pkcs11js'],
    builtins: ['node:*'],
  },
  {
    path: 'electron/pkcs11-host/moduleFile.ts',
    imports: ['shared/errors'],
    packages: [],
    builtins: ['node:crypto', 'node:fs'],
    why: 'SHA-256 of the module before it is loaded, in a program that holds nothing of the core',
  },
  { path: 'electron/build', imports: ['shared'], locates: [''], packages: ['vite', 'vitest', 'electron-vite', '@vitejs/plugin-react', 'electron-builder'], builtins: ['node:*', 'node:crypto'], why: 'hashes of what was built' },
  { path: 'test', imports: [''], locates: [''], packages: ['*'], builtins: ['*'] },
];
