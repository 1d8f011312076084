/** Keys from token to token through the one door: planned, copied, moved, cloned, promoted; seen and used by other programs; destroyed with their copies. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply, RequestInput } from '../../shared/ipc/contract.ts';
import { sentenceOfEntry, withIntents } from '../../shared/log/sentences.ts';
import { makeTestCore } from '../fixtures/testCore.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTwoTokens } from '../fixtures/twoTokens.ts';
import type { TwoTokens } from '../fixtures/twoTokens.ts';

let two: TwoTokens;
let t: TestCore;

beforeAll(async () => {
  two = await makeTwoTokens();
  ({ t } = two);
  writeFileSync(t.path('in'), 'to be signed');
}, 60_000);
afterAll(() => two.close());

type Made = Pick<RequestInput<'key.generate'>, 'purpose' | 'algorithm'>;

async function make(name: string, made: Made, exportable = true): Promise<void> {
  await t.call('key.generate', { name, ...made, place: 'officers', exportable });
}

const signature: Made = { purpose: 'signature', algorithm: 'ec-p256' };
const encryption: Made = { purpose: 'data-encryption', algorithm: 'aes-128' };
const placeOf = async (key: string) => (await t.call('key.show', { key })).key.place.name;
const copiesOf = async (key: string) => (await t.call('key.show', { key })).copies.map(({ version, place, state }) => [version, place.name, state]);

/** Openssl, with the public half as the vault has it. */
async function opensslVerifies(key: string, signatureFile: string): Promise<string> {
  await t.call('key.public', { key, out: t.write(`${signatureFile}.pem`) });
  return execFileSync('openssl', ['dgst', '-sha256', '-verify', `${signatureFile}.pem`, '-signature', signatureFile, 'in'], { cwd: t.folder }).toString();
}

