/** The vectors of the standards themselves, carried by the project. */
import { describe, expect, test } from 'vitest';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { cmac } from '@noble/ciphers/aes.js';
import { hkdfSync } from 'node:crypto';
import { aesGcmSeal } from '../../electron/vault/crypto/aesGcm.ts';
import { aesKwpUnwrap, aesKwpWrap, aesKwUnwrap, aesKwWrap } from '../../electron/vault/crypto/aesKeyWrap.ts';
import { decodeCanonical, encodeCanonical } from '../../electron/vault/crypto/canonicalCbor.ts';
import { ed25519PublicKey, ed25519Signer, ed25519Verifier } from '../../electron/vault/crypto/ed25519.ts';
import { cmacKeyCheckValue } from '../../electron/vault/crypto/keyCheckValue.ts';
import { MerkleTree } from '../../electron/vault/log/merkleTree.ts';
import { sha256 } from '../../electron/vault/crypto/hashes.ts';
import { hex } from '../fixtures/wycheproof.ts';

const shown = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('vectors of the standards', () => {
  test.each([
    ['4.1', '000102030405060708090a0b0c0d0e0f', '00112233445566778899aabbccddeeff', '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5'],
    ['4.3', '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', '00112233445566778899aabbccddeeff', '64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7'],
    ['4.6', '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', '00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f', '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21'],
  ])('AES-KW, RFC 3394 §%s', (_, kek, key, wrapped) => {
    expect(shown(aesKwWrap(hex(kek), hex(key)))).toBe(wrapped);
    expect(shown(aesKwUnwrap(hex(kek), hex(wrapped)))).toBe(key);
  });

  test.each([
    ['20 bytes', 'c37b7e6492584340bed12207808941155068f738', '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a'],
    ['7 bytes', '466f7250617369', 'afbeb0f07dfbf5419200f2ccb50bb24f'],
  ])('AES-KWP, RFC 5649 §6, %s', (_, key, wrapped) => {
    const kek = hex('5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8');
    expect(shown(aesKwpWrap(kek, hex(key)))).toBe(wrapped);
    expect(shown(aesKwpUnwrap(kek, hex(wrapped)))).toBe(key);
  });

  test('AES-GCM, test case 4 of the GCM specification (SP 800-38D)', () => {
    const sealed = aesGcmSeal(hex('feffe9928665731c6d6a8f9467308308'), hex('cafebabefacedbaddecaf888'), hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'), hex('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'));
    expect(shown(sealed)).toBe('42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47');
  });

  test('XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03 appendix A.3.1', () => {
    const plain = Buffer.from("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.");
    const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
    const sealed = xchacha20poly1305(key, hex('404142434445464748494a4b4c4d4e4f5051525354555657'), hex('50515253c0c1c2c3c4c5c6c7')).encrypt(new Uint8Array(plain));
    expect(shown(sealed.slice(-16))).toBe('c0875924c1c7987947deafd8780acf49');
  });

  test('CMAC, RFC 4493 §4, and the check value that is cut from it', () => {
    const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
    expect(shown(cmac(hex('6bc1bee22e409f96e93d7e117393172a'), key))).toBe('070a16b46b4d4144f79bdd9dd04a287c');
    // By openssl: `openssl mac -cipher AES-128-CBC -macopt hexkey:2b7e… -in ZEROS CMAC`.
    expect(shown(cmacKeyCheckValue(key))).toBe('7ad386');
  });

  test('HKDF-SHA-256, RFC 5869 appendix A.1', () => {
    const okm = new Uint8Array(hkdfSync('sha256', hex('0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b'), hex('000102030405060708090a0b0c'), hex('f0f1f2f3f4f5f6f7f8f9'), 42));
    expect(shown(okm)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  });

  test('Ed25519, RFC 8032 §7.1 test 2', () => {
    const seed = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    expect(shown(ed25519PublicKey(seed))).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const signature = ed25519Signer(seed)(hex('72'));
    expect(shown(signature)).toBe('92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
    expect(ed25519Verifier(ed25519PublicKey(seed))(hex('73'), signature)).toBe(false);
  });

  test('Merkle tree, RFC 6962 §2.1.3: the roots of the eight published leaves', () => {
    const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const tree = new MerkleTree();
    expect(shown(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const roots = leaves.map((leaf) => {
      tree.append(sha256(Uint8Array.of(0), hex(leaf)));
      return shown(tree.root());
    });
    expect(roots[0]).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(roots[4]).toBe('4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4');
    expect(roots[7]).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  test('deterministic CBOR, RFC 8949 §4.2.1: keys in the order of their encodings, and no other form is read', () => {
    expect(shown(encodeCanonical({ aa: 1, b: [true, 'x'], z: undefined }))).toBe('a2616282f56178626161'.concat('01'));
    expect(decodeCanonical(hex('a16161182a'))).toEqual({ a: 42 });
    for (const other of ['a1616118 01'.replace(' ', ''), 'a2616201616101', 'bf616101ff', '1b0000000000000001', 'a1616101ff']) expect(() => decodeCanonical(hex(other)), other).toThrow();
  });
});
