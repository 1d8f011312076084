/** SSH signatures and allowed_signers: ours by ssh-keygen, ssh-keygen's by us, and what is for another use, person or time. */
import type { SignatureMechanism } from '../../shared/model/terms.ts';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSshSignature, sshMechanism, verifySshSignature } from '../../electron/vault/formats/signing/sshSignature.ts';
import type { SshExpectation, SshHash, SshVerdict } from '../../electron/vault/formats/signing/sshSignature.ts';
import { writeSshPublicKey } from '../../electron/vault/formats/sshPublicKey.ts';
import { ProgramFolder, digestsOf, ecTestKey, ed25519TestKey, rsaTestKey } from '../fixtures/documentSigners.ts';

const folder = new ProgramFolder();
afterAll(() => folder.remove());

const keys = { rsa: rsaTestKey(), p256: ecTestKey('P-256'), p384: ecTestKey('P-384'), p521: ecTestKey('P-521'), ed25519: ed25519TestKey() } as const;
const content = Buffer.from('line one\nline two\r\n\0binary');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const now = Date.UTC(2026, 5, 1);

/** The kinds that ssh-keygen makes itself. */
const made = [['rsa', '3072', 'rsa-pkcs1-sha512'], ['ecdsa', '256', 'ecdsa-sha256'], ['ecdsa', '384', 'ecdsa-sha384'], ['ecdsa', '521', 'ecdsa-sha512'], ['ed25519', '256', 'ed25519']] as const;

beforeAll(() => {
  folder.write('content', content);
  for (const [name, { spki }] of Object.entries(keys)) folder.write(`${name}.pub`, writeSshPublicKey(spki, name));
  for (const [type, bits] of made) folder.run('ssh-keygen', '-q', '-t', type, '-b', bits, '-N', '', '-C', 'a comment', '-f', `${type}${bits}`);
});

function verdictOn(signature: Uint8Array, expected: Partial<SshExpectation> = {}, of: Uint8Array = content): Promise<SshVerdict> {
  return verifySshSignature(signature, digestsOf(of), { namespace: 'file', allowed: { keys: [] }, time: now, ...expected });
}

describe('a signature that is made here', () => {
  test.each<[keyof typeof keys, SignatureMechanism, SshHash]>([
    ['rsa', 'rsa-pkcs1-sha512', 'sha512'],
    ['rsa', 'rsa-pkcs1-sha256', 'sha256'],
    ['p256', 'ecdsa-sha256', 'sha512'],
    ['p384', 'ecdsa-sha384', 'sha256'],
    ['p521', 'ecdsa-sha512', 'sha512'],
    ['ed25519', 'ed25519', 'sha512'],
    ['ed25519', 'ed25519', 'sha256'],
  ])('by %s with %s over %s is verified by ssh-keygen, and here', async (name, mechanism, hash) => {
    const signer = keys[name].signer(mechanism);
    for (let round = 0; round < 8; round += 1) {
      const signature = await makeSshSignature({ digest: await digestsOf(content)(hash), hash, namespace: 'file' }, signer);
      folder.write('s.sig', signature);
      folder.write('allowed', `officer@example.org ${Buffer.from(folder.read(`${name}.pub`)).toString()}`);
      expect(folder.runOn('content', 'ssh-keygen', '-Y', 'verify', '-f', 'allowed', '-I', 'officer@example.org', '-n', 'file', '-s', 's.sig')).toContain('Good "file" signature');
      expect(folder.runOn('content', 'ssh-keygen', '-Y', 'check-novalidate', '-n', 'file', '-s', 's.sig')).toContain('Good "file" signature');
      expect(await verdictOn(bytes(signature), { allowed: { keys: [keys[name].spki] } })).toMatchObject({ valid: true, signed: true, hash, mechanism, spki: keys[name].spki });
    }
  });

  test.each(['', 'two words', 'ü', 'a'.repeat(256)])('is not made for the namespace %j', async (namespace) => {
    await expect(makeSshSignature({ digest: new Uint8Array(64), hash: 'sha512', namespace }, keys.ed25519.signer('ed25519'))).rejects.toMatchObject({ code: 'request-invalid', field: 'namespace' });
    await expect(verdictOn(bytes('x'), { namespace })).rejects.toMatchObject({ code: 'request-invalid', field: 'namespace' });
  });

  test.each([['rsa', 'rsa-pss-sha512'], ['rsa', 'rsa-pkcs1-sha384'], ['p256', 'ecdsa-sha512'], ['p384', 'ecdsa-sha256']] as const)('is not made by %s with %s, which SSH does not have', async (name, mechanism) => {
    await expect(makeSshSignature({ digest: new Uint8Array(64), hash: 'sha512', namespace: 'file' }, keys[name].signer(mechanism))).rejects.toMatchObject({ code: 'request-invalid', field: 'mechanism' });
    expect(() => sshMechanism('x25519')).toThrow('expected RSA, EC or Ed25519');
  });
});