describe('a copy', () => {
  const kinds: readonly (readonly [name: string, made: Made, proof: string, format: string])[] = [
    ['signer', signature, 'signature', 'rsa-aes-kwp-sha1'],
    ['release', { purpose: 'signature', algorithm: 'rsa-2048' }, 'signature', 'rsa-aes-kwp-sha1'],
    ['cipher', encryption, 'encryption', 'rsa-oaep-sha1'],
    ['tags', { purpose: 'mac', algorithm: 'hmac-sha256' }, 'mac', 'rsa-oaep-sha1'],
    ['cmac', { purpose: 'mac', algorithm: 'aes-128' }, 'mac', 'rsa-oaep-sha1'],
    ['kek', { purpose: 'key-wrapping', algorithm: 'aes-128' }, 'wrapping', 'rsa-oaep-sha1'],
    ['inbox', { purpose: 'key-transport', algorithm: 'rsa-2048' }, 'unwrapping', 'rsa-aes-kwp-sha1'],
  ];
  let copies: Reply<'key.copy'>['copies'];

  test('of every kind of key is made in one act, and its keys stay where they live', async () => {
    for (const [name, made] of kinds) await make(name, made);
    const done = await t.call('key.copy', { keys: kinds.map(([name]) => name), to: 'backup', acceptStrength: 128 });
    ({ copies } = done);
    expect(done.moved).toEqual([]);
    expect(await Promise.all(kinds.map(([name]) => placeOf(name)))).toEqual(kinds.map(() => 'officers'));
  });

  test.each(kinds)('of the key %s is proved, and known for what it is', async (name, _made, proof, format) => {
    expect(copies.find(({ key }) => key === name)).toMatchObject({ version: 1, place: { name: 'backup' }, proof, format, state: 'held' });
    expect((await t.call('token.info', { token: 'backup' })).keys.find(({ knownAs }) => knownAs === `${name} version 1, a copy`)).toMatchObject({ label: `${name} v1`, exportable: true });
  });

  test('leaves nothing else on the token: the transport pair and the trial are gone', async () => {
    expect([...(await two.labelsOn('backup'))].sort()).toEqual(kinds.map(([name]) => `${name} v1`).sort());
    expect(two.tool('backup', '--list-objects').match(/label:/g)).toHaveLength(7 + 3); // and three public halves
  });

  test('is a key to other programs: pkcs11-tool signs with it, openssl verifies by the public key that the vault recorded', async () => {
    two.tool('backup', '--sign', '--mechanism', 'SHA256-RSA-PKCS', '--id', copies.find(({ key }) => key === 'release')?.id ?? '', '--input-file', t.path('in'), '--output-file', t.path('copy.sig'));
    expect(await opensslVerifies('release', 'copy.sig')).toContain('Verified OK');
    expect(two.tool('backup', '--list-objects', '--type', 'privkey')).toMatch(/release v1[\s\S]*Access: +sensitive/);
  });

  test('is known: it is not adopted as another key, and not made twice', async () => {
    expect(await t.refused('key.adopt', { key: 'signer v1', token: 'backup', name: 'twice', purpose: 'signature' })).toMatchObject({ code: 'already-exists', message: expect.stringContaining('a copy of version 1 of "signer"') });
    expect(await t.refused('key.copy', { keys: ['signer'], to: 'backup' })).toMatchObject({ code: 'already-exists' });
  });

  test('the sentence names version, both tokens, format and strength, and is a function of the request', async () => {
    await make('payroll', { purpose: 'data-encryption', algorithm: 'aes-256' });
    expect(await t.refused('key.copy', { keys: ['payroll'], to: 'backup' })).toMatchObject({ rule: 'KEY-EXPORT-4', nextStep: expect.stringContaining('--accept-strength 128') });
    await t.call('key.copy', { keys: ['payroll'], to: 'backup', acceptStrength: 128 });
    const { sentence, details, expected, verb } = t.asked.at(-1) ?? { details: [] };
    expect(sentence).toMatch(/^Copy version 1 of the key "payroll" \(on the token "officers"\) to the token "backup" \([0-9a-f]+\), by rsa-oaep-sha1 at 128 bits of strength, not its own 256$/);
    expect(details.join('\n')).toContain('it is then in two places');
    expect([expected, verb]).toEqual(['payroll', 'Copy payroll']);
    expect((await t.call('key.show', { key: 'payroll' })).versions).toMatchObject([{ protections: 2 }]); // the proof, in both places
  });

  test('of several keys goes whole or not at all', async () => {
    await make('first', encryption);
    await make('stays', encryption, false);
    expect(await t.refused('key.copy', { keys: ['first', 'stays'], to: 'backup' })).toMatchObject({ rule: 'KEY-EXPORT-1' });
    expect(await copiesOf('first')).toEqual([]);
    await make('second', encryption);
    const { copies } = await t.call('key.copy', { keys: ['first', 'second'], to: 'backup' });
    expect(copies.map(({ key }) => key)).toEqual(['first', 'second']);
    expect(t.asked.at(-1)).toMatchObject({ expected: 'backup', sentence: expect.stringContaining('Copy 2 keys to the token "backup"') });
  });

  test('of a key in the vault goes onto a token', async () => {
    await t.call('key.generate', { name: 'soft', ...signature, exportable: true });
    expect((await t.call('key.copy', { keys: ['soft'], to: 'backup' })).copies).toMatchObject([{ proof: 'signature', place: { name: 'backup' } }]);
    expect(await two.labelsOn('backup')).toContain('soft v1');
    expect((await t.call('key.copy', { keys: ['soft'], to: 'officers', move: true })).copies).toMatchObject([{ place: { kind: 'software' }, state: 'destroyed' }]);
    await t.call('key.sign', { key: 'soft', files: [t.read('in')], signatures: [t.write('soft.sig')], mechanism: 'ecdsa-sha256' });
    expect(await opensslVerifies('soft', 'soft.sig')).toContain('Verified OK');
  });

  test('is looked at again once it is approved: a key that another program destroyed meanwhile goes nowhere', async () => {
    await make('meanwhile', encryption);
    t.answers.confirm = ({ expected }) => {
      two.tool('officers', '--delete-object', '--type', 'secrkey', '--label', 'meanwhile v1');
      t.answers.confirm = undefined;
      return expected;
    };
    expect(await t.refused('key.copy', { keys: ['meanwhile'], to: 'backup' })).toMatchObject({ code: 'token-key-missing' });
    expect((await t.call('audit.list', { key: 'meanwhile' })).entries.filter(({ kind, body }) => kind === 'intent' && body.act === 'key.copy')).toEqual([]);
  });
});

