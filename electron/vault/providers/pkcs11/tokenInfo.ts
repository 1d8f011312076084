/** What the core knows of modules and tokens: plain facts, no handles. */

/** A module as it was pinned (rule TOKEN-1), and what its child needs to run. */
export interface ModuleEntry {
  /** Real path, as `describeModuleFile` gave it. */
  readonly path: string;
  /** User id of the file's owner; undefined where the system has none (Windows). */
  readonly ownerUid: number | undefined;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** The module's own variables (SOFTHSM2_CONF, P11_KIT_…), added to a scrubbed environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders that the module's tokens live in, let through where the child's home is hidden. */
  readonly folders?: readonly string[];
  /** The reserved string of C_Initialize that NSS softokn asks for. */
  readonly libraryParameters?: string;
}

/** The flags of CK_TOKEN_INFO (PKCS#11 v2.40 §3.2) in words. */
export const tokenFlags = [
  'random',
  'write-protected',
  'login-required',
  'user-pin-initialized',
  'restore-key-not-needed',
  'clock-on-token',
  'protected-authentication-path',
  'dual-crypto',
  'token-initialized',
  'secondary-authentication',
  'user-pin-count-low',
  'user-pin-final-try',
  'user-pin-locked',
  'user-pin-to-be-changed',
  'so-pin-count-low',
  'so-pin-final-try',
  'so-pin-locked',
  'so-pin-to-be-changed',
  'error-state',
] as const;
export type TokenFlag = (typeof tokenFlags)[number];

export interface TokenInfo {
  readonly modulePath: string;
  /** The module's number for the slot; it changes when a token is initialised or plugged elsewhere. */
  readonly slot: number;
  readonly slotDescription: string;
  readonly label: string;
  readonly serial: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly flags: readonly TokenFlag[];
  /** Bytes. */
  readonly minPinLength: number;
  readonly maxPinLength: number;
  readonly firmwareVersion: string;
}

/** Names one token: equal labels are told apart by serial and manufacturer. */
export interface TokenSelector {
  readonly serial: string;
  readonly label: string;
  readonly manufacturer?: string;
  readonly modulePath?: string;
}
