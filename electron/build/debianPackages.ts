/** The Debian packages that each command needs, and a look at which are missing. Installed when root or with `sudo -n`; else named. */
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

interface Need {
  readonly package: string;
  /** A file that is there when the package is; more than one where places differ. */
  readonly files: readonly string[];
  readonly why: string;
}

const libraries = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so', '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so'];

const softHsm: Need = { package: 'softhsm2', files: libraries, why: 'a PKCS#11 token in software' };
const nss: Need = { package: 'libnss3', files: ['/usr/lib/x86_64-linux-gnu/libsoftokn3.so', '/usr/lib/aarch64-linux-gnu/libsoftokn3.so', '/usr/lib/x86_64-linux-gnu/nss/libsoftokn3.so'], why: 'a PKCS#11 token with other habits' };
const openssl: Need = { package: 'openssl', files: ['/usr/bin/openssl'], why: 'opens and verifies what Strongroom made' };
const sqlite: Need = { package: 'sqlite3', files: ['/usr/bin/sqlite3'], why: 'edits a vault behind its back' };
const chromium: Need = { package: 'chromium', files: ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'], why: 'the window' };
const age: Need = { package: 'age', files: ['/usr/bin/age'], why: 'a peer to measure against' };

const modules: readonly Need[] = [
  { package: 'p11-kit', files: ['/usr/bin/p11-kit'], why: "serves a token to p11-kit's client" },
  { package: 'p11-kit-modules', files: ['/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so', '/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so'], why: 'a token that another process keeps' },
  { package: 'opencryptoki', files: ['/usr/sbin/pkcsslotd'], why: 'a PKCS#11 token with short PINs and flags that tell' },
  { package: 'libtpm2-pkcs11-1', files: ['/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so', '/usr/lib/aarch64-linux-gnu/pkcs11/libtpm2_pkcs11.so'], why: 'PKCS#11 on a TPM' },
  { package: 'swtpm', files: ['/usr/bin/swtpm'], why: 'a TPM in software' },
  { package: 'swtpm-tools', files: ['/usr/bin/swtpm_setup'], why: 'a TPM in software' },
  { package: 'tpm2-tools', files: ['/usr/bin/tpm2_getrandom'], why: 'sees that the TPM answers' },
  { package: 'tpm2-abrmd', files: ['/usr/sbin/tpm2-abrmd'], why: "the TPM's resource manager" },
  { package: 'libtss2-tcti-tabrmd0', files: ['/usr/lib/x86_64-linux-gnu/libtss2-tcti-tabrmd.so.0', '/usr/lib/aarch64-linux-gnu/libtss2-tcti-tabrmd.so.0'], why: "the way to the TPM's resource manager" },
  { package: 'libtss2-tcti-swtpm0', files: ['/usr/lib/x86_64-linux-gnu/libtss2-tcti-swtpm.so.0', '/usr/lib/aarch64-linux-gnu/libtss2-tcti-swtpm.so.0'], why: 'the way to a TPM in software' },
  { package: 'dbus-daemon', files: ['/usr/bin/dbus-daemon'], why: 'a bus for one TPM' },
  { package: 'pcscd', files: ['/usr/sbin/pcscd'], why: 'smart card readers' },
  { package: 'vsmartcard-vpcd', files: ['/usr/lib/pcsc/drivers/serial/libifdvpcd.so'], why: 'a reader for the virtual card' },
  { package: 'ykcs11', files: ['/usr/lib/x86_64-linux-gnu/libykcs11.so.2', '/usr/lib/aarch64-linux-gnu/libykcs11.so.2'], why: "PKCS#11 on a YubiKey's PIV" },
  { package: 'opensc-pkcs11', files: ['/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so', '/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so'], why: 'PKCS#11 on smart cards' },
  { package: 'iproute2', files: ['/usr/sbin/ip', '/sbin/ip', '/bin/ip'], why: "the virtual card's own network" },
];

/** What each command needs. */
export const needs = {
  start: [chromium],
  demo: [softHsm, openssl, sqlite],
  bench: [softHsm, openssl, age, chromium],
  test: [
    chromium,
    softHsm,
    nss,
    ...modules,
    openssl,
    sqlite,
    { package: 'opensc', files: ['/usr/bin/pkcs11-tool'], why: 'uses our token keys' },
    { package: 'gnutls-bin', files: ['/usr/bin/p11tool'], why: 'uses our token keys, and makes key files and documents that we read' },
    { package: 'python3-cryptography', files: ['/usr/lib/python3/dist-packages/cryptography'], why: 'reads our file formats' },
    { package: 'gcc', files: ['/usr/bin/gcc'], why: 'builds the modules that fail on purpose' },
    { package: 'libc6-dev', files: ['/usr/include/stdlib.h'], why: 'builds the modules that fail on purpose' },
    { package: 'libp11-kit-dev', files: ['/usr/include/p11-kit-1/p11-kit/pkcs11.h'], why: 'the PKCS#11 header' },
    { package: 'zsh', files: ['/usr/bin/zsh'], why: 'completes the words of the command line' },
    { package: 'fish', files: ['/usr/bin/fish'], why: 'completes the words of the command line' },
    { package: 'bubblewrap', files: ['/usr/bin/bwrap'], why: 'the sandbox of the PKCS#11 child' },
  ],
} as const satisfies Record<string, readonly Need[]>;

export type NeedGroup = keyof typeof needs;

function run(command: readonly string[]): boolean {
  const [program = '', ...rest] = command;
  return spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}

/** How this user installs packages, or undefined where it takes a person. */
function installer(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return run(['sudo', '-n', 'true']) ? ['sudo', '-n'] : undefined;
}

/**
 * Makes sure that a command's packages are there. Quick, and silent, when they are.
 * @throws Error that names the exact command where they cannot be installed from here
 */
export function ensureDebianPackages(group: NeedGroup): void {
  const missing = needs[group].filter((need) => !need.files.some((file) => existsSync(file))).map((need) => need.package);
  if (missing.length === 0) return;
  const byHand = `sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`;
  const prefix = installer();
  if (prefix === undefined) throw new Error(`these Debian packages are missing; install them with:\n  ${byHand}`);
  process.stderr.write(`installing Debian packages: ${missing.join(' ')}\n`);
  const done = run([...prefix, 'apt-get', 'update', '-qq']) && run([...prefix, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing]);
  if (!done) throw new Error(`installing failed; try by hand:\n  ${byHand}`);
}
