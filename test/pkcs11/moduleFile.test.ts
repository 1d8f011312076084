/** Pinning a module: real path, owner, SHA-256, and libraries of other machines explained. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeModuleFile } from '../../electron/vault/providers/pkcs11/describeModuleFile.ts';
import { libraryArchitecture } from '../../electron/vault/providers/pkcs11/libraryArchitecture.ts';
import { softHsmModulePath } from '../fixtures/softHsm.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-module-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** An ELF header of this class, byte order and machine. */
function elf(machine: number, littleEndian = true): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2]);
  new DataView(header.buffer).setUint16(18, machine, littleEndian);
  return header;
}

function mach(cpuType: number): Uint8Array {
  const header = new Uint8Array(64);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xcffa_edfe);
  view.setUint32(4, cpuType, true);
  return header;
}

function pe(machine: number): Uint8Array {
  const header = new Uint8Array(256);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0x4d5a);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x5045_0000);
  view.setUint16(0x84, machine, true);
  return header;
}

test('SHA-256, owner and real path are what other programs say', () => {
  const link = join(folder, 'link.so');
  symlinkSync(softHsmModulePath(), link);
  const file = describeModuleFile(link);
  expect(file.path).toBe(realpathSync(softHsmModulePath()));
  expect(Buffer.from(file.sha256).toString('hex')).toBe(execFileSync('sha256sum', [file.path], { encoding: 'utf8' }).slice(0, 64));
  expect(String(file.ownerUid)).toBe(execFileSync('stat', ['-c', '%u', file.path], { encoding: 'utf8' }).trim());
});

describe('architectures', () => {
  const headers: readonly (readonly [string, Uint8Array, readonly string[] | undefined])[] = [
    ['ELF x86-64', elf(62), ['x64']],
    ['ELF AArch64', elf(183), ['arm64']],
    ['ELF i386', elf(3), ['ia32']],
    ['ELF s390x, big-endian', elf(22, false), ['s390x']],
    ['ELF of a machine without a name', elf(9999), ['an unknown machine']],
    ['Mach-O arm64', mach(0x0100_000c), ['arm64']],
    ['PE x64', pe(0x8664), ['x64']],
    ['a file that ends early', elf(62).subarray(0, 20), undefined],
    ['text', new TextEncoder().encode('#!/bin/sh\n'.repeat(20)), undefined],
    ['a Java class', Uint8Array.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, ...new Uint8Array(100)]), undefined],
  ];

  test.each(headers)('%s', (_, bytes, expected) => {
    expect(libraryArchitecture(bytes)).toEqual(expected);
  });
});

describe('what is refused', () => {
  test('a library for another machine, with both machines named', () => {
    const other = process.arch === 'x64' ? 183 : 62;
    const expected = process.arch === 'x64' ? 'arm64' : 'x64';
    expect(() => describeModuleFile(fileOf('other.so', elf(other)))).toThrow(
      expect.objectContaining({ code: 'module-load-failed', message: `the module is built for ${expected}, this program runs on ${process.arch}` }),
    );
  });

  test('a text file', () => {
    expect(() => describeModuleFile(fileOf('text.so', new TextEncoder().encode('no library, and long enough to hold a header of sixty-four bytes')))).toThrow(
      expect.objectContaining({ code: 'module-load-failed' }),
    );
  });

  test('a folder', () => {
    expect(() => describeModuleFile(folder)).toThrow(expect.objectContaining({ code: 'module-load-failed' }));
  });

  test('nothing there', () => {
    expect(() => describeModuleFile(join(folder, 'absent.so'))).toThrow(expect.objectContaining({ code: 'module-not-found' }));
  });
});
