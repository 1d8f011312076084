/**
 * An unlocked vault as the services see it: rows in memory, one way to write, the log, the principal's approval.
 * Every change is one commit: rows, state digest and one signed log entry in one transaction.
 */
import type { Role } from '../../../shared/model/terms.ts';
import type { SecretBytes } from '../crypto/secretBytes.ts';
import type { Identity } from './identityFile.ts';
import type { Renewal } from './renewVault.ts';
import type { TokenPart, WayMode, WaySecrets } from './wayIn.ts';

/** What deterministic CBOR can say. */
export type CborValue = string | number | boolean | Uint8Array | readonly CborValue[] | { readonly [field: string]: CborValue | undefined };
export type CborMap = { readonly [field: string]: CborValue | undefined };

/** The tables whose rows are sealed CBOR maps, held in memory while the vault is open. */
export const inventoryTables = ['principal', 'key', 'version', 'usage', 'recipient', 'distribution', 'module', 'token', 'setting', 'intent', 'request'] as const;
export type InventoryTable = (typeof inventoryTables)[number];

/** The kinds of log entry. A *statement* is an entry of one of the first kinds, with the approvals that its predecessor asks for. */
export const entryKinds = [
  'genesis', 'principal', 'role', 'policy', 'quorum', 'epoch',
  'unlock', 'attempts', 'passphrase', 'check', 'clock', 'anchor', 'audit', 'backup',
  'intent', 'outcome', 'state', 'refusal',
  'key', 'recipient', 'distribution', 'module', 'token', 'use',
] as const;
export type EntryKind = (typeof entryKinds)[number];

export interface RowPut {
  readonly table: InventoryTable;
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly value: CborMap;
}

export interface RowRef {
  readonly table: InventoryTable;
  readonly id: Uint8Array;
}