describe('a signature from ssh-keygen', () => {
  test.each(made)('by %s %s is verified here', async (type, bits, mechanism) => {
    folder.run('sh', '-c', `rm -f content.sig; ssh-keygen -q -Y sign -f ${type}${bits} -n file content 2>/dev/null`);
    const allowedSigners = `officer@example.org,second@example.org namespaces="file,other" ${Buffer.from(folder.read(`${type}${bits}.pub`)).toString()}`;
    const verdict = await verdictOn(folder.read('content.sig'), { allowed: { allowedSigners, principal: 'second@example.org' } });
    expect(verdict).toMatchObject({ valid: true, mechanism, hash: 'sha512', principals: ['officer@example.org,second@example.org'] });
    expect(folder.run('ssh-keygen', '-l', '-f', `${type}${bits}.pub`)).toContain(` ${verdict.fingerprint} `);
    expect(await verdictOn(folder.read('content.sig'), {}, Buffer.from('another'))).toMatchObject({ valid: false, signed: false, reason: expect.stringContaining('was changed') });
    expect(await verdictOn(folder.read('content.sig'))).toMatchObject({ valid: false, signed: true, reason: 'the key that signed is not one that is allowed' });
    expect(await verdictOn(folder.read('content.sig'), { namespace: 'git', allowed: { allowedSigners } })).toMatchObject({ valid: false, reason: 'signature is for namespace file, not git' });
  });

  test('with sha256 is verified here', async () => {
    folder.run('sh', '-c', 'rm -f content.sig; ssh-keygen -q -Y sign -f ed25519256 -O hashalg=sha256 -n git content 2>/dev/null');
    expect(await verdictOn(folder.read('content.sig'), { namespace: 'git' })).toMatchObject({ signed: true, hash: 'sha256' });
  });
});

describe('what is no signature', () => {
  const signature = () => makeSshSignature({ digest: createHash('sha512').update(content).digest(), hash: 'sha512', namespace: 'file' }, keys.ed25519.signer('ed25519'));
  const remade = async (change: (blob: Buffer) => Buffer) => {
    const blob = Buffer.from((await signature()).replace(/-----.*-----/g, '').replace(/\s/g, ''), 'base64');
    return bytes(`-----BEGIN SSH SIGNATURE-----\n${change(blob).toString('base64')}\n-----END SSH SIGNATURE-----\n`);
  };
  const replaced = (from: string, to: string) => (blob: Buffer) => Buffer.from(blob.toString('latin1').replace(from, to), 'latin1');

  test.each<[string, (blob: Buffer) => Buffer, string]>([
    ['another magic', replaced('SSHSIG', 'SSHSIH'), 'expected SSHSIG'],
    ['version 2', (blob) => Buffer.from(blob.with(9, 2)), 'expected version 1, got 2'],
    ['bytes behind', (blob) => Buffer.concat([blob, Buffer.alloc(1)]), 'something behind'],
    ['a cut', (blob) => blob.subarray(0, 90), 'ends before'],
    ['another hash', replaced('sha512', 'sha1  '), 'expected the hash sha256 or sha512'],
    ['another algorithm', (blob) => Buffer.from(blob.toString('latin1').replace(/ssh-ed25519(?!.*ssh-ed25519)/s, 'ssh-ed25518'), 'latin1'), 'an algorithm that fits its key'],
    ['a key of a security key', replaced('ssh-ed25519', 'sk-ed255190'), 'sk-ed255190'],
  ])('%s is refused by name', async (_, change, reason) => {
    await expect(remade(change).then((changed) => verdictOn(changed))).rejects.toThrow(reason);
  });

  test('two blocks, and none', async () => {
    await expect(verdictOn(bytes((await signature()).repeat(2)))).rejects.toThrow('expected one block "SSH SIGNATURE", got 2');
    await expect(verdictOn(content)).rejects.toThrow('got 0');
  });

  test('RSA with SHA-1', async () => {
    const rsa = await makeSshSignature({ digest: createHash('sha512').update(content).digest(), hash: 'sha512', namespace: 'file' }, keys.rsa.signer('rsa-pkcs1-sha512'));
    const blob = Buffer.from(rsa.replace(/-----.*-----/g, '').replace(/\s/g, ''), 'base64').toString('latin1');
    const sha1 = Buffer.from(blob.replace('\0\0\x01\x14\0\0\0\x0crsa-sha2-512', '\0\0\x01\x0f\0\0\0\x07ssh-rsa'), 'latin1');
    expect(sha1.length).toBe(blob.length - 5);
    await expect(verdictOn(bytes(`-----BEGIN SSH SIGNATURE-----\n${sha1.toString('base64')}\n-----END SSH SIGNATURE-----`))).rejects.toThrow('RSA with SHA-1');
  });
});

