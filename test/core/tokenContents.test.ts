/** A token that was away: what is on it against what should be, every difference named and logged; and tokens that come and go while one waits. */
import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11 from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../shared/ipc/contract.ts';
import type { SoftHsmToken } from '../fixtures/softHsm.ts';
import type { TestCore } from '../fixtures/testCore.ts';
import { makeTokenCore } from '../fixtures/tokenCore.ts';

let token: SoftHsmToken;
let t: TestCore;
const tool = (...args: string[]) => token.pkcs11Tool(...args);
const compare = (accept = false) => t.call('token.compare', { token: 'travels', ...(accept ? { accept } : {}) });
const entry = async ({ logEntry }: { readonly logEntry: number }) => (await t.call('audit.list', { from: logEntry })).entries[0];
const kinds = ({ differences }: Reply<'token.compare'>) => differences.map(({ kind, label, knownAs }) => [kind, knownAs ?? label]);

/** As any program that logs in may: `CKA_EXTRACTABLE` can be taken away (PKCS#11 v2.40 §4.9). */
function takeExtractableAway(label: string): void {
  process.env['SOFTHSM2_CONF'] = token.environment['SOFTHSM2_CONF'];
  const library = new pkcs11.PKCS11();
  library.load(token.modulePath);
  library.C_Initialize();
  try {
    const slot = library.C_GetSlotList(true).find((one) => library.C_GetTokenInfo(one).label.trim() === token.label);
    if (slot === undefined) throw new Error('no such token');
    const session = library.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
    library.C_Login(session, pkcs11.CKU_USER, token.userPin);
    library.C_FindObjectsInit(session, [{ type: pkcs11.CKA_LABEL, value: label }, { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY }]);
    const [object] = library.C_FindObjects(session, 1);
    library.C_FindObjectsFinal(session);
    if (object === undefined) throw new Error('no such key');
    library.C_SetAttributeValue(session, object, [{ type: pkcs11.CKA_EXTRACTABLE, value: false }]);
  } finally {
    library.C_Finalize();
  }
}

beforeAll(async () => {
  ({ token, t } = await makeTokenCore('travels'));
  await t.call('key.generate', { name: 'release', purpose: 'signature', algorithm: 'ec-p256', place: 'travels' });
  await t.call('key.generate', { name: 'files', purpose: 'data-encryption', algorithm: 'aes-256', place: 'travels' });
  tool('--keygen', '--key-type', 'AES:32', '--label', 'theirs', '--id', '01', '--extractable');
  tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'their pair', '--id', '02', '--usage-sign');
}, 60_000);
afterAll(async () => {
  await t.close();
  token.remove();
});

describe('token compare', () => {
  test('at first sight nothing is new; the next time all is as expected', async () => {
    expect(await compare()).toMatchObject({ keys: 4, differences: [], kept: true });
    const again = await compare();
    expect(again).toMatchObject({ keys: 4, differences: [], kept: false, before: expect.any(String) as string });
    expect(await entry(again)).toMatchObject({ kind: 'token', body: { act: 'token.compare', keys: 4, differences: 0, serial: token.serial } });
  });

  test('what this vault makes and destroys itself is no difference', async () => {
    await t.call('key.generate', { name: 'short-lived', purpose: 'signature', algorithm: 'ec-p256', place: 'travels' });
    expect(kinds(await compare())).toEqual([]);
    await t.call('key.destroy', { key: 'short-lived', reason: 'of the test' });
    expect(kinds(await compare())).toEqual([]);
  });

  test('a key of others that came, one that went, one that was changed and one that took the place of another', async () => {
    tool('--keygen', '--key-type', 'AES:16', '--label', 'new here', '--id', '03');
    takeExtractableAway('theirs');
    tool('--delete-object', '--type', 'privkey', '--id', '02');
    tool('--delete-object', '--type', 'pubkey', '--id', '02');
    tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'their pair', '--id', '02', '--usage-sign');
    const found = await compare();
    expect(kinds(found)).toEqual([['other-key', 'their pair'], ['changed', 'theirs'], ['extra', 'new here']]);
    expect(found.differences.map(({ words }) => words)).toEqual([
      expect.stringContaining('another key is there under the same CKA_ID'),
      'its attributes changed: CKA_EXTRACTABLE is off now',
      'it was not there before, and this vault did not make it',
    ]);
    expect((await entry(found))?.body).toMatchObject({ differences: 3, accepted: false, named: [{ kind: 'other-key' }, { kind: 'changed' }, { kind: 'extra' }] });
    expect(kinds(await compare()), 'they stay until somebody accepts them').toHaveLength(3);
    expect(await compare(true)).toMatchObject({ kept: true });
    expect(kinds(await compare())).toEqual([]);
    tool('--delete-object', '--type', 'secrkey', '--id', '03');
    expect(kinds(await compare(true))).toEqual([['missing', 'new here']]);
    expect(kinds(await compare())).toEqual([]);
  });

  test('an attribute of a key of this vault that changed is never accepted away', async () => {
    tool('--keygen', '--key-type', 'AES:32', '--label', 'taken in', '--id', '04', '--extractable');
    await t.call('key.adopt', { token: 'travels', key: '04', name: 'taken in', purpose: 'data-encryption' });
    expect(kinds(await compare())).toEqual([]);
    takeExtractableAway('taken in');
    for (const accept of [false, true, true]) {
      const { differences } = await compare(accept);
      expect(differences).toMatchObject([{ kind: 'changed', knownAs: 'taken in version 1', words: 'its attributes changed: CKA_EXTRACTABLE is off now' }]);
    }
    await t.call('key.destroy', { key: 'taken in', reason: 'of the test' });
    expect(kinds(await compare())).toEqual([]);
  });

  test('a key of this vault that went or was replaced is never accepted away', async () => {
    const { version } = await t.call('key.show', { key: 'release' }).then(({ versions }) => ({ version: versions[0] }));
    const id = version?.id ?? '';
    for (const type of ['privkey', 'pubkey']) tool('--delete-object', '--type', type, '--id', id);
    expect(kinds(await compare(true))).toEqual([['missing', 'release version 1']]);
    tool('--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'release v1', '--id', id, '--usage-sign');
    for (const accept of [true, false]) {
      const { differences } = await compare(accept);
      expect(differences).toMatchObject([{ kind: 'other-key', knownAs: 'release version 1', nextStep: expect.stringContaining('key suspend') as string }]);
    }
  });
});

