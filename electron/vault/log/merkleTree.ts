/** An append-only Merkle tree, RFC 6962 §2.1, of which only the frontier is kept: the roots of the full subtrees, largest first. */
import { sha256 } from '../crypto/hashes.ts';

const node = Uint8Array.of(0x01);

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(node, left, right);
}

export class MerkleTree {
  readonly #frontier: Uint8Array[];
  #size: number;

  constructor(frontier: readonly Uint8Array[] = [], size = 0) {
    this.#frontier = [...frontier];
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  copy(): MerkleTree {
    return new MerkleTree(this.#frontier, this.#size);
  }

  /** @param leaf the leaf's hash */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    // A subtree of the same size to the left is joined: one for each trailing one bit of the size.
    for (let bits = this.#size; bits % 2 === 1; bits = Math.floor(bits / 2)) hash = join(this.#frontier.pop() as Uint8Array, hash);
    this.#frontier.push(hash);
    this.#size += 1;
  }

  /** The tree head; that of no leaves is the hash of nothing. */
  root(): Uint8Array {
    const [smallest, ...larger] = this.#frontier.toReversed();
    if (smallest === undefined) return sha256();
    return larger.reduce((right, left) => join(left, right), smallest);
  }
}

/** RFC 6962 §2.1: the head of some leaves. */
export function headOf(leaves: readonly Uint8Array[]): Uint8Array {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/** The audit path of RFC 6962 §2.1.1: the heads of the subtrees beside the way from a leaf to the root, lowest first. @throws RangeError for a leaf that is not there */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  if (!(index >= 0 && index < leaves.length)) throw new RangeError(`"index" expected 0..${leaves.length - 1}, got ${index}`);
  if (leaves.length === 1) return [];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...inclusionProof(left, index), headOf(right)] : [...inclusionProof(right, index - split), headOf(left)];
}