describe('the plan says before anything is made', () => {
  const why = async (request: Omit<RequestInput<'key.planCopy'>, 'to'>) => (await t.call('key.planCopy', { ...request, to: 'backup' })).versions.map(({ goes, why: reason = '' }) => [goes, reason]);

  test('what stays, and exactly why', async () => {
    await make('bound', encryption, false);
    await make('edwards', { purpose: 'signature', algorithm: 'ed25519' });
    await make('agree', { purpose: 'key-agreement', algorithm: 'ec-p256' });
    two.tool('backup', '--keygen', '--key-type', 'AES:16', '--label', 'namesake v1', '--id', 'aa');
    await make('namesake', encryption);
    await make('gone', encryption);
    two.tool('officers', '--delete-object', '--type', 'secrkey', '--label', 'gone v1');
    expect(await why({ keys: ['bound', 'edwards', 'agree', 'namesake', 'gone'] })).toEqual([
      [false, '"bound" version 1 never leaves its place: CKA_EXTRACTABLE is false and can never be changed'],
      [false, 'the token "officers" does not wrap private keys of ed25519: "edwards" stays on it'],
      [false, 'the token "backup" takes no wrapped ec-p256 key for key-agreement: nothing would tell its public half'],
      [false, 'the token "backup" has a key with the label "namesake v1" already'],
      [false, '"gone" version 1 is not on the token "officers" any more'],
    ]);
  });

  test('what goes: format, strength of its own and on the way, and the proof', async () => {
    await make('planned', { purpose: 'data-encryption', algorithm: 'aes-256' });
    const { versions } = await t.call('key.planCopy', { keys: ['planned'], to: 'backup', transport: 'rsa-4096' });
    expect(versions).toEqual([{ key: 'planned', version: 1, algorithm: 'aes-256', goes: true, format: 'rsa-oaep-sha1', ownStrength: 256, effectiveStrength: 150, proof: 'each opens a fresh challenge under the key of the other' }]);
    expect(await copiesOf('planned')).toEqual([]);
  });

  test('KEY-EXPORT-5: a state that does not travel', async () => {
    await make('resting', encryption);
    await t.call('key.suspend', { key: 'resting', reason: 'looked at' });
    expect(await why({ keys: ['resting'] })).toEqual([[false, '"resting" version 1 is suspended: it is not distributed']]);
  });

  test('KEY-COPY-3: a key on a token does not come into the file of the vault', async () => {
    expect(await t.refused('key.copy', { keys: ['planned'], to: 'software', acceptStrength: 128 })).toMatchObject({ code: 'refused', rule: 'KEY-COPY-3' });
  });

  test('of a whole token also what this vault does not know, and asks for one of token and keys', async () => {
    two.tool('officers', '--keygen', '--key-type', 'AES:16', '--label', 'stranger', '--id', 'bb');
    const { left } = await t.call('key.planCopy', { from: 'officers', to: 'backup' });
    expect(left).toEqual([{ what: 'key "stranger" (CKA_ID bb)', why: 'it is no key of this vault: take it in by `key adopt` first' }]);
    expect(await t.refused('key.planCopy', { to: 'backup' })).toMatchObject({ code: 'request-invalid', field: 'from' });
  });
});

describe('through this computer, asked for by name', () => {
  test('goes what a token does not open wrapped; the sentence says what that costs', async () => {
    await t.call('key.generate', { name: 'soft-edwards', purpose: 'signature', algorithm: 'ed25519', exportable: true });
    expect(await t.refused('key.copy', { keys: ['soft-edwards'], to: 'backup' })).toMatchObject({ code: 'token-cannot', nextStep: 'let it pass through this computer: --ephemeral-key computer' });
    const { copies } = await t.call('key.copy', { keys: ['soft-edwards'], to: 'backup', ephemeralKey: 'computer' });
    expect(copies).toMatchObject([{ proof: 'signature', parameters: expect.arrayContaining(['the clear key passed through this computer']) }]);
    expect(t.asked.at(-1)?.details.join('\n')).toContain('who reads its memory reads the key');
  });

  test('a pair for agreement proves itself by agreeing with a fresh one', async () => {
    const names = ['agree-p256', 'agree-p384', 'agree-x25519'];
    for (const [index, algorithm] of (['ec-p256', 'ec-p384', 'x25519'] as const).entries()) await t.call('key.generate', { name: names[index] ?? '', purpose: 'key-agreement', algorithm, exportable: true });
    const { copies } = await t.call('key.copy', { keys: names, to: 'backup', ephemeralKey: 'computer', acceptStrength: 128 });
    expect(copies.map(({ proof }) => proof)).toEqual(['agreement', 'agreement', 'agreement']);
    expect(two.tool('backup', '--list-objects')).not.toContain('trial');
  });
});

