/** The PKCS#11 modules of an open vault: one child process each, their tokens, and a key provider per token. */
import type { ChildLauncher } from '../../ports/childLauncher.ts';
import type { PinQuestion } from '../../ports/prompt.ts';
import type { SecretBytes } from '../../crypto/secretBytes.ts';
import type { KeyProvider } from '../provider.ts';
import type { ModuleEntry, TokenInfo, TokenSelector } from './tokenInfo.ts';

export type AskPin = (question: PinQuestion) => Promise<SecretBytes>;

/** Milliseconds. Each costs the one operation that outlives it. */
export interface TimeLimits {
  /** Any one call of the module; default 30,000. */
  readonly call?: number;
  /** The generation of a key or pair; default 180,000. */
  readonly generate?: number;
}

export interface InitTokenRequest {
  readonly modulePath: string;
  /** Which uninitialised (or, with its serial, initialised) token: the slot of `tokens()`. */
  readonly slot: number;
  /** 1 to 32 bytes of UTF-8. */
  readonly label: string;
  /** Both are borrowed: the caller wipes them. */
  readonly soPin: SecretBytes;
  readonly userPin: SecretBytes;
}

export declare class Pkcs11Modules {
  constructor(options: { readonly launcher: ChildLauncher; readonly askPin: AskPin; readonly limits?: TimeLimits });
  /** Adds a module; its child starts with the first call. @throws `already-exists` */
  open(module: ModuleEntry): void;
  /** All tokens of all modules that were opened. @throws the first module's error (`module-changed`, `module-load-failed`, `module-crashed`, `token-timeout`…) */
  tokens(): Promise<readonly TokenInfo[]>;
  /** @throws `token-absent`, `token-ambiguous` */
  provider(token: TokenSelector): Promise<KeyProvider>;
  /** Erases what the slot's token held. @throws `pin-invalid`, `pin-wrong` (an initialised token's SO PIN) */
  initToken(request: InitTokenRequest): Promise<TokenInfo>;
  /** Logs out, ends the children. */
  close(): Promise<void>;
}
