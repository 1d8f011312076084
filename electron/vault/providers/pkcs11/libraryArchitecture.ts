/** The machine that a shared library was built for, by its header, in Node's words (`process.arch`). */

/** e_machine, ELF specification. */
const elfMachines: ReadonlyMap<number, string> = new Map([
  [3, 'ia32'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
]);
/** Machine of IMAGE_FILE_HEADER, PE format. */
const peMachines: ReadonlyMap<number, string> = new Map([
  [0x014c, 'ia32'],
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
]);
/** cputype, mach/machine.h. */
const machMachines: ReadonlyMap<number, string> = new Map([
  [0x0000_0007, 'ia32'],
  [0x0100_0007, 'x64'],
  [0x0100_000c, 'arm64'],
]);

const unknown = 'an unknown machine';

/** @returns one architecture, several of a fat Mach-O, or undefined for what is no library */
export function libraryArchitecture(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0);
  if (magic === 0x7f45_4c46) return [elf(view)];
  if (view.getUint16(0) === 0x4d5a) return pe(view);
  if (magic === 0xcffa_edfe || magic === 0xcefa_edfe) return [machMachines.get(view.getUint32(4, true)) ?? unknown];
  return magic === 0xcafe_babe ? fat(view) : undefined;
}

function elf(view: DataView): string {
  const littleEndian = view.getUint8(5) === 1;
  return elfMachines.get(view.getUint16(18, littleEndian)) ?? unknown;
}

function pe(view: DataView): readonly string[] | undefined {
  const header = view.getUint32(0x3c, true);
  if (header + 6 > view.byteLength || view.getUint32(header) !== 0x5045_0000) return undefined;
  return [peMachines.get(view.getUint16(header + 4, true)) ?? unknown];
}

/** A fat Mach-O holds one library for each machine; Java classes share its magic and have absurd counts. */
function fat(view: DataView): readonly string[] | undefined {
  const count = view.getUint32(4);
  if (count > 16 || 8 + count * 20 > view.byteLength) return undefined;
  return Array.from({ length: count }, (_, index) => machMachines.get(view.getUint32(8 + index * 20)) ?? unknown);
}