describe('while it is away', () => {
  test('what should be on it is told; it is waited for, and said to be gone and back', async () => {
    const tokens = join(token.folder, 'tokens');
    const own = readdirSync(tokens).find((name) => statSync(join(tokens, name)).isDirectory()) ?? '';
    const [here, away] = [join(tokens, own), join(token.folder, 'away')];
    const { state } = await t.call('token.watch', { seconds: 0 });
    expect(await t.call('token.watch', { since: state, seconds: 1 })).toEqual({ state, changes: [] });
    const pulled = t.call('token.watch', { since: state, seconds: 20 });
    const began = Date.now();
    renameSync(here, away);
    const gone = await pulled;
    expect(Date.now() - began, 'milliseconds until it is told').toBeLessThan(3000);
    expect(gone.changes).toMatchObject([{ what: 'pulled', label: 'travels', remembered: true, words: expect.stringContaining('"travels" is gone') as string }]);
    const expected = await t.call('token.expected', { token: 'travels' });
    expect(expected).toMatchObject({ token: { present: false }, lastCompared: expect.any(String) as string });
    expect(expected.keys.map(({ name, state: is }) => [name, is])).toEqual([['release', 'active'], ['files', 'active']]);
    expect(expected.others.map(({ label }) => label).sort()).toEqual(['their pair', 'theirs']);
    expect(await t.refused('token.compare', { token: 'travels' })).toMatchObject({ code: 'token-absent' });
    const back = t.call('token.watch', { since: gone.state, seconds: 20 });
    renameSync(away, here);
    expect((await back).changes).toMatchObject([{ what: 'plugged', serial: token.serial, remembered: true }]);
    expect(kinds(await compare())).toEqual([['other-key', 'release version 1']]);
  });

  test('a vault that is locked meanwhile ends the waiting', async () => {
    const waiting = t.refused('token.watch', { seconds: 60 });
    await t.call('vault.lock', {});
    expect(await waiting).toMatchObject({ code: 'locked' });
    await t.unlock();
  });

  test('TOKEN-2: it is forgotten once no key lives on it', async () => {
    expect(await t.refused('token.forget', { token: 'travels' })).toMatchObject({ code: 'refused', rule: 'TOKEN-2', message: expect.stringContaining('2 keys live on the token "travels"') as string });
    for (const key of ['release', 'files']) await t.call('key.compromise', { key, reason: 'the token is lost' });
    await t.call('token.forget', { token: token.serial });
    expect(await t.refused('token.expected', { token: 'travels' })).toMatchObject({ code: 'not-found' });
    expect(await t.refused('token.forget', { token: 'travels' })).toMatchObject({ code: 'not-found', field: 'token' });
  });
});