describe('allowed_signers', () => {
  let signature: Uint8Array;
  let key: string;
  beforeAll(() => {
    folder.run('sh', '-c', 'rm -f content.sig; ssh-keygen -q -Y sign -f ed25519256 -n file content 2>/dev/null; cp content.sig a.sig');
    signature = folder.read('a.sig');
    key = Buffer.from(folder.read('ed25519256.pub')).toString().trim();
  });
  const dates = ['-O', 'verify-time=20260601000000Z'];

  /** What ssh-keygen says, by its exit. */
  function bySshKeygen(text: string, principal: string): boolean {
    folder.write('allowed', text);
    try {
      folder.runOn('content', 'ssh-keygen', '-Y', 'verify', '-f', 'allowed', '-I', principal, '-n', 'file', '-s', 'a.sig', ...dates);
      return true;
    } catch {
      return false;
    }
  }

  test.each<[string, string, boolean]>([
    ['a@example.org KEY', 'a@example.org', true],
    ['a@example.org KEY', 'b@example.org', false],
    ['*@example.org KEY', 'b@example.org', true],
    ['?@example.org,b KEY', 'bb@example.org', false],
    ['*@example.org,!b@example.org KEY', 'b@example.org', false],
    ['"a@example.org,b@example.org" KEY', 'b@example.org', true],
    ['a namespaces="git" KEY', 'a', false],
    ['a namespaces="git,fi*" KEY', 'a', true],
    ['a namespaces="*,!file" KEY', 'a', false],
    ['a valid-after="20260601" KEY', 'a', true],
    ['a valid-after="20260601000001Z" KEY', 'a', false],
    ['a valid-before="20260601000000Z" KEY', 'a', true],
    ['a valid-before="202605312359Z" KEY', 'a', false],
    ['a valid-after="20250101Z",valid-before="20270101Z",namespaces="file" KEY', 'a', true],
    ['# a comment\n\n  a KEY # trailing', 'a', true],
    ['a namespaces="git" KEY\na KEY', 'a', true],
    ['a*b*c KEY', 'aXbYbZc', true],
    ['a*b*c KEY', 'aXbYbZ', false],
  ])('%j for %s: %s, as ssh-keygen says', async (line, principal, allowed) => {
    const text = `${line.replaceAll('KEY', key)}\n`;
    expect(bySshKeygen(text, principal)).toBe(allowed);
    expect(await verdictOn(signature, { allowed: { allowedSigners: text, principal } })).toMatchObject({ valid: allowed, signed: true });
  });

  test('a line that is a cert-authority is refused by name', async () => {
    expect(await verdictOn(signature, { allowed: { allowedSigners: `a cert-authority ${key}` } })).toMatchObject({ valid: false, reason: expect.stringContaining('cert-authority') });
  });

  test.each(['a', 'a restrict KEY', 'a namespaces=file KEY', 'a namespaces="" KEY', 'a valid-after="2026" KEY', 'a valid-after="20260230Z" KEY', 'a cert-authority,cert-authority KEY', 'a ssh-ed25519 !!!', 'a ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIMWi40lpzyhVKw+5Vgv7ibCRI6RqMyx18GAckcNevYGL'])('the line %j is refused with its number', async (line) => {
    await expect(verdictOn(signature, { allowed: { allowedSigners: `# first\n${line.replace('KEY', key)}` } })).rejects.toThrow(/line 2 of allowed_signers|the OpenSSH key expected/);
  });
});

test('the report of a namespace: valid for file, refused for git with both names', async () => {
  const signature = bytes(`-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgxaLjSWnPKFUrD7lWC/uJsJEjpG
ozLHXwYByRw169gYsAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx
OQAAAEAB2XpC5vnoxeGw9nCmJEt2zPtE1urSIum/cTCqhRxgslaP4E16+vq8E779EvrZ3v
s6KqGFROc9IfGP61rQPZkI
-----END SSH SIGNATURE-----
`);
  const allowedSigners = 'officer@example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMWi40lpzyhVKw+5Vgv7ibCRI6RqMyx18GAckcNevYGL \n';
  const message = Buffer.from('rotate key 7 on Friday\n');
  expect(await verdictOn(signature, { allowed: { allowedSigners } }, message)).toMatchObject({ valid: true, principals: ['officer@example.org'] });
  expect(await verdictOn(signature, { namespace: 'git', allowed: { allowedSigners } }, message)).toMatchObject({ valid: false, reason: 'signature is for namespace file, not git' });
});
