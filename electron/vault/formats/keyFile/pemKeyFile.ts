/** PEM files with private keys: several keys are several entries, certificates go to the key that they belong to, labels are not believed. */
import { equalBytes } from '../../crypto/bytes.ts';
import { onlyValue } from '../../crypto/derReader.ts';
import { normalSpki } from '../../crypto/keyForms/normalSpki.ts';
import { malformed } from '../../crypto/malformed.ts';
import { withoutZeroPadding } from '../../crypto/pkcs8.ts';
import { chainOf } from './certificateChain.ts';
import { curveBlock, readDerKey } from './derKeyFile.ts';
import type { DerContext } from './derKeyFile.ts';
import { wipeEntries } from './keyFileEntry.ts';
import type { KeyFile, KeyFileEntry } from './keyFileEntry.ts';
import { isOpenSshKey, readOpenSshKey } from './opensshKey.ts';
import { certificateOfBag } from './pkcs12Bags.ts';
import { readPrivatePem } from './privatePem.ts';
import type { PrivatePemBlock } from './privatePem.ts';
import { isTraditionallyEncrypted, openTraditionalPem } from './traditionalPem.ts';

/** What a label says that its block is. */
const labelForms: Readonly<Record<string, string>> = {
  'PRIVATE KEY': 'PKCS#8',
  'ENCRYPTED PRIVATE KEY': 'encrypted PKCS#8',
  'RSA PRIVATE KEY': 'PKCS#1 RSA private key',
  'EC PRIVATE KEY': 'SEC1 EC private key',
  'OPENSSH PRIVATE KEY': 'OpenSSH private key',
};

const isPrivate = ({ label }: PrivatePemBlock) => label.includes('PRIVATE KEY');

async function readDerBlock({ label, der }: PrivatePemBlock, context: DerContext, found: readonly string[]): Promise<KeyFile> {
  const { value, notes } = withoutZeroPadding(der, 'ber');
  const file = await readDerKey(value, context);
  const said = labelForms[label];
  const oddities = said === undefined || said === file.form ? [] : [`the PEM block says "${label}" and holds ${file.form}: read as what it is`];
  return { ...file, entries: file.entries.map((entry) => ({ ...entry, notes: [...found, ...notes, ...oddities, ...entry.notes] })) };
}

async function readBlock(block: PrivatePemBlock, context: DerContext): Promise<KeyFile> {
  if (isOpenSshKey(block.der)) return { form: 'OpenSSH private key', entries: [await readOpenSshKey(block.der, context.ask, context.cost)], notes: [] };
  if (block.label === 'OPENSSH PRIVATE KEY') throw malformed('the PEM block "OPENSSH PRIVATE KEY" does not begin as one');
  if (!isTraditionallyEncrypted(block)) return readDerBlock(block, context, []);
  const { der, note } = await openTraditionalPem(block, context.ask);
  try {
    return await readDerBlock({ ...block, der }, context, [note]);
  } finally {
    der.fill(0); // SECURITY: the key lives in its entry now
  }
}

function publicKeysOf(blocks: readonly PrivatePemBlock[]): readonly Uint8Array[] {
  return blocks.filter(({ label }) => label === 'PUBLIC KEY').map(({ der }) => normalSpki(der).spki);
}

/** What stands beside the keys in the file goes to the key that it belongs to, by its public key. */
function withBesides(entries: readonly KeyFileEntry[], blocks: readonly PrivatePemBlock[]): { readonly entries: readonly KeyFileEntry[]; readonly notes: readonly string[] } {
  const certificates = blocks.filter(({ label }) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(label)).map(({ der }) => certificateOfBag(onlyValue(der)));
  const good = certificates.filter((parts) => parts !== undefined);
  const paired = entries.map((entry) => (entry.kind === 'pair' && good.length > 0 ? { ...entry, certificates: chainOf(good, entry.publicKey) } : entry));
  const strangers = publicKeysOf(blocks).filter((spki) => !entries.some((entry) => entry.kind === 'pair' && equalBytes(entry.publicKey, spki)));
  const notes = [
    ...(good.length === certificates.length ? [] : ['a certificate in the file is damaged: left out']),
    ...(strangers.length === 0 ? [] : ['a public key in the file belongs to none of its private keys: left out']),
    ...(good.length > 0 && paired.every(({ certificates: own = [] }) => own.length === 0) ? ['the certificates in the file belong to none of its keys: left out'] : []),
  ];
  return { entries: paired, notes };
}

async function entriesOf(blocks: readonly PrivatePemBlock[], context: DerContext): Promise<readonly KeyFile[]> {
  const parameters = blocks.find(({ label }) => label === 'EC PARAMETERS');
  const curve = parameters === undefined ? {} : { curve: curveBlock(parameters.der) };
  const files: KeyFile[] = [];
  try {
    for (const block of blocks.filter(isPrivate)) files.push(await readBlock(block, { ...context, ...curve }));
    return files;
  } catch (error) {
    for (const { entries } of files) wipeEntries(entries);
    throw error;
  }
}

/** Names of one list must differ. */
function numbered(entries: readonly KeyFileEntry[]): readonly KeyFileEntry[] {
  return entries.length < 2 ? entries : entries.map((entry, index) => (entry.name === 'entry 1' ? { ...entry, name: `entry ${index + 1}` } : entry));
}

/** @throws `wrong-file-password`, `input-malformed` */
export async function readPemFile(text: Uint8Array, context: DerContext): Promise<KeyFile> {
  const blocks = readPrivatePem(text);
  try {
    if (!blocks.some(isPrivate)) throw malformed(`the file holds ${[...new Set(blocks.map(({ label }) => `"${label}"`))].join(' and ')}: expected a private key`, { nextStep: 'give the file with the private key' });
    const files = await entriesOf(blocks, context);
    const { entries, notes } = withBesides(files.flatMap((file) => file.entries), blocks);
    const forms = [...new Set(files.map(({ form }) => form))];
    return { form: `${forms.join(' and ')} in PEM`, entries: numbered(entries), notes: [...files.flatMap((file) => file.notes), ...notes] };
  } finally {
    for (const { der } of blocks) der.fill(0); // SECURITY: the keys live in their entries now
  }
}
