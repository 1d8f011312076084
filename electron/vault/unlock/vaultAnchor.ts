/** What this computer remembers of one vault: held against its file at the unlock, and written anew while it is open. */
import { realpathSync, statSync } from 'node:fs';
import { toHex } from '../crypto/bytes.ts';
import type { MerkleTree } from '../log/merkleTree.ts';
import type { Clock } from '../ports/clock.ts';
import { AnchorFault, readAnchors, updateAnchors } from './anchorFile.ts';
import type { Anchor, Anchors, FileIdentity, Head } from './anchorFile.ts';
import type { Header } from './header.ts';
import { departureSentence, entries, genesisWords, isDeparture, moment, standingOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { tampered } from './tampering.ts';

export interface AnchorParts {
  /** Absent: nothing is remembered on this computer. */
  readonly anchorsPath: string | undefined;
  readonly vaultPath: string;
  readonly clock: Clock;
}

/** A place and which file is there. */
interface Place {
  readonly path: string;
  readonly file?: FileIdentity;
}

function identityOf(path: string): FileIdentity | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  // File systems without inodes give zero.
  return stat === undefined || stat.ino === 0n ? undefined : { device: String(stat.dev), inode: String(stat.ino) };
}

function placeOf(vaultPath: string): Place {
  const path = realpathSync(vaultPath);
  const file = identityOf(path);
  return file === undefined ? { path } : { path, file };
}

/** What is asked of a file elsewhere, without opening it for good. */
type Look = (path: string) => Pick<Header, 'vault'>;

/** The window in which a crash may leave newer entries unanchored. Milliseconds. */
const interval = 30_000;

const notKept = 'an older copy of the whole file could not be told from this one: nothing outside it remembers how far its log had come';

const otherCopy = 'another copy of this vault was changed on this computer while this one was open: the two have parted; use one of them only';

export class VaultAnchor {
  readonly #parts: AnchorParts;
  readonly #vault: string;
  readonly #genesis: string;
  readonly #known: Anchor | undefined;
  /** Another vault that was last seen in this place. */
  readonly #replaced: Anchor | undefined;
  /** Why what is remembered could not be read, or not be written. */
  readonly #unread: string | undefined;
  #unwritten: string | undefined;
  #standing: Standing | undefined;
  #rootsAt: ReadonlyMap<number, Uint8Array> = new Map();
  /** The head in the file, as far as this opening knows; undefined before anything may be written. */
  #written: Head | undefined;
  #writing = false;
  #triedAt = 0;
  #otherCopy = false;

  private constructor(parts: AnchorParts, vault: string, genesis: string, { anchors, fault }: Remembered) {
    this.#parts = parts;
    this.#vault = vault;
    this.#genesis = genesis;
    this.#known = anchors[vault];
    this.#written = this.#known?.heads.at(-1);
    this.#unread = fault;
    const others = this.#known === undefined ? Object.values(anchors) : [];
    this.#replaced = others.length === 0 ? undefined : others.find(({ path }) => path === realpathSync(parts.vaultPath));
  }

