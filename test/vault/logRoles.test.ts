/** Who may sign which entries of a log, held against the contract: what a role may do must verify when it was done. */
import { describe, expect, test } from 'vitest';
import { ed25519PublicKey, ed25519Signer, ed25519Verifier } from '../../electron/vault/crypto/ed25519.ts';
import { ChainVerifier, LogFault } from '../../electron/vault/log/chainVerifier.ts';
import { signEntry } from '../../electron/vault/log/entry.ts';
import type { Entry } from '../../electron/vault/log/entry.ts';
import { MerkleTree } from '../../electron/vault/log/merkleTree.ts';
import { contract, methodNames } from '../../shared/ipc/contract.ts';

const [vault, operator] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
const seed = new Uint8Array(32).fill(3);

/** An intent, as the log of a vault would have it, signed by an operator. */
function verifiesByOperator(act: string): boolean {
  const tree = new MerkleTree();
  const entry: Entry = { v: 1, seq: 0, kind: 'intent', time: 1, body: { act }, stateDigest: new Uint8Array(32), rootBefore: tree.root(), epoch: 1, signer: operator, approvals: [], personal: {} };
  tree.append(new Uint8Array(32));
  const next = { ...entry, seq: 1, rootBefore: tree.root() };
  const signers = new Map([[Buffer.from(operator).toString('hex'), { role: 'operator' as const, approvalKey: new Uint8Array(32), verify: ed25519Verifier(ed25519PublicKey(seed)) }]]);
  try {
    new ChainVerifier(vault, { tree, signers, genesis: new Uint8Array(32), epoch: 1 }).next(signEntry(vault, next, {}, ed25519Signer(seed)));
    return true;
  } catch (error) {
    if (error instanceof LogFault && error.message.includes('has no right to it')) return false;
    throw error;
  }
}

describe('an operator', () => {
  const used = methodNames.filter((name) => contract[name].access === 'write' && name.startsWith('key.'));
  const may = (name: (typeof used)[number]) => (contract[name].roles as readonly string[]).includes('operator');

  test.each(used.filter(may))('%s is a use of a key, and its entries are his to sign', (name) => {
    expect(verifiesByOperator(name)).toBe(true);
  });

  test.each(used.filter((name) => !may(name)))('%s is not: an entry of his is named', (name) => {
    expect(verifiesByOperator(name)).toBe(false);
  });
});
