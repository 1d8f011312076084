/** Key files of forms that are not read here, and files that ask for too much: refused by name, with a command, before a password is asked. Seeded. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromHex } from '../../electron/vault/crypto/bytes.ts';
import { encodeDer, integer, octetString, oid, sequence, tagged } from '../../electron/vault/crypto/derWriter.ts';
import type { DerTree } from '../../electron/vault/crypto/derWriter.ts';
import { bytesOf } from '../../electron/vault/crypto/keyForms/bigNumbers.ts';
import { makeDesk, refusalOf } from '../fixtures/keyFiles.ts';
import type { Desk } from '../fixtures/keyFiles.ts';
import { seedOf } from '../fixtures/seededNumbers.ts';

const { random } = seedOf('key files that are refused');
const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
const text = (value: string) => new Uint8Array(Buffer.from(value));
const small = (value: number) => integer(bytesOf(BigInt(value)));

let desk: Desk;
beforeAll(() => {
  desk = makeDesk();
});
afterAll(() => desk.clear());

describe('what is not read here is named, with a command', () => {
  test.each<[string, Uint8Array, string, string]>([
    ['JKS', Buffer.concat([fromHex('feedfeed00000002'), bytes(80)]), 'JKS', 'keytool -importkeystore'],
    ['JCEKS', Buffer.concat([fromHex('cececece00000002'), bytes(80)]), 'JCEKS', '-srcstoretype JCEKS'],
    ['BKS', Buffer.concat([fromHex('0000000200000014'), bytes(80)]), 'BKS', 'BouncyCastle'],
    ['PuTTY', text('PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n'), 'PuTTY', 'puttygen FILE -O private-openssh'],
    ['PGP armour behind prose', text('my key\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n'), 'OpenPGP', 'gpg --export-secret-keys'],
    ['PGP binary', Buffer.concat([fromHex('9503be04'), bytes(90)]), 'OpenPGP', 'gpg'],
    ['PVK', Buffer.concat([fromHex('1ef1b5b0'), bytes(80)]), 'PVK', 'openssl rsa -inform PVK'],
    ['KeePass', Buffer.concat([fromHex('03d9a29a67fb4bb5'), bytes(80)]), 'KeePass', 'keepassxc-cli'],
    ['age', text(`age-encryption.org/v1\n-> X25519 ${'A'.repeat(43)}\n`), 'age', 'age -d'],
    ['age armour', text('-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n'), 'age', 'age -d'],
    ['SSH 1', Buffer.concat([text('SSH PRIVATE KEY FILE FORMAT 1.1\n\0'), bytes(60)]), 'SSH version 1', 'ssh-keygen'],
    ['ssh.com', text('---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n'), 'ssh.com', 'ssh-keygen -i'],
    ['SQLite', Buffer.concat([text('SQLite format 3\0'), bytes(80)]), 'SQLite', 'pk12util'],
    ['JWE', text(`${Buffer.from('{"alg":"dir"}').toString('base64url')}..AAAA.BBBB.CCCC`), 'JWE', 'the key'],
  ])('%s', async (_, file, what, command) => expect(await refusalOf(file)).toMatchObject({ code: 'input-malformed', asked: 0, message: expect.stringContaining(what), nextStep: expect.stringContaining(command) }));

  test('SECURITY: a JWK whose marks contradict it is refused in a sentence that can be read', async () => {
    const { message } = await refusalOf(text(JSON.stringify({ kty: 'EC', crv: `\u202e\u001b[2J\n${'x'.repeat(1000)}`, alg: 'RS256', d: 'AA' })));
    expect(message).toContain('(EC \ufffd\ufffd[2J\ufffdxxx');
    expect(message.length).toBeLessThan(300);
  });

  test('what a gpg of this machine exports', async () => {
    const home = ['--homedir', desk.path('.'), '--batch', '--pinentry-mode', 'loopback', '--passphrase', ''];
    desk.run('gpg', ...home, '--quick-generate-key', 'Ada <ada@example.org>', 'ed25519', 'sign', 'never');
    for (const form of [[], ['--armor']]) expect((await refusalOf(desk.run('gpg', ...home, ...form, '--export-secret-keys'))).message).toContain('OpenPGP');
  }, 30_000);
});

describe('cost is judged before the password is asked', () => {
  const pbkdf2 = (iterations: number) => sequence(oid('2a864886f70d01050c'), sequence(octetString(bytes(16)), integer(bytesOf(BigInt(iterations)))));
  const scrypt = (n: number, r: number, p: number) => sequence(oid('2b06010401da47040b'), sequence(octetString(bytes(16)), small(n), small(r), small(p)));
  const encrypted = (kdf: DerTree) => encodeDer(sequence(sequence(oid('2a864886f70d01050d'), sequence(kdf, sequence(oid('60864801650304012a'), octetString(bytes(16))))), octetString(bytes(160))));

  test.each<[string, DerTree, string]>([
    ['2^31 rounds', pbkdf2(2 ** 31), '2147483648 rounds'],
    ['10,000,001 rounds', pbkdf2(10_000_001), 'at most 10000000'],
    ['0 rounds', pbkdf2(0), '0 rounds'],
    ['1 GiB of scrypt', scrypt(2 ** 20, 8, 1), '1024 MiB'],
    ['scrypt without end', scrypt(2 ** 14, 8, 2 ** 20), 'N · r · p'],
    ['scrypt of N 3', scrypt(3, 8, 1), 'power of 2'],
  ])('%s', async (_, kdf, said) => {
    const began = Date.now();
    expect(await refusalOf(encrypted(kdf))).toMatchObject({ code: 'input-malformed', asked: 0, message: expect.stringContaining(said) });
    expect(Date.now() - began).toBeLessThan(1000);
  });

  test('what all keys of a file cost together is counted', async () => {
    const expensive = (rounds: number) => sequence(sequence(oid('2a864886f70d01050d'), sequence(sequence(oid('2a864886f70d01050c'), sequence(octetString(bytes(16)), small(rounds))), sequence(oid('60864801650304012a'), octetString(bytes(16))))), octetString(bytes(160)));
    const shrouded = sequence(oid('2a864886f70d010c0a0102'), tagged(0, expensive(9_000_000)));
    const contents = encodeDer(sequence(sequence(oid('2a864886f70d010701'), tagged(0, octetString(encodeDer(sequence(shrouded, shrouded, shrouded)))))));
    const began = Date.now();
    expect(await refusalOf(encodeDer(sequence(small(3), sequence(oid('2a864886f70d010701'), tagged(0, octetString(contents))))))).toMatchObject({ asked: 0, message: expect.stringContaining('27000000 rounds of key derivation in all') });
    expect(Date.now() - began).toBeLessThan(1000);
  });

  test('bcrypt without end', async () => {
    const ssh = (value: Uint8Array) => Buffer.concat([Buffer.of(0, 0, 0, value.length), value]);
    const file = (rounds: number[]) => Buffer.concat([text('openssh-key-v1\0'), ssh(text('aes256-ctr')), ssh(text('bcrypt')), ssh(Buffer.concat([ssh(bytes(16)), Buffer.from(rounds)])), Buffer.of(0, 0, 0, 1), ssh(bytes(20)), ssh(bytes(64))]);
    expect(await refusalOf(file([0x7f, 0xff, 0xff, 0xff]))).toMatchObject({ asked: 0, message: expect.stringContaining('2147483647 rounds of bcrypt') });
    expect(await refusalOf(file([0, 0, 0, 4]), 'x')).toMatchObject({ asked: 1, code: 'wrong-file-password' });
  });

  test('a file of more than 1 MiB, of none, nested without end', async () => {
    expect((await refusalOf(new Uint8Array(1_048_577))).code).toBe('input-too-large');
    expect((await refusalOf(new Uint8Array(0))).message).toContain('empty');
    const nested = new Uint8Array(1_000_000).fill(0x30);
    for (let index = 0; index < nested.length - 2; index += 2) nested[index + 1] = 0x80;
    expect((await refusalOf(nested)).message).toContain('nested deeper');
    expect((await refusalOf(text('{"keys":'.repeat(100_000)))).code).toBe('input-malformed');
    const pieces = new Uint8Array(600_000).fill(0x24);
    for (let index = 0; index < pieces.length - 2; index += 2) pieces[index + 1] = 0x80;
    expect((await refusalOf(pieces, undefined, { secretBits: [256] })).code).toBe('input-malformed');
  });
});
