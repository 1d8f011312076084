/** Two places hold the same key: each shows it with the key, over a fresh challenge (rule KEY-COPY-1). What a place says of its keys is no proof. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { concatBytes, equalBytes, toHex, utf8 } from '../crypto/bytes.ts';
import { equalSecret, hash, hmac } from '../crypto/hashes.ts';
import { mechanismHash } from '../crypto/mechanismHash.ts';
import { randomBytes } from '../crypto/random.ts';
import { rsaOaepWrap } from '../crypto/rsaOaep.ts';
import { verifySignature } from '../crypto/verifySignature.ts';
import type { Algorithm, SignatureMechanism, WrapFormat } from '../../../shared/model/terms.ts';
import { oaepHashOf } from '../../../shared/model/wrapFormats.ts';
import type { GenerateRequest, KeyProvider, KeyRef } from '../providers/provider.ts';
import type { KeyRecord, VersionRecord } from '../records/records.ts';
import type { ProofWay } from '../rules/allowCopy.ts';

export interface Holder {
  readonly provider: KeyProvider;
  readonly ref: KeyRef;
}

export interface Holders {
  readonly key: KeyRecord;
  /** As the vault recorded it: its public half decides, not what a place shows. */
  readonly version: VersionRecord;
  readonly source: Holder;
  readonly copy: Holder;
  /** The CKA_ID of a key that is made for the trial alone. */
  readonly trial: Uint8Array;
  /** Keys of this computer for the trial, which nobody keeps. */
  readonly scratch: KeyProvider;
}

function challenge(): Uint8Array {
  return concatBytes(utf8('strongroom/v1/is it the same key'), randomBytes(32));
}

function differ(): StrongroomError {
  return new StrongroomError('token-refused', 'the two did not agree');
}

/** @throws `refused` KEY-COPY-1, whatever went wrong on the way */
export async function proveSame(way: ProofWay, holders: Holders): Promise<void> {
  try {
    await prove(way, holders);
  } catch (cause) {
    const { key, version } = holders;
    // SECURITY: without proof there is no copy: what was made is destroyed again by who asked for it
    throw new StrongroomError('refused', `nothing proves that the copy of "${key.name}" version ${version.number} is the same key: ${toErrorInfo(cause).message}`, { rule: 'KEY-COPY-1', nextStep: 'what was made is destroyed again; where the two did not agree, do not trust this token before its maker explains it', cause });
  }
}

async function prove(way: ProofWay, holders: Holders): Promise<void> {
  const { version, source, copy } = holders;
  switch (way.proof) {
    case 'signature':
      for (const holder of [copy, source]) await assertSigns(holder, way.mechanism, version.publicKey);
      return;
    case 'mac':
      return await assertSameTag(holders);
    case 'encryption':
      if (way.by === 'cbc') return await assertSameBlocks(source, copy);
      await assertOpens(source, copy);
      return await assertOpens(copy, source);
    case 'wrapping':
      return await assertSameBlob(source, copy);
    case 'unwrapping':
      return await assertUnwraps(holders, way.format);
    case 'agreement':
      return await assertAgrees(holders, way);
  }
}

async function assertSigns({ provider, ref }: Holder, mechanism: SignatureMechanism, publicKey: Uint8Array | undefined): Promise<void> {
  const name = mechanismHash(mechanism);
  const input = name === undefined ? challenge() : hash(name, challenge());
  const [result] = await provider.sign({ ref, mechanism, inputs: [input], publicKey });
  if (result?.ok !== true) throw result?.error ?? differ();
  if (publicKey === undefined || !verifySignature(publicKey, mechanism, input, result.signature).valid) throw differ();
}

async function assertSameTag({ key: { algorithm }, source, copy }: Holders): Promise<void> {
  const message = challenge();
  const [one, other] = [await copy.provider.mac({ ref: copy.ref, algorithm, message }), await source.provider.mac({ ref: source.ref, algorithm, message })];
  if (!equalSecret(one, other)) throw differ();
}

/** What one encrypted, the other opens. */
async function assertOpens(by: Holder, opener: Holder): Promise<void> {
  const [plaintext, aad] = [challenge(), utf8('strongroom/v1/copy')];
  const sealed = await by.provider.encrypt({ ref: by.ref, plaintext, aad });
  const opened = await opener.provider.decrypt({ ref: opener.ref, ...sealed, aad });
  await opened.consume((bytes) => {
    if (!equalSecret(bytes, plaintext)) throw differ();
  });
}

/** Where there is no GCM: random blocks come out the same. */
async function assertSameBlocks(source: Holder, copy: Holder): Promise<void> {
  const [iv, blocks] = [randomBytes(16), randomBytes(32)];
  const [one, other] = [await source.provider.decryptCbc({ ref: source.ref, iv, blocks }), await copy.provider.decryptCbc({ ref: copy.ref, iv, blocks })];
  await one.consume((a) => other.consume((b) => {
    if (!equalSecret(a, b)) throw differ();
  }));
}

/** AES-KW is deterministic (RFC 3394): who does not have the key cannot make this blob, and nobody but these two ever sees it. */
async function assertSameBlob(source: Holder, copy: Holder): Promise<void> {
  const wrapped = async ({ provider, ref }: Holder) => await provider.wrap({ ref, wrapper: { ref }, format: 'aes-kw' });
  if (!equalBytes(await wrapped(source), await wrapped(copy))) throw differ();
}

function trialKey(id: Uint8Array, algorithm: Algorithm): GenerateRequest {
  return { id, label: `strongroom trial ${toHex(id.slice(0, 6))}`, algorithm, purpose: 'mac', exportable: false };
}

/** A key of ours, wrapped to the recorded public key: a token that opened it makes our tags with it. */
async function assertUnwraps({ version: { publicKey }, copy: { provider, ref }, trial }: Holders, format: WrapFormat): Promise<void> {
  const hashName = oaepHashOf(format);
  if (publicKey === undefined || hashName === undefined) throw differ();
  const [secret, message] = [randomBytes(32), challenge()];
  const wrapped = rsaOaepWrap(publicKey, { hash: hashName }, secret);
  const made = await provider.unwrap({ ...trialKey(trial, 'hmac-sha256'), wrapped, unwrapper: ref, format });
  try {
    if (!equalSecret(await provider.mac({ ref: made.ref, algorithm: 'hmac-sha256', message }), hmac('sha256', secret, message))) throw differ();
  } finally {
    await provider.destroy(made.ref);
  }
}

/** With a pair of ours both sides come to one secret (SP 800-56A §5.7.1): ours from the recorded public key, the token's from the private half. */
async function assertAgrees({ key, version: { publicKey }, copy: { provider, ref }, trial, scratch }: Holders, { derivation, algorithm }: Extract<ProofWay, { readonly proof: 'agreement' }>): Promise<void> {
  if (publicKey === undefined) throw differ();
  const message = challenge();
  const ours = await scratch.generate({ ...trialKey(randomBytes(16), key.algorithm), purpose: 'key-agreement' });
  if (ours.publicKey === undefined) throw differ();
  const common = { derivation, info: new Uint8Array(0) };
  const expected = await scratch.derive({ ...trialKey(randomBytes(16), algorithm), ...common, from: ours.ref, peer: publicKey });
  const made = await provider.derive({ ...trialKey(trial, algorithm), ...common, from: ref, peer: ours.publicKey });
  try {
    if (!equalSecret(await provider.mac({ ref: made.ref, algorithm, message }), await scratch.mac({ ref: expected.ref, algorithm, message }))) throw differ();
  } finally {
    await provider.destroy(made.ref);
  }
}
