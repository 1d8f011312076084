/** What the demo works with: a core with a prompt that knows the demo's own secrets, a SoftHSM token made on the spot, a recipient's key, other programs. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { MethodName, Reply, RequestInput } from '../../../shared/ipc/contract.ts';
import { createCore, FileGrantTable, SecretBytes, systemClock } from '../../vault/index.ts';
import type { Confirmation, Core, Prompt } from '../../vault/index.ts';
import { makeChildLauncher } from '../../host/childLauncher.ts';
import { attestationIssuers } from '../../host/attestationIssuers.ts';
import { knownModules } from '../../host/knownModules.ts';

const root = join(import.meta.dirname, '../../..');

export class DemoTable {
  readonly folder: string;
  readonly files = new FileGrantTable();
  readonly vaultPath: string;
  /** The recipient's public key: made here with openssl, or the file that was named. */
  readonly recipientPath: string;
  readonly #ownRecipient: boolean;
  readonly tokenLabel = 'demo-token';
  core: Core;

  constructor(folder: string, recipient: string | undefined) {
    this.folder = folder;
    this.vaultPath = this.path('demo.strongroom');
    this.#ownRecipient = recipient === undefined;
    this.recipientPath = recipient ?? this.path('recipient.pem');
    this.core = this.#newCore();
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Where the recipient's private key is not here, nobody here can open what went to it. */
  get recipientPrivate(): string | undefined {
    return this.#ownRecipient ? this.path('recipient-private.pem') : undefined;
  }

  #newCore(): Core {
    const launcher = makeChildLauncher({ program: join(root, 'electron/pkcs11-host/main.ts'), programFolder: root });
    const host = { environment: { SOFTHSM2_CONF: this.path('softhsm2.conf') }, home: homedir(), knownModules: knownModules(), attestationIssuers: attestationIssuers() };
    return createCore({ prompt: this.#prompt(), files: this.files, clock: systemClock, launcher, host });
  }

  /** Answers what a person would. A demo's secrets protect nothing. */
  #prompt(): Prompt {
    const secret = (text: string) => Promise.resolve(SecretBytes.take(new TextEncoder().encode(text)));
    const passphrase = () => secret('a demo protects nothing');
    const confirm = ({ why, expected }: Confirmation) => Promise.resolve(why === 'fingerprint' ? this.recipientFingerprint() : expected);
    const approve = async (confirmation: Confirmation) => ({ typed: await confirm(confirmation), passphrase: await passphrase() });
    return { passphrase, newPassphrase: passphrase, pin: () => secret('648219'), newPin: () => secret('648219'), approve, confirm };
  }

  /** As the recipient would say it on the telephone: computed by openssl, not by Strongroom. */
  recipientFingerprint(): string {
    return createHash('sha256').update(this.openssl('pkey', '-pubin', '-in', this.recipientPath, '-pubout', '-outform', 'DER')).digest('hex');
  }

  /** @throws Error with the message of the refusal */
  async call<M extends MethodName>(method: M, request: RequestInput<M>): Promise<Reply<M>> {
    const answer = await this.core.call(method, request);
    if (answer.ok) return answer.value;
    throw new Error(`${method}: ${answer.error.message}`);
  }

  /** The message that a call is refused with. @throws Error where it is not refused */
  async refused<M extends MethodName>(method: M, request: RequestInput<M>): Promise<string> {
    const answer = await this.core.call(method, request);
    if (answer.ok) throw new Error(`${method} was not refused`);
    return answer.error.message;
  }

  read(name: string): string {
    return this.files.read(this.path(name));
  }

  write(name: string): string {
    return this.files.write(this.path(name), false);
  }

  run(program: string, ...args: readonly string[]): Buffer {
    return execFileSync(program, args, { cwd: this.folder, env: { ...process.env, SOFTHSM2_CONF: this.path('softhsm2.conf') }, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  openssl(...args: readonly string[]): Buffer {
    return this.run('openssl', ...args);
  }

  makeToken(): string {
    const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so', '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'].find((path) => existsSync(path));
    if (module === undefined) throw new Error('SoftHSM is not installed: apt-get install softhsm2');
    mkdirSync(this.path('tokens'));
    writeFileSync(this.path('softhsm2.conf'), `directories.tokendir = ${this.path('tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`);
    this.run('softhsm2-util', '--init-token', '--free', '--label', this.tokenLabel, '--so-pin', '50719346', '--pin', '648219');
    return module;
  }

  makeRecipient(): void {
    if (this.recipientPrivate === undefined) return;
    this.openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', this.recipientPrivate);
    this.openssl('pkey', '-in', this.recipientPrivate, '-pubout', '-out', this.recipientPath);
  }

  /** Locks, and begins again with a core that remembers nothing. */
  async lock(): Promise<void> {
    await this.core.close();
    this.core = this.#newCore();
  }

  async close(): Promise<void> {
    await this.core.close();
  }
}