describe('a move', () => {
  test('KEY-COPY-2: takes all versions that live', async () => {
    await make('mover', signature);
    await t.call('key.rotate', { key: 'mover' });
    expect(await t.refused('key.copy', { keys: ['mover'], to: 'backup', move: true, version: 2 })).toMatchObject({ rule: 'KEY-COPY-2' });
    const { moved, copies, notes } = await t.call('key.copy', { keys: ['mover'], to: 'backup', move: true });
    expect(moved).toMatchObject([{ name: 'mover', place: { name: 'backup' } }]);
    expect(copies.map(({ version, place, state }) => [version, place.name, state])).toEqual([[1, 'officers', 'destroyed'], [2, 'officers', 'destroyed']]);
    expect(notes).toEqual([]);
    expect(t.asked.at(-1)).toMatchObject({ sentence: expect.stringContaining('Move 2 versions of the key "mover"'), destroys: true });
    expect(await two.labelsOn('officers')).not.toContain('mover v2');
    expect(two.tool('officers', '--list-objects')).not.toContain('mover');
  });

  test('and is used, verified and rotated where it is now', async () => {
    await t.call('key.sign', { key: 'mover', files: [t.read('in')], signatures: [t.write('moved.sig')], mechanism: 'ecdsa-sha256' });
    expect(await opensslVerifies('mover', 'moved.sig')).toContain('Verified OK');
    await t.call('key.rotate', { key: 'mover' });
    expect(await two.labelsOn('backup')).toEqual(expect.arrayContaining(['mover v1', 'mover v2', 'mover v3']));
  });
});

describe('what happens to a key happens to its copies', () => {
  test('a rotation makes the new version in its place only, and says of which version the copies are', async () => {
    const { notes } = await t.call('key.rotate', { key: 'signer' });
    expect(notes).toEqual(['the copy on the token "backup" is of version 1: copy the new one there by `key copy signer`']);
    expect(await two.labelsOn('backup')).not.toContain('signer v2');
  });

  test('a compromise names them', async () => {
    const { touched } = await t.call('key.compromise', { key: 'signer', version: 1, reason: 'lost laptop' });
    expect(touched[0]).toMatch(/^a copy is on the token "backup" since .*: it is compromised with it$/);
  });

  test('a destruction takes them along, and proves it on each token', async () => {
    const { certificate } = await t.call('key.destroy', { key: 'signer', version: 1, reason: 'compromised' });
    expect(certificate).toMatchObject({ copiesDestroyed: ['on the token "backup"'], knownCopies: [expect.stringContaining('backups of the token')] });
    expect(t.asked.at(-1)?.details).toContain('the copy on the token "backup" goes with it');
    expect(two.tool('backup', '--list-objects')).not.toContain('signer v1');
    expect(await copiesOf('signer')).toEqual([[1, 'backup', 'destroyed']]);
  });

  test('a copy that is away is outstanding: the key is not called destroyed everywhere; its token is back, and it is destroyed alone', async () => {
    await two.pull('backup');
    const { certificate, version } = await t.call('key.destroy', { key: 'cipher', reason: 'no use' });
    expect(version.state).toBe('destroyed');
    expect(certificate).toMatchObject({ copiesDestroyed: [], meaning: expect.stringContaining('not destroyed everywhere: one copy is outstanding') });
    expect(certificate.knownCopies[0]).toMatch(/^outstanding on the token "backup": /);
    expect(t.asked.at(-1)?.details.join('\n')).toContain('a copy remains: on the token "backup", which cannot be asked now');
    expect(await t.refused('key.destroy', { key: 'cipher', copyOn: 'backup', reason: 'no use' })).toMatchObject({ code: 'token-absent' });
    await two.putBack('backup');
    const alone = await t.call('key.destroy', { key: 'cipher', copyOn: 'backup', reason: 'no use' });
    expect(alone.certificate).toMatchObject({ objectsBefore: 1, objectsDestroyed: 1, objectsAfter: 0, copiesDestroyed: ['on the token "backup"'] });
    expect(two.tool('backup', '--list-objects')).not.toContain('cipher v1');
  });

  test('a copy goes alone, and the key stays', async () => {
    await t.call('key.destroy', { key: 'tags', copyOn: 'backup', reason: 'retired' });
    expect(t.asked.at(-1)).toMatchObject({ sentence: 'Destroy the copy of version 1 of the key "tags" on the token "backup" for good', destroys: true });
    expect((await t.call('key.show', { key: 'tags' })).key.state).toBe('active');
    expect(await two.labelsOn('officers')).toContain('tags v1');
    expect(await t.refused('key.destroy', { key: 'tags', copyOn: 'backup', reason: 'again' })).toMatchObject({ code: 'not-found', field: 'copyOn' });
  });
});