/** An approval: a signature by the approval key of a principal over the hash of a request (rule QUORUM-2). */
export interface Approval {
  readonly principal: Uint8Array;
  readonly requestHash: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Change {
  readonly kind: EntryKind;
  /** Public facts of the entry: ids, fingerprints, codes, counts. */
  readonly body: CborMap;
  /** Personal fields (names of people, reasons as typed): salted commitments in the entry, openings beside it. */
  readonly personal?: Readonly<Record<string, string>>;
  readonly approvals?: readonly Approval[];
  readonly puts?: readonly RowPut[];
  readonly removes?: readonly RowRef[];
  /** New software key material; the vault seals it under a key of its own, wrapped by the material root. Ownership stays with the caller, who wipes. */
  readonly materials?: readonly { readonly id: Uint8Array; readonly material: SecretBytes }[];
  /** Crypto-shredding: the rows of the material and of its key go. */
  readonly shreds?: readonly Uint8Array[];
}

export interface LogEntry {
  readonly seq: number;
  readonly kind: EntryKind;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  readonly epoch: number;
  readonly signer: Uint8Array;
  readonly body: CborMap;
  readonly personal: Readonly<Record<string, string>>;
  readonly approvals: readonly Approval[];
  /** SHA-256 leaf of the Merkle tree (RFC 6962 hashing). */
  readonly leaf: Uint8Array;
}

export interface LogReader {
  readonly size: number;
  /** RFC 6962 root over all leaves. */
  root(): Uint8Array;
  /** The root as it was when the log had this many entries; undefined where it never had as many. */
  rootAt(size: number): Uint8Array | undefined;
  /** Time of the newest entry: the floor of the clock. */
  newestTime(): number;
  /** The hashes beside an entry's way to the root, RFC 6962 §2.1.1. @throws RangeError for an entry that is not there */
  proof(seq: number): readonly Uint8Array[];
  /** Entries from seq `from`, oldest first. @throws `vault-tampered` for an entry that does not open or fit its leaf */
  entries(from?: number): Iterable<LogEntry>;
}

export interface Principal {
  readonly id: Uint8Array;
  readonly name: string;
  readonly role: Role;
}

/** What a backup says of the vault in it. */
export interface BackupManifest {
  readonly v: 1;
  readonly vault: Uint8Array;
  readonly genesis: Uint8Array;
  readonly epoch: number;
  /** Entries of its log, and their root. */
  readonly size: number;
  readonly root: Uint8Array;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly signer: Uint8Array;
  /** Bytes of the vault file in it, and their hash. */
  readonly length: number;
  readonly sha256: Uint8Array;
}

export interface TakenBackup {
  readonly manifest: BackupManifest;
  /** The file, in the order of its parts. */
  readonly parts: readonly Uint8Array[];
}

/** The ways into an open vault. */
export interface VaultAccess {
  ways(): readonly { readonly id: Uint8Array; readonly mode: WayMode; readonly open: boolean; readonly token: TokenPart | undefined }[];
  /** Whether the way that is open takes a passphrase: where a token alone opened it, none is asked for. */
  readonly takesPassphrase: boolean;
  /** @throws `wrong-passphrase` where it is not that of the way that is open */
  requirePassphrase(current: SecretBytes | undefined): Promise<void>;
  /** A way in besides the one that is open: by the words of a recovery sheet, by a token. @param current the passphrase of the open one @throws `wrong-passphrase` */
  addWay(current: SecretBytes | undefined, mode: WayMode, secrets: WaySecrets, token?: TokenPart): Promise<LogEntry>;
  /** @throws `wrong-passphrase`, `not-found`; `refused` for the way that is open */
  removeWay(current: SecretBytes | undefined, id: Uint8Array): Promise<LogEntry>;
  /** Re-seals the principal's keys under a new passphrase. @throws `wrong-passphrase` */
  changePassphrase(current: SecretBytes | undefined, next: SecretBytes, cost: 'minimum' | 'calibrated'): Promise<LogEntry>;
  /** Makes guessing the passphrase dearer, where this machine has grown faster than what it costs now. */
  raiseCost(passphrase: SecretBytes): Promise<boolean>;
  /** The way in by passphrase, as a file of its own. */
  exportIdentity(): { readonly file: Uint8Array; readonly entry: LogEntry };
  /** Makes an identity the way in by passphrase. @param passphrase of the identity @throws `wrong-passphrase`; `refused` for one of another vault, person or epoch */
  importIdentity(identity: Identity, passphrase: SecretBytes): Promise<LogEntry>;
}

export interface OpenVault {
  readonly path: string;
  readonly vaultId: Uint8Array;
  readonly genesisFingerprint: Uint8Array;
  readonly epoch: number;
  readonly principal: Principal;
  /** One person: the same person approves, and window, log and evidence say so. */
  readonly solo: boolean;
  /** The file stays as it is. */
  readonly readOnly: boolean;
  readonly log: LogReader;
  /** What this computer's memory of the vault proves about the file, if anything. */
  readonly seenBefore: string | undefined;
  get(table: InventoryTable, id: Uint8Array): CborMap | undefined;
  list(table: InventoryTable): Iterable<{ readonly id: Uint8Array; readonly value: CborMap }>;
  /** All or nothing, durable on return. @throws `disk-full`, `vault-read-only`, `vault-tampered` (the row under our feet changed) */
  commit(change: Change): LogEntry;
  hasMaterial(id: Uint8Array): boolean;
  /** A fresh copy; the caller owns and wipes it. @throws `vault-tampered` where its stored bytes are not what was committed */
  openMaterial(id: Uint8Array): SecretBytes | undefined;
  /** Opens the approval key by passphrase, signs this one hash, wipes the key. @throws `wrong-passphrase` */
  approve(requestHash: Uint8Array, passphrase: SecretBytes | undefined): Promise<Approval>;
  /** The ways into it. */
  readonly access: VaultAccess;
  /** Begins a new epoch: new roots, all sealed anew; with a passphrase, new keys of the person too. @param current the passphrase of the open way in @throws `wrong-passphrase` */
  renew(current: SecretBytes | undefined, renewal: Renewal): Promise<LogEntry>;
  /** Verifies everything from genesis: signatures, signers' roles, digests, every row and all material. Notes what it found in the log. */
  check(): Promise<{ readonly entries: number; readonly rows: number; readonly findings: readonly string[] }>;
  /** A copy of the file as it is now, verified whole and signed by the principal's log key (FORMAT.md, "The backup file"). @throws `vault-tampered` */
  takeBackup(at: number): Promise<TakenBackup>;
  /** The exported log as JSON Lines (see FORMAT.md), verifiable without the vault. */
  exportLog(): Iterable<string>;
  /** Wipes what was held and releases the file. */
  close(): void;
}
