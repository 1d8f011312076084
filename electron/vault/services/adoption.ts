/** Keys that others made on a token: `key.adopt`. */
import { refusal, StrongroomError } from '../../../shared/errors/strongroomError.ts';
import type { Algorithm } from '../../../shared/model/terms.ts';
import type { Reply, Request } from '../../../shared/ipc/contract.ts';
import { unprintable } from '../../pkcs11-wire/shape.ts';
import { equalBytes, fromHex, toHex } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { Handlers } from '../door/handlers.ts';
import { isAttestation } from '../formats/attestation/evidence.ts';
import { oneByteEscaped, parsePkcs11Uri, sameKeyUri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { Pkcs11Uri } from '../providers/pkcs11/pkcs11Uri.ts';
import type { AdoptionPower, Companion, FoundKey, KeyProvider } from '../providers/provider.ts';
import type { Place } from '../records/records.ts';
import type { VaultRecords } from '../records/vaultRecords.ts';
import { heldCopies } from '../work/copyRecords.ts';
import { makeKey, newKeyRecord } from '../work/makeKey.ts';
import { viewKeyAndVersion } from './keyViews.ts';
import { viewCompanion } from './tokenKeyViews.ts';
import { placeOf } from './tokens.ts';
import type { Workbench } from './workbench.ts';

/** What a person named: a URI, or bytes and text that could each be meant. */
interface Wanted {
  readonly uri?: Pkcs11Uri;
  readonly id?: Uint8Array;
  readonly label?: string;
}

/** @throws `request-invalid` */
function wantedKey(text: string): Wanted {
  if (/^pkcs11:/i.test(text)) return { uri: parsePkcs11Uri(text) };
  const hex = text.replaceAll(':', '').toLowerCase();
  return { label: text, ...(/^(?:[0-9a-f]{2})+$/.test(hex) ? { id: fromHex(hex) } : {}) };
}

/** @throws `request-invalid` where nothing says which token */
function tokenName({ uri }: Wanted, token: string | undefined): string {
  const name = token ?? uri?.serial ?? uri?.token;
  if (name === undefined) throw new StrongroomError('request-invalid', '"token" expected the label or serial number of the token', { field: 'token', nextStep: 'see `token list`' });
  return name;
}

const uriTypes = { secret: 'secret-key', pair: 'private' } as const;

/** A label as the module's process shows it: without the padding of some tokens, and without what a screen would not show. */
const asShown = (label: string) => label.replace(/[\0 ]+$/, '').replace(new RegExp(unprintable, 'gu'), '\ufffd');

function fits({ uri, id, label = '' }: Wanted, key: FoundKey): boolean {
  if (uri === undefined) return key.label === asShown(label) || (id !== undefined && equalBytes(key.id, id));
  const { id: wantedId, object, type } = uri;
  if (wantedId === undefined && object === undefined) return false;
  const ofType = type === undefined || type === uriTypes[key.kind] || ((type === 'public' || type === 'cert') && key.kind === 'pair');
  return ofType && (wantedId === undefined || equalBytes(key.id, wantedId)) && (object === undefined || key.label === asShown(object));
}

/** So that a person can tell keys of one label apart. */
function inWords({ id, kind, label, publicKey, algorithm }: FoundKey): string {
  const fingerprint = publicKey === undefined ? '' : `, public key SHA-256 ${toHex(sha256(publicKey)).slice(0, 16)}…`;
  return `CKA_ID ${toHex(id) || 'none'} ("${label}", ${algorithm ?? kind}${fingerprint})`;
}

/** Exactly one. @throws `token-key-missing`, `token-ambiguous` */
function theKey(keys: readonly FoundKey[], wanted: Wanted, text: string): FoundKey {
  const found = keys.filter((key) => fits(wanted, key)).sort((a, b) => (toHex(a.id) < toHex(b.id) ? -1 : 1));
  const [key] = found;
  if (key === undefined) throw missing(wanted);
  if (found.length === 1) return key;
  const unnamed = found.every(({ id }) => id.length === 0 || found.some((other) => other !== key && equalBytes(other.id, id)));
  throw new StrongroomError('token-ambiguous', `${found.length} keys on the token are meant by ${wanted.uri === undefined ? `"${text}"` : 'the URI'}: ${found.map(inWords).join('; ')}`, {
    field: 'key',
    nextStep: unnamed ? 'give each a CKA_ID of its own: pkcs11-tool --set-id' : 'name it by its CKA_ID in hex',
  });
}

function missing({ uri }: Wanted): StrongroomError {
  const meant = uri?.id === undefined ? undefined : oneByteEscaped(uri.id);
  const hint = meant === undefined ? 'see `token info`' : `the id of the URI is ${uri?.id?.length} bytes; a sender that percent-encodes only the first byte meant ${meant}`;
  return new StrongroomError('token-key-missing', 'the token has no such secret or private key', { field: 'key', nextStep: hint });
}

/** SECURITY: a key that opens this vault is no key of its inventory: as one it would be used, and destroyed, for another purpose. @throws `refused` KEY-USE-PURPOSE */
function assertNoWayIn({ access }: Workbench['vault'], { label, ref }: FoundKey): void {
  if (!access.ways().some(({ token }) => token !== undefined && sameKeyUri(token.ref, ref))) return;
  throw refusal('KEY-USE-PURPOSE', `the key "${label}" opens this vault: it serves nothing else`, 'see `vault ways`');
}

/** @throws `already-exists`, `token-cannot` that says what its attributes allow */
function assertAdoptable(records: VaultRecords, key: FoundKey, purpose: Request<'key.adopt'>['purpose']): asserts key is FoundKey & { readonly algorithm: Algorithm } {
  const known = records.find('version', ({ ref, state }) => state !== 'destroyed' && sameKeyUri(ref, key.ref));
  if (known !== undefined) throw new StrongroomError('already-exists', `it is known already: version ${known.record.number} of "${records.keyOf(known.record).record.name}"`, { field: 'key' });
  const copied = records.find('version', (record) => heldCopies(record).some(({ ref }) => sameKeyUri(ref, key.ref)));
  if (copied !== undefined) throw new StrongroomError('already-exists', `it is known already: a copy of version ${copied.record.number} of "${records.keyOf(copied.record).record.name}"`, { field: 'key' });
  if (key.algorithm === undefined) throw new StrongroomError('token-cannot', `the key "${key.label}" is of a kind that this product does not use`, { field: 'key' });
  if (key.purposes.includes(purpose)) return;
  const allowed = key.purposes.length === 0 ? 'no purpose' : key.purposes.join(', ');
  throw new StrongroomError('token-cannot', `the attributes of the key "${key.label}" (${key.attributes?.join(', ')}) allow ${allowed}, not ${purpose}`, {
    field: 'purpose',
    nextStep: key.purposes.length === 0 ? 'make a new key for it: `key generate`' : `choose one of ${key.purposes.join(', ')}`,
  });
}

function powerOf({ adoption }: KeyProvider): AdoptionPower {
  if (adoption === undefined) throw new StrongroomError('request-invalid', '"token" expected a token: keys in the vault are in it already', { field: 'token' });
  return adoption;
}

/** As many as are destroyed with a key. SECURITY: a module may make up hundreds, and the vault would carry them for ever. */
const mostCertificates = 16;

/** What the token attests was made for the asking: it is kept as an attestation, not as a certificate of the key. */
function certificatesOf(companions: readonly Companion[]): readonly Uint8Array[] {
  return companions.flatMap(({ der }) => (der === undefined || isAttestation(der) ? [] : [der])).slice(0, mostCertificates);
}

async function adopt(bench: Workbench, request: Request<'key.adopt'>): Promise<Reply<'key.adopt'>> {
  const { records } = bench;
  const now = await bench.trustedNow();
  const wanted = wantedKey(request.key);
  const { place, puts } = await placeOf(bench, tokenName(wanted, request.token), now);
  const found = await lookFor(bench, place, wanted, request.key);
  assertNoWayIn(bench.vault, found);
  assertAdoptable(records, found, request.purpose);
  const record = newKeyRecord(bench, { ...request, algorithm: found.algorithm, exportable: found.exportable }, place, now);
  let proved: FoundKey | undefined;
  const make = async (provider: KeyProvider) => {
    proved = await powerOf(provider).prove(found.ref);
    return { ...proved, certificates: certificatesOf(proved.companions) }; // SECURITY: what is beside the half that was proved: a CKA_ID is also given to others
  };
  const making = { act: 'key.adopt', origin: 'adopted' as const, active: request.inactive !== true, puts, notes: found.warnings, more: { ref: found.ref, warnings: [...found.warnings] } };
  const { key, version, entry } = await makeKey(bench, record, { ...making, make });
  const made = records.get('version', version);
  if (made === undefined) throw new StrongroomError('not-found', 'the key version is not there any more');
  return { ...viewKeyAndVersion(records, key, { id: version, record: made }, now), notes: made.notes ?? [], companions: (proved?.companions ?? []).map(viewCompanion), logEntry: entry.seq };
}

async function lookFor(bench: Workbench, place: Place, wanted: Wanted, text: string): Promise<FoundKey> {
  return theKey((await powerOf(await bench.reader(place)).survey()).keys, wanted, text);
}

export const adoptionHandlers = { 'key.adopt': adopt } satisfies Partial<Handlers>;
