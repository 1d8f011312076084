/** Destruction: looked for before, destroyed, looked for again, a use attempted; the record stays as a tombstone. */
import { toErrorInfo } from '../door/toErrorInfo.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { digestBytes } from '../crypto/mechanismHash.ts';
import type { Approved } from '../quorum/approved.ts';
import type { ActOf } from '../quorum/guardedRequest.ts';
import type { KeyProvider } from '../providers/provider.ts';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { algorithmFacts, mechanismsOf } from '../../../shared/lifecycle/purposes.ts';
import type { SignatureMechanism } from '../../../shared/model/terms.ts';
import type { VersionRecord } from '../records/records.ts';
import type { KeyRow, VersionRow } from '../records/vaultRecords.ts';
import type { Workbench } from '../services/workbench.ts';
import type { LogEntry } from '../unlock/openVault.ts';
import { sha256 } from '../crypto/hashes.ts';
import { sameKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import { changedVersion } from './changeState.ts';
import { subjectBody } from './handOut.ts';
import { generateRequest } from './makeKey.ts';
import { underIntent } from './underIntent.ts';

/** What was seen while the version was destroyed. */
export interface DestructionFacts {
  readonly objectsBefore: number;
  readonly objectsDestroyed: number;
  readonly objectsAfter: number;
  /** The code that an attempted use failed with. */
  readonly attemptedUse: string;
}

type Companions = ActOf<'key.destroy'>['companions'];

export interface Destruction {
  readonly act: ActOf<'key.destroy'>;
  readonly approved: Approved;
  readonly key: KeyRow;
  readonly version: VersionRow;
  readonly at: number;
}

export async function destroyVersion(bench: Workbench, { act, approved, key, version, at }: Destruction): Promise<{ readonly facts: DestructionFacts; readonly entry: LogEntry }> {
  const row = changedVersion({ key, version, to: 'destroyed', reason: act.reason }, at);
  const intent = {
    act: act.method,
    place: key.record.place,
    key: key.id,
    version: version.id,
    body: { ...subjectBody(act.subject), request: approved.hash },
    personal: { reason: act.reason },
    puts: [approved.consumed],
    approvals: [approved.approval],
  };
  const { value, entry } = await underIntent(bench, intent, async (provider) => {
    const facts = await destroyAndLook(provider, key, version.record, act.companions);
    return { value: facts, body: { ...facts, state: 'destroyed' }, puts: [row] };
  });
  return { facts: value, entry };
}

async function countObjects(provider: KeyProvider, ref: string): Promise<number> {
  return (await provider.list()).filter((key) => sameKeyUri(key.ref, ref)).length;
}

/** A key that is gone already is recorded as gone: nobody can destroy it twice. */
export async function destroyAndLook(provider: KeyProvider, key: KeyRow, there: Pick<VersionRecord, 'ref' | 'publicKey'>, companions: Companions): Promise<DestructionFacts> {
  const { ref } = there;
  const objectsBefore = await countObjects(provider, ref);
  const objectsDestroyed = objectsBefore === 0 ? 0 : await destroyWith(provider, there, companions);
  const objectsAfter = await countObjects(provider, ref);
  if (objectsAfter > 0) throw new StrongroomError('token-refused', `the key is still there after it was destroyed: ${ref}`, { nextStep: 'destroy it with the tools of its token, then try again' });
  return { objectsBefore, objectsDestroyed, objectsAfter, attemptedUse: await attemptUse(provider, key, ref) };
}

/** The certificates that were approved go too, those very ones. */
async function destroyWith(provider: KeyProvider, { ref, publicKey }: Pick<VersionRecord, 'ref' | 'publicKey'>, companions: Companions): Promise<number> {
  const hashes = companions.filter(({ kind, goes }) => kind === 'certificate' && goes).map(({ sha256: hash }) => hash);
  if (provider.adoption === undefined) return (await provider.destroy(ref)).objectsDestroyed;
  const found = hashes.length === 0 ? [] : await provider.adoption.companionsOf(ref, publicKey);
  const ders = found.flatMap(({ der }) => (der !== undefined && hashes.some((hash) => equalBytes(hash, sha256(der))) ? [der] : []));
  return (await provider.adoption.destroyWith(ref, ders, publicKey)).objectsDestroyed;
}

/** What a use of the destroyed key answers. SECURITY: a provider that still works with it has destroyed nothing. */
async function attemptUse(provider: KeyProvider, key: KeyRow, ref: string): Promise<string> {
  try {
    await useOnce(provider, key, ref);
  } catch (error) {
    return toErrorInfo(error).code;
  }
  throw new StrongroomError('token-refused', 'the destroyed key still works', { nextStep: 'do not trust this token' });
}

/** One use that the algorithm has; where the key is looked for comes before what it is for. */
async function useOnce(provider: KeyProvider, { record }: KeyRow, ref: string): Promise<void> {
  const { algorithm } = record;
  const nothing = new Uint8Array(0);
  const { family, kind } = algorithmFacts[algorithm];
  const [mechanism] = mechanismsOf(algorithm);
  if (family === 'aes') await provider.encrypt({ ref, plaintext: new Uint8Array(16), aad: nothing });
  else if (kind === 'secret') await provider.mac({ ref, message: nothing });
  else if (mechanism === undefined) await provider.derive({ ...generateRequest(record, 1), from: ref, derivation: 'ecdh-hkdf-sha256', info: nothing });
  else await signOnce(provider, ref, mechanism);
}

async function signOnce(provider: KeyProvider, ref: string, mechanism: SignatureMechanism): Promise<void> {
  const input = new Uint8Array(digestBytes(mechanism) ?? 0);
  const [result] = await provider.sign({ ref, mechanism, inputs: [input] });
  if (result !== undefined && !result.ok) throw result.error;
}
