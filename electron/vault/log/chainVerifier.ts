/** Verifies a log from its genesis: order, tree, signers and their roles, signatures, approvals. Knows nothing of the store. */
import type { Role } from '../../../shared/model/terms.ts';
import { equalBytes, toHex } from '../crypto/bytes.ts';
import { encodeCanonical } from '../crypto/canonicalCbor.ts';
import { ed25519Verifier } from '../crypto/ed25519.ts';
import type { Ed25519Verifier } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/hashes.ts';
import { isApproval } from '../quorum/approval.ts';
import { entryMessage, genesisFingerprint, leafOf, readEntry } from './entry.ts';
import type { Entry, SignedEntry } from './entry.ts';
import { epochSchema } from './epochStatement.ts';
import { genesisSchema } from './genesis.ts';
import { MerkleTree } from './merkleTree.ts';

/** Who may sign: by the id of the principal in hex. */
export interface Signer {
  readonly role: Role;
  readonly approvalKey: Uint8Array;
  readonly verify: Ed25519Verifier;
}

/** Where a verification goes on that was done up to there before. */
export interface Resumption {
  readonly tree: MerkleTree;
  readonly signers: ReadonlyMap<string, Signer>;
  readonly genesis: Uint8Array;
  readonly epoch: number;
}

/** What only an officer changes. Uses of keys are an operator's as well; opening, checking and exporting the log are everybody's. */
const officersKinds: readonly Entry['kind'][] = ['genesis', 'principal', 'role', 'policy', 'quorum', 'epoch', 'recipient', 'module', 'token', 'distribution', 'key'];
/** And so is the change of a PIN that he knows. */
const usesOfKeys: readonly unknown[] = ['token.changePin', 'key.encrypt', 'key.decrypt', 'key.decryptCbc', 'key.sign', 'key.mac', 'key.verifyMac'];
/** Acts that need an approval, and the kind of entry that carries it. */
const guardedActs: readonly unknown[] = ['key.export', 'key.wrap', 'key.destroy', 'key.copy', 'token.clone', 'token.init', 'token.add'];

/** Statements that change who may sign or approve. This version writes none of these, and to pass over one would be to prove too much. */
const laterStatements: readonly Entry['kind'][] = ['principal', 'role', 'policy', 'quorum'];

function rolesFor({ kind, body }: Entry): readonly Role[] {
  if (officersKinds.includes(kind)) return ['officer'];
  if (kind === 'state') return body.act === 'clock' ? ['officer', 'custodian', 'operator', 'auditor'] : ['officer'];
  if (kind === 'intent' || kind === 'outcome') return usesOfKeys.includes(body.act) ? ['officer', 'operator'] : ['officer'];
  if (kind === 'backup') return body.act === 'vault.salvage' ? ['officer'] : ['officer', 'custodian'];
  return ['officer', 'custodian', 'operator', 'auditor'];
}

/** What makes a log wrong. The caller says where it was found, in his own code. */
export class LogFault extends Error {
  readonly seq: number;
  constructor(seq: number, message: string) {
    super(`entry ${seq}: ${message}`);
    this.name = 'LogFault';
    this.seq = seq;
  }
}

export class ChainVerifier {
  readonly tree: MerkleTree;
  readonly vaultId: Uint8Array;
  readonly #signers: Map<string, Signer>;
  /** Requests of guarded acts that were carried out, in hex. */
  readonly #carriedOut = new Set<string>();
  genesis: Uint8Array | undefined;
  #epoch: number;
  firstTime = 0;
  lastTime = 0;

  constructor(vaultId: Uint8Array, from?: Resumption) {
    this.vaultId = vaultId;
    this.tree = from?.tree.copy() ?? new MerkleTree();
    this.#signers = new Map(from?.signers);
    this.genesis = from?.genesis;
    this.#epoch = from?.epoch ?? 1;
  }

