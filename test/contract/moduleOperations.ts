/** The operations of the table of modules: each does one thing on a token by the product's own provider, and checks the result in software. */
import { createCipheriv, createECDH, createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { rsaOaepWrap } from '../../electron/vault/crypto/rsaOaep.ts';
import { SecretBytes } from '../../electron/vault/crypto/secretBytes.ts';
import { readSpki, writeSpki } from '../../electron/vault/crypto/spki.ts';
import { verifySignature } from '../../electron/vault/crypto/verifySignature.ts';
import type { KeyProvider, ProviderKey } from '../../electron/vault/providers/provider.ts';
import { ckm } from '../../electron/vault/providers/pkcs11/mechanismList.ts';
import { digestBytes } from '../../electron/vault/crypto/mechanismHash.ts';
import { algorithmFacts, mechanismsOf } from '../../shared/lifecycle/purposes.ts';
import { algorithms, derivations, wrapFormats } from '../../shared/model/terms.ts';
import type { Algorithm, Derivation, OaepHash, SignatureMechanism, WrapFormat } from '../../shared/model/terms.ts';
import type { Operation } from './operationTable.ts';
import { asked, bytes, opened, purposeOf, random } from './suiteKeys.ts';
import type { SuiteKeys } from './suiteKeys.ts';

const generators: Readonly<Record<string, readonly number[]>> = {
  aes: [ckm.aesKeyGen],
  hmac: [ckm.genericKeyGen],
  rsa: [ckm.rsaPairGen],
  ec: [ckm.ecPairGen],
  ed25519: [ckm.edwardsPairGen],
  x25519: [ckm.montgomeryPairGen, ckm.edwardsPairGen],
};
const generatorsOf = (algorithm: Algorithm) => generators[algorithmFacts[algorithm].family] ?? [];
const post: readonly Algorithm[] = ['ml-kem-768', 'ml-dsa-65'];
const classical = algorithms.filter((algorithm) => !post.includes(algorithm));

/** Above RSA-2048 the suites that keep keys have gone before: one more of 4096 bits would take seconds. */
const madeAnew = classical.filter((algorithm) => algorithm !== 'rsa-3072' && algorithm !== 'rsa-4096');

function generation(provider: () => KeyProvider): readonly Operation[] {
  const attempt = (algorithm: Algorithm, exportable: boolean) => async () => {
    const { ref, exportable: leaves } = await provider().generate(asked(algorithm, purposeOf(algorithm), exportable));
    expect(leaves).toBe(exportable);
    expect(await provider().destroy(ref)).toMatchObject({ absentAfter: true });
  };
  return madeAnew.flatMap((algorithm) => [
    { name: `generate ${algorithm} that stays, and destroy it`, mechanisms: generatorsOf(algorithm), attempt: attempt(algorithm, false) },
    { name: `generate ${algorithm} that may leave`, mechanisms: generatorsOf(algorithm), attempt: attempt(algorithm, true) },
  ]);
}

function imports(provider: () => KeyProvider): readonly Operation[] {
  const secrets = (['aes-256', 'hmac-sha256'] as const).map((algorithm) => ({ algorithm, material: () => random(32) }));
  const pkcs8 = (privateKey: { export(options: { format: 'der'; type: 'pkcs8' }): Buffer }) => new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const pairs = [
    { algorithm: 'rsa-2048' as const, material: () => pkcs8(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey) },
    { algorithm: 'ec-p256' as const, material: () => pkcs8(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey) },
  ];
  return [...secrets, ...pairs].map(({ algorithm, material }) => ({
    name: `take a clear ${algorithm} key`,
    mechanisms: generatorsOf(algorithm),
    attempt: async () => {
      const { ref } = await provider().take({ ...asked(algorithm, purposeOf(algorithm)), material: SecretBytes.own(material()) });
      await provider().destroy(ref);
    },
  }));
}

const signers: Readonly<Record<string, number>> = { 'rsa-pkcs1': ckm.rsaPkcs, 'rsa-pss': ckm.rsaPss, ecdsa: ckm.ecdsa, ed25519: ckm.eddsa };
const signerOf = (mechanism: SignatureMechanism) => signers[mechanism.replace(/-sha\d+$/, '')] ?? -1;

function signatures({ provider, keyOf }: SuiteKeys): readonly Operation[] {
  const signing = (['rsa-2048', 'ec-p256', 'ec-p384', 'ec-p521', 'ed25519'] as const).flatMap((algorithm) => mechanismsOf(algorithm).map((mechanism) => ({ algorithm, mechanism })));
  return signing.map(({ algorithm, mechanism }) => ({
    name: mechanism === 'ed25519' ? 'sign by ed25519' : `sign by ${mechanism}, ${algorithm}`,
    mechanisms: [signerOf(mechanism)],
    attempt: async () => {
      const { ref, publicKey = bytes() } = await keyOf(algorithm, 'signature');
      const input = digestBytes(mechanism) === undefined ? random(100) : new Uint8Array(createHash(mechanism.slice(-6)).update('signed').digest());
      const [result] = await provider().sign({ ref, mechanism, inputs: [input] });
      if (result?.ok !== true) throw result?.error;
      expect(verifySignature(publicKey, mechanism, input, result.signature).valid).toBe(true);
    },
  }));
}

function ciphers({ provider, keyOf }: SuiteKeys): readonly Operation[] {
  const gcm = async () => {
    const { ref } = await keyOf('aes-256', 'data-encryption');
    const sealed = await provider().encrypt({ ref, plaintext: bytes(1, 2), aad: bytes(3) });
    expect((await provider().decrypt({ ref, aad: bytes(3), ...sealed })).expose()).toEqual(bytes(1, 2));
  };
  const cbc = async () => {
    const [key, iv, plain] = [random(32), random(16), random(32)];
    const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    const blocks = new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
    const { ref } = await provider().take({ ...asked('aes-256', 'data-encryption'), material: SecretBytes.own(new Uint8Array(key)) });
    expect((await provider().decryptCbc({ ref, iv, blocks })).expose()).toEqual(plain);
  };
  const hmac = async () => {
    const key = random(32);
    const { ref } = await provider().take({ ...asked('hmac-sha256', 'mac'), material: SecretBytes.own(new Uint8Array(key)) });
    expect(await provider().mac({ ref, algorithm: 'hmac-sha256', message: bytes(1) })).toEqual(new Uint8Array(createHmac('sha256', key).update(bytes(1)).digest()));
  };
  const cmac = async () => {
    const { ref } = await keyOf('aes-256', 'mac');
    expect(await provider().mac({ ref, message: bytes(1) })).toHaveLength(16);
  };
  return [
    { name: 'encrypt and decrypt by AES-GCM', mechanisms: [ckm.aesGcm], attempt: gcm },
    { name: 'decrypt by AES-CBC', mechanisms: [ckm.aesCbc], attempt: cbc },
    { name: 'HMAC-SHA-256', mechanisms: [ckm.sha256Hmac], attempt: hmac },
    { name: 'AES-CMAC', mechanisms: [ckm.aesCmac], attempt: cmac },
  ];
}

const wrapMechanisms = (format: WrapFormat): readonly number[] => (format.startsWith('rsa-') ? [ckm.rsaOaep] : format === 'aes-kw' ? [ckm.aesWrap] : [ckm.aesWrapKwp, ckm.aesWrapPad]);

function wrapping({ provider, keyOf, sameKey }: SuiteKeys): readonly Operation[] {
  const there = async (format: WrapFormat) => {
    const isRsa = format.startsWith('rsa-');
    const [key, kek] = [await keyOf('aes-256', 'data-encryption'), await (isRsa ? keyOf('rsa-2048', 'key-transport', false) : keyOf('aes-256', 'key-wrapping', false))];
    const wrapped = await provider().wrap({ ref: key.ref, wrapper: isRsa ? { publicKey: kek.publicKey ?? bytes() } : { ref: kek.ref }, format });
    return { key, kek, wrapped };
  };
  const both = wrapFormats.flatMap((format) => [
    { name: `wrap by ${format}`, mechanisms: wrapMechanisms(format), attempt: async () => void expect((await there(format)).wrapped.length).toBeGreaterThanOrEqual(40) },
    { name: `wrap and unwrap by ${format}`, mechanisms: wrapMechanisms(format), attempt: async () => opensAsTheSame(await there(format), format) },
  ]);
  async function opensAsTheSame({ key, kek, wrapped }: { readonly key: ProviderKey; readonly kek: ProviderKey; readonly wrapped: Uint8Array }, format: WrapFormat): Promise<void> {
    const copy = await opened(provider(), { ...asked('aes-256', 'data-encryption'), wrapped, unwrapper: kek.ref, format });
    expect(await sameKey(copy.ref, key.ref)).toBe(true);
  }
  const fromOutside = (['sha1', 'sha256'] as const satisfies readonly OaepHash[]).map((hash) => ({
    name: `open a key from outside by rsa-oaep-${hash}`,
    mechanisms: [ckm.rsaOaep],
    attempt: async () => {
      const { ref, publicKey = bytes() } = await keyOf('rsa-2048', 'key-transport', false);
      await opened(provider(), { ...asked('aes-256', 'data-encryption'), wrapped: rsaOaepWrap(publicKey, { hash }, random(32)), unwrapper: ref, format: `rsa-oaep-${hash}` });
    },
  }));
  const staying = async () => {
    const { ref } = await keyOf('aes-256', 'data-encryption', false);
    await provider().wrap({ ref, wrapper: { publicKey: new Uint8Array(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' })) }, format: 'rsa-oaep-sha1' });
  };
  return [...both, ...fromOutside, { name: 'wrap a key that stays (CKA_EXTRACTABLE false)', mechanisms: [ckm.aesKeyGen], attempt: staying }];
}

function agreements({ provider, keyOf }: SuiteKeys): readonly Operation[] {
  const neverHere: readonly Derivation[] = ['hkdf', 'ecdh-hkdf-sha256'];
  return derivations.map((derivation) => ({
    name: `derive by ${derivation}`,
    mechanisms: derivation === 'hkdf' ? [0x402a] : [ckm.ecdh1Derive], // CKM_HKDF_DERIVE, PKCS#11 v3.0
    // Agreement is tried with a throw-away pair: where the token makes none for its user, it is not offered.
    ours: async () => neverHere.includes(derivation) || !(await provider().capabilities()).algorithms.includes('ec-p256'),
    attempt: async () => {
      const { ref } = derivation === 'hkdf' ? await keyOf('hmac-sha256', 'mac') : await keyOf('ec-p256', 'key-agreement');
      const peer = createECDH('prime256v1').generateKeys();
      const point = writeSpki('ec-p256', new Uint8Array(peer));
      expect(readSpki(point)?.kind).toBe('ec-p256');
      await provider().derive({ ...asked('aes-256', 'data-encryption'), from: ref, derivation, info: bytes(), peer: point });
    },
  }));
}

/** @param alwaysAsks a key that wants the PIN before each use, where the place has one */
export function moduleOperations(keys: SuiteKeys, alwaysAsks: (() => Promise<ProviderKey | undefined>) | undefined): readonly Operation[] {
  const { provider } = keys;
  const asksEachTime = async () => {
    const { ref = '', publicKey = bytes() } = (await alwaysAsks?.()) ?? {};
    const input = random(32);
    const [result] = await provider().sign({ ref, mechanism: 'ecdsa-sha256', inputs: [input] });
    if (result?.ok !== true) throw result?.error;
    expect(verifySignature(publicKey, 'ecdsa-sha256', input, result.signature).valid).toBe(true);
  };
  const card: readonly Operation[] = alwaysAsks === undefined ? [] : [{ name: 'sign by a key that wants the PIN before each use', mechanisms: [ckm.ecdsa], ours: () => Promise.resolve(true), attempt: asksEachTime }];
  const list: Operation = { name: 'list keys after a login', mechanisms: [], attempt: async () => void expect(await provider().list()).toBeInstanceOf(Array) };
  return [list, ...generation(provider), ...imports(provider), ...signatures(keys), ...ciphers(keys), ...wrapping(keys), ...agreements(keys), ...card];
}