describe('a clone, for the day when a token is lost', () => {
  test('copies what can go, and lists the rest with the reason', async () => {
    const { copies, left } = await t.call('token.clone', { token: 'officers', to: 'backup', acceptStrength: 128 });
    expect(copies.map(({ key }) => key)).toEqual(expect.arrayContaining(['planned', 'signer', 'tags']));
    const reasons = Object.fromEntries(left.map(({ what, why }) => [what, why]));
    expect(reasons['"bound" version 1']).toContain('CKA_EXTRACTABLE is false and can never be changed');
    expect(reasons['"kek" version 1']).toContain('holds a copy');
    expect(reasons['key "stranger" (CKA_ID bb)']).toContain('no key of this vault');
    expect(t.asked.at(-1)).toMatchObject({ expected: 'backup', verb: 'Clone to backup' });
  });

  test('a copy whose key lives elsewhere is no stranger, and is named with what to do', async () => {
    const { left } = await t.call('key.planCopy', { from: 'backup', to: 'officers' });
    expect(left).toContainEqual({ what: 'tags version 1, a copy', why: 'its key lives in another place: copy it from there, by `key copy`' });
    expect(left.filter(({ why }) => why.includes('no key of this vault')).map(({ what }) => what)).toEqual(['key "namesake v1" (CKA_ID aa)']);
  });

  test('and a copy takes the place of what is lost', async () => {
    await two.pull('officers');
    expect(await t.refused('key.mac', { key: 'tags', files: [t.read('in')] })).toMatchObject({ code: 'token-absent' });
    const { key, copies } = await t.call('key.promote', { key: 'tags', to: 'backup' });
    expect(key.place.name).toBe('backup');
    expect(copies).toMatchObject([{ place: { name: 'officers' }, state: 'held' }]);
    const tagOf = async () => (await t.call('key.mac', { key: 'tags', files: [t.read('in')] })).items[0]?.tag;
    const tag = await tagOf();
    await two.putBack('officers');
    await t.call('key.promote', { key: 'tags', to: 'officers' });
    expect(await tagOf()).toBe(tag);
  });

  test('KEY-COPY-2: not for a version that has no copy there', async () => {
    await t.call('key.rotate', { key: 'tags' });
    expect(await t.refused('key.promote', { key: 'tags', to: 'backup' })).toMatchObject({ rule: 'KEY-COPY-2' });
  });
});

test('the log has it in words, and verifies', async () => {
  const { entries } = await t.call('audit.list', { limit: 10_000 });
  const keys = new Map((await t.call('key.list', {})).keys.map(({ id, name }) => [id, name]));
  const said = entries.map((entry) => sentenceOfEntry(entry, withIntents(keys, entries)));
  for (const sentence of ['Will copy payroll version 1 to backup', 'Did copy payroll version 1', 'Will copy 2 keys to backup', 'Will move mover to backup', 'Will destroy a copy of mover version 1', 'Will clone the token officers to backup', 'Did make a copy the place of tags']) expect(said).toContain(sentence);
  expect((await t.call('audit.list', { key: 'second', limit: 10_000 })).entries.filter(({ body }) => body.act === 'key.copy')).toHaveLength(2);
  await t.call('audit.export', { out: t.write('log.jsonl') });
  await t.call('audit.verify', { log: t.read('log.jsonl') });
  await t.call('vault.check', {});
});

test('a key that moved, and whose record is lost, is salvaged where it is now', async () => {
  const { key } = await t.call('key.show', { key: 'mover' });
  await t.call('vault.lock', {});
  execFileSync('sqlite3', ['-bail', t.vaultPath, `DELETE FROM "key" WHERE id = X'${key.id}'`]);
  const other = makeTestCore();
  await other.call('vault.salvage', { damaged: other.files.read(t.vaultPath), file: other.write('new.strongroom'), unlockCost: 'minimum' });
  expect((await other.call('key.show', { key: 'mover' })).key.place.name).toBe('backup');
  await other.close();
});