  /** Before a passphrase is asked. @throws `vault-tampered` where the header names another genesis than was seen under its vault id */
  static of(parts: AnchorParts, { vault, genesis }: Pick<Header, 'vault' | 'genesis'>): VaultAnchor {
    const anchor = new VaultAnchor(parts, toHex(vault), toHex(genesis), remembered(parts.anchorsPath));
    // SECURITY: the seed of a vault id is plain, so that anybody can found another vault under it: no passphrase is asked for that one
    if (anchor.#known !== undefined && anchor.#known.genesis !== toHex(genesis)) throw tampered('it names another genesis than the vault that this computer knows by its id');
    return anchor;
  }

  /** The sizes at which the log's root is wanted. */
  get sizes(): ReadonlySet<number> {
    return new Set([...(this.#known?.heads ?? []), ...(this.#known?.givenUp ?? [])].map(({ size }) => size));
  }

  /** How the verified log stands to what was seen, or undefined where nothing was. */
  compare(size: number, rootsAt: ReadonlyMap<number, Uint8Array>): Standing | undefined {
    this.#rootsAt = rootsAt;
    this.#standing = this.#known === undefined ? undefined : standingOf(this.#known, size, rootsAt);
    return this.#standing;
  }

  #isOurs({ size, root }: Head): boolean {
    const ours = this.#rootsAt.get(size);
    return ours !== undefined && toHex(ours) === root;
  }

  /** @param look what a vault file elsewhere says of itself */
  findings(look: Look): readonly string[] {
    const moved = this.#known === undefined ? undefined : this.#moved(this.#known, look);
    const strange = this.#replaced === undefined ? undefined : `another vault was last opened in this place, on ${lastSeen(this.#replaced)}: the words of its genesis began ${genesisWords(this.#replaced.genesis)}`;
    return [this.#unproved(), isDeparture(this.#standing) ? departureSentence(this.#standing) : undefined, moved, strange, this.#unnoted, this.#otherCopy ? otherCopy : undefined].filter((finding) => finding !== undefined);
  }

  /** Why an older copy cannot be excluded. */
  #unproved(): string | undefined {
    if (this.#parts.anchorsPath === undefined) return notKept;
    const words = `compare the words of its genesis with your record: ${genesisWords(this.#genesis)}`;
    if (this.#unread !== undefined) return `an older copy of the whole file could not be told from this one: what this computer remembers of vaults is in ${this.#parts.anchorsPath}, and is not trusted: ${this.#unread}; ${words}`;
    return this.#known === undefined ? `an older copy of the whole file could not be told from this one: this computer has not seen this vault before; ${words}` : undefined;
  }

  get #unnoted(): string | undefined {
    return this.#unwritten === undefined ? undefined : `how far the log has come could not be noted in ${this.#parts.anchorsPath}: ${this.#unwritten}; the next unlock will not tell an older copy by it`;
  }

  #moved(known: Anchor, look: Look): string | undefined {
    const here = placeOf(this.#parts.vaultPath);
    const same = here.file?.inode === known.file?.inode;
    if (here.path === known.path) return same || here.file === undefined || known.file === undefined ? undefined : `another file stands where this vault was last opened, on ${lastSeen(known)}: it was put back or copied over`;
    const before = `this vault was last opened at ${known.path}, on ${lastSeen(known)}`;
    return `${before}; ${this.#whatIsThere(known, here, look)}`;
  }

  #whatIsThere(known: Anchor, here: Place, look: Look): string {
    try {
      const there = identityOf(known.path);
      if (there === undefined) return 'it was moved here';
      // The same file by another name is not opened a second time: closing it would release the lock that this opening holds.
      if (there.inode === here.file?.inode && there.device === here.file?.device) return 'that is another name of this same file';
      return toHex(look(known.path).vault) === this.#vault ? 'that file is still there: one of the two is a copy, and they part ways with the next change; use one of them only' : 'there is another vault now';
    } catch {
      return 'what is there now could not be looked at: if that file is still there, one of the two is a copy, and they part ways with the next change';
    }
  }

  /** What is proved against an older copy of the file, if anything is. */
  get proof(): string | undefined {
    if (this.#otherCopy) return otherCopy;
    if (this.#standing?.kind === 'extends') return `the log extends what this computer saw on ${moment(this.#standing.seen.at)} (${entries(this.#standing.seen.size)})`;
    return undefined;
  }

  /** After an unlock for writing, or a vault's making: from now on it is written. @param anew what was seen before counts no longer */
  begin(tree: MerkleTree, anew = false): void {
    this.#writing = true;
    this.#write(tree, anew);
  }

  /** After a commit: at most every 30 seconds. */
  noteCommit(tree: MerkleTree): void {
    if (this.#writing && Math.abs(this.#parts.clock.now() - this.#triedAt) >= interval) this.#write(tree, false);
  }

  /** Before the vault is closed. */
  end(tree: MerkleTree): void {
    if (this.#writing) this.#write(tree, false);
    this.#writing = false;
  }

  #write(tree: MerkleTree, anew: boolean): void {
    const { anchorsPath, vaultPath, clock } = this.#parts;
    if (anchorsPath === undefined) return;
    const head = { size: tree.size, root: toHex(tree.root()), at: Math.trunc(clock.now()) };
    this.#triedAt = head.at;
    try {
      const place = placeOf(vaultPath);
      updateAnchors(anchorsPath, (anchors) => this.#with(anchors, place, head, anew));
      this.#unwritten = undefined;
    } catch (error) {
      this.#unwritten = error instanceof AnchorFault ? error.message : 'it cannot be written';
    }
  }

  /** SECURITY: what another opening noted meanwhile of a copy of this vault stays: the two have parted, and the next unlock of either says so. */
  #with(anchors: Anchors, place: Place, head: Head, anew: boolean): Anchors {
    const noted = anchors[this.#vault]?.heads.at(-1);
    this.#otherCopy ||= noted !== undefined && (noted.size !== this.#written?.size || noted.root !== this.#written.root);
    if (this.#otherCopy && !anew) return anchors;
    const { heads = [], givenUp = [] } = anchors[this.#vault] ?? {};
    const agreed = anew && isDeparture(this.#standing) ? this.#standing.agreed : head.size;
    const earlier = heads.filter(({ size }) => size <= agreed && size < head.size);
    const left = anew ? [...givenUp, ...heads.slice(-1)].filter((other) => !this.#isOurs(other)) : givenUp;
    this.#written = head;
    this.#otherCopy = false;
    return { ...anchors, [this.#vault]: { genesis: this.#genesis, ...place, heads: [...earlier, head], ...(left.length === 0 ? {} : { givenUp: left }) } };
  }
}

function lastSeen({ heads }: Anchor): string {
  return moment(heads.at(-1)?.at ?? 0);
}

interface Remembered {
  readonly anchors: Anchors;
  readonly fault: string | undefined;
}

function remembered(path: string | undefined): Remembered {
  if (path === undefined) return { anchors: {}, fault: undefined };
  try {
    return { anchors: readAnchors(path), fault: undefined };
  } catch (error) {
    if (!(error instanceof AnchorFault)) throw error;
    return { anchors: {}, fault: error.message };
  }
}
