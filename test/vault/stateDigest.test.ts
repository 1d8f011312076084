/** The two accumulators of the vault, held against their definitions: the multiset digest, and the tree of RFC 6962. */
import { createHash } from 'node:crypto';
import { assert, property, array, uint8Array, nat } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MerkleTree } from '../../electron/vault/log/merkleTree.ts';
import { StateDigest } from '../../electron/vault/store/stateDigest.ts';

const element = uint8Array({ minLength: 32, maxLength: 32 });

function digestOf(elements: readonly Uint8Array[]): StateDigest {
  const digest = new StateDigest();
  for (const one of elements) digest.add(one);
  return digest;
}

describe('state digest', () => {
  test('is the sum modulo 2^256, and the count', () => {
    assert(property(array(element), (elements) => {
      const sum = elements.reduce((total, one) => total + BigInt(`0x${Buffer.from(one).toString('hex')}`), 0n) % (1n << 256n);
      const expected = sum.toString(16).padStart(64, '0') + elements.length.toString(16).padStart(16, '0');
      expect(Buffer.from(digestOf(elements).bytes()).toString('hex')).toBe(expected);
    }));
  });

  test('forgets what is taken out, in whatever order', () => {
    assert(property(array(element), array(element), (kept, gone) => {
      const digest = digestOf([...gone, ...kept]);
      for (const one of gone.toReversed()) digest.remove(one);
      expect(digest.equals(digestOf(kept.toReversed()).bytes())).toBe(true);
    }));
  });
});

/** RFC 6962 §2.1, as it is written there. */
function headOf(leaves: readonly Uint8Array[]): Buffer {
  const hash = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return hash();
  if (leaves.length === 1) return Buffer.from(leaves[0] as Uint8Array);
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return hash(Uint8Array.of(1), headOf(leaves.slice(0, split)), headOf(leaves.slice(split)));
}

test('the tree of the log has the head of RFC 6962 at every size', () => {
  assert(property(nat(70), element, (size, seed) => {
    const leaves = Array.from({ length: size }, (_, index) => createHash('sha256').update(seed).update(Uint8Array.of(index)).digest());
    const tree = new MerkleTree();
    for (const leaf of leaves) tree.append(leaf);
    expect(Buffer.from(tree.root()).equals(headOf(leaves))).toBe(true);
  }));
});