  /** The next entry. @throws LogFault */
  next(signed: SignedEntry): Entry {
    const seq = this.tree.size;
    const entry = this.#read(signed, seq);
    if (entry.seq !== seq) throw new LogFault(seq, `expected number ${seq}, got ${entry.seq}: entries are missing or out of order`);
    if (!equalBytes(entry.rootBefore, this.tree.root())) throw new LogFault(seq, 'it names another log before it');
    if (laterStatements.includes(entry.kind) || (entry.kind === 'genesis' && seq > 0)) throw new LogFault(seq, `a statement of kind ${entry.kind} is not known to this version`);
    if (entry.time < this.lastTime) throw new LogFault(seq, 'it is older than the entry before it');
    if (seq === 0) this.#begin(entry, signed);
    this.#requireSigner(entry, signed);
    this.#requireApprovals(entry);
    if (entry.kind === 'epoch') this.#beginEpoch(entry);
    if (entry.epoch !== this.#epoch) throw new LogFault(seq, `it names epoch ${entry.epoch}, the log is at ${this.#epoch}`);
    this.tree.append(leafOf(signed));
    this.lastTime = entry.time;
    return entry;
  }

  #read(signed: SignedEntry, seq: number): Entry {
    try {
      return readEntry(signed);
    } catch (error) {
      throw new LogFault(seq, error instanceof Error && error.message.startsWith('the personal') ? error.message : 'it is not an entry in canonical form');
    }
  }

  #begin(entry: Entry, signed: SignedEntry): void {
    const genesis = genesisSchema.safeParse(entry.body);
    if (entry.kind !== 'genesis' || !genesis.success) throw new LogFault(0, 'it is not a genesis');
    const { principal, role, logKey, approvalKey } = genesis.data;
    this.#signers.set(toHex(principal), { role, approvalKey, verify: ed25519Verifier(logKey) });
    this.genesis = genesisFingerprint(signed);
    this.firstTime = entry.time;
    const [approval] = entry.approvals;
    if (approval === undefined || !equalBytes(approval.requestHash, sha256(encodeCanonical(entry.body)))) throw new LogFault(0, 'the genesis is not approved');
  }

  /** SECURITY: EPOCH-1: keys and roots change only by a statement that the keys before it signed and approved. */
  #beginEpoch({ seq, body, signer, approvals, rootBefore }: Entry): void {
    const statement = epochSchema.safeParse(body);
    if (!statement.success) throw new LogFault(seq, 'it is not a statement of an epoch');
    const { epoch, principal, logKey, approvalKey, head } = statement.data;
    if (epoch !== this.#epoch + 1 || head.size !== seq || !equalBytes(head.root, rootBefore)) throw new LogFault(seq, 'its epoch does not follow the one before it');
    const before = this.#signers.get(toHex(principal));
    const approved = approvals.some((approval) => equalBytes(approval.principal, principal) && equalBytes(approval.requestHash, sha256(encodeCanonical(body))));
    if (before === undefined || !equalBytes(signer, principal) || !approved) throw new LogFault(seq, 'its epoch was not approved by whose keys it changes');
    this.#signers.set(toHex(principal), { role: before.role, approvalKey, verify: ed25519Verifier(logKey) });
    this.#epoch = epoch;
  }

  #requireSigner(entry: Entry, { encoded, signature }: SignedEntry): void {
    const signer = this.#signers.get(toHex(entry.signer));
    if (signer === undefined) throw new LogFault(entry.seq, 'it was signed by nobody of this vault');
    if (!signer.verify(entryMessage(this.vaultId, encoded), signature)) throw new LogFault(entry.seq, 'its signature is not that of its signer');
    if (!rolesFor(entry).includes(signer.role)) throw new LogFault(entry.seq, `its signer is ${signer.role} and has no right to it`);
  }

  /** SECURITY: QUORUM-1: an approval is for one act, once. */
  #requireFirstTime(seq: number, approvals: Entry['approvals']): void {
    if (approvals.length === 0) throw new LogFault(seq, 'it was carried out without an approval');
    for (const request of new Set(approvals.map(({ requestHash }) => toHex(requestHash)))) {
      if (this.#carriedOut.has(request)) throw new LogFault(seq, 'its request was carried out before');
      this.#carriedOut.add(request);
    }
  }

  #requireApprovals({ seq, kind, body, approvals }: Entry): void {
    const guarded = (kind === 'intent' || kind === 'module') && guardedActs.includes(body.act);
    if (guarded) this.#requireFirstTime(seq, approvals);
    for (const approval of approvals) {
      const approver = this.#signers.get(toHex(approval.principal));
      if (approver === undefined || !isApproval(approval, approver.approvalKey, this.vaultId)) throw new LogFault(seq, 'an approval of it is not genuine');
      if (guarded && !(body.request instanceof Uint8Array && equalBytes(body.request, approval.requestHash))) throw new LogFault(seq, 'its approval is for another request');
    }
  }
}
