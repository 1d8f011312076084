/** Algorithms as the window says them: their names, their groups, and which one is proposed for a purpose, with the reason in a few words. */
import { algorithmFacts, purposeFacts } from '../../shared/lifecycle/purposes.ts';
import type { AlgorithmFamily } from '../../shared/lifecycle/purposes.ts';
import type { Algorithm, Derivation, Operation, Purpose } from '../../shared/model/terms.ts';

const algorithmWords: Readonly<Record<Algorithm, string>> = {
  'aes-128': 'AES-128', 'aes-192': 'AES-192', 'aes-256': 'AES-256',
  'hmac-sha256': 'HMAC-SHA-256', 'hmac-sha384': 'HMAC-SHA-384', 'hmac-sha512': 'HMAC-SHA-512',
  'rsa-2048': 'RSA-2048', 'rsa-3072': 'RSA-3072', 'rsa-4096': 'RSA-4096',
  'ec-p256': 'EC P-256', 'ec-p384': 'EC P-384', 'ec-p521': 'EC P-521',
  ed25519: 'Ed25519', x25519: 'X25519', 'ml-kem-768': 'ML-KEM-768', 'ml-dsa-65': 'ML-DSA-65',
};

/** `aes-256` reads AES-256; what is not kept here, say a recipient's RSA key of another length, in the same manner. */
export function algorithmWord(algorithm: string): string {
  return algorithmWords[algorithm as Algorithm] ?? algorithm.replace(/^(rsa|ec)-/, (family) => family.toUpperCase());
}

const familyWords: Readonly<Record<AlgorithmFamily, string>> = {
  aes: 'AES', hmac: 'HMAC', rsa: 'RSA', ec: 'Elliptic curves of NIST', ed25519: 'Curve25519', x25519: 'Curve25519', 'ml-kem': 'Against quantum computers', 'ml-dsa': 'Against quantum computers',
};

/** What each is good for, beside its strength. */
const good: Readonly<Record<Algorithm, string>> = {
  'aes-128': 'Fast, and strong enough today.',
  'aes-192': 'Rarely asked for; take it where a rule does.',
  'aes-256': 'Stays strong against a quantum computer.',
  'hmac-sha256': 'Understood everywhere.',
  'hmac-sha384': 'Where a rule asks for SHA-384.',
  'hmac-sha512': 'The longest code; fast on large files.',
  'rsa-2048': 'Taken everywhere; not for use beyond 2030.',
  'rsa-3072': 'Taken nearly everywhere; slower to make.',
  'rsa-4096': 'Slow to make and to sign with; the most that clouds take.',
  'ec-p256': 'Short and fast; tokens and nearly all programs take it.',
  'ec-p384': 'Where a rule asks for 192 bits.',
  'ec-p521': 'The strongest curve; few tokens take it.',
  ed25519: 'Short, fast, the same signature each time; newer programs take it.',
  x25519: 'Fast, with nothing to choose wrongly.',
  'ml-kem-768': 'What is agreed today stays secret later (FIPS 203).',
  'ml-dsa-65': 'Signatures hold later too, and are long: 3,309 bytes (FIPS 204).',
};

/** In the order in which they are proposed: what a place cannot do is passed over. */
const proposed: Readonly<Record<Purpose, readonly Algorithm[]>> = {
  'data-encryption': ['aes-256'],
  'key-wrapping': ['aes-256'],
  mac: ['hmac-sha256', 'aes-256'],
  signature: ['ec-p256', 'rsa-3072'],
  authentication: ['ec-p256', 'rsa-3072'],
  'key-transport': ['rsa-3072', 'rsa-2048'],
  'key-agreement': ['x25519', 'ec-p256'],
  'key-derivation': ['hmac-sha256'],
};

/** @param able what the place can do; undefined: all */
export function proposedFor(purpose: Purpose, able?: readonly Algorithm[]): Algorithm {
  const { algorithms } = purposeFacts[purpose];
  const possible = [...proposed[purpose], ...algorithms].filter((algorithm) => able === undefined || able.includes(algorithm));
  return possible[0] ?? proposed[purpose][0] ?? 'aes-256';
}

export interface AlgorithmGroup {
  readonly title: string;
  readonly algorithms: readonly Algorithm[];
}

/** The proposed one by itself, then the others by their kind. */
export function groupsFor(purpose: Purpose, first: Algorithm): readonly AlgorithmGroup[] {
  const groups = new Map<string, Algorithm[]>([['Recommended', [first]]]);
  for (const algorithm of purposeFacts[purpose].algorithms) {
    if (algorithm === first) continue;
    const title = familyWords[algorithmFacts[algorithm].family];
    groups.set(title, [...(groups.get(title) ?? []), algorithm]);
  }
  return [...groups].map(([title, algorithms]) => ({ title, algorithms }));
}

/** `128 bits of strength. Short and fast…`; of AES as a MAC key, that it is CMAC. */
export function reasonFor(algorithm: Algorithm, purpose: Purpose): string {
  const { strength, family } = algorithmFacts[algorithm];
  const cmac = purpose === 'mac' && family === 'aes' ? 'CMAC, where a rule or a device asks for it. ' : '';
  return `${strength} bits of strength. ${cmac}${good[algorithm]}`;
}

export const operationWords: Readonly<Record<Operation, string>> = { encrypt: 'encrypt', decrypt: 'decrypt', sign: 'sign', verify: 'verify', mac: 'make codes', wrap: 'wrap keys', unwrap: 'unwrap keys', derive: 'derive keys' };

export const derivationWords: Readonly<Record<Derivation, string>> = {
  hkdf: 'HKDF (RFC 5869), with the hash of the key',
  'ecdh-hkdf-sha256': 'Agreed secret through HKDF-SHA-256',
  'ecdh-x963-sha256': 'Agreed secret through ANSI X9.63, SHA-256',
  'ecdh-raw': 'The agreed secret itself: only where the other party insists',
};

/** A pair has a public half to hand out. */
export function isPair(algorithm: Algorithm): boolean {
  return algorithmFacts[algorithm].kind === 'pair';
}
