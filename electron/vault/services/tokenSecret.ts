/** The secret that a token keeps for a way in: made and sealed by a key of its own on the token, asked for again before the vault is open. */
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { utf8 } from '../crypto/bytes.ts';
import { randomBytes } from '../crypto/random.ts';
import { SecretBytes } from '../crypto/secretBytes.ts';
import { describeModuleFile } from '../providers/pkcs11/describeModuleFile.ts';
import { moduleSurroundings } from '../providers/pkcs11/moduleSurroundings.ts';
import { Pkcs11Modules } from '../providers/pkcs11/pkcs11Modules.ts';
import type { KeyProvider } from '../providers/provider.ts';
import { fileNameOf, grouped } from '../quorum/sentence.ts';
import type { ModuleRecord, Place } from '../records/records.ts';
import type { TokenSecretSource } from '../unlock/vaultFile.ts';
import type { TokenPart } from '../unlock/wayIn.ts';
import type { Ports, Workbench } from './workbench.ts';

const aad = utf8('strongroom/v1/token-secret\0');

/**
 * SECURITY: a locked file names the module, and nothing vouches for it yet: one that this product does not know by its place is loaded only
 * once a person has confirmed it, as when a module is added.
 */
async function confirmModule({ host, prompt }: Ports, { modulePath, moduleSha256, parameters }: TokenPart): Promise<void> {
  const known = host.knownModules.some(({ paths }) => (paths[process.platform] ?? []).some((path) => isModuleAt(path, modulePath)));
  if (known && parameters === undefined) return; // what a module is told is in the file, too, and may have been edited
  const expected = fileNameOf(modulePath);
  const typed = await prompt.confirm({
    why: 'act',
    sentence: `Load the PKCS#11 module ${modulePath} to open the vault`,
    details: [`SHA-256: ${grouped(moduleSha256)}`, ...(parameters === undefined ? [] : [`it is told when it starts: ${parameters}`]), 'the file of the vault names it, and may have been edited: load it only if you know it', "a module gets PINs and acts with this user's rights"],
    expected,
    expectedIs: 'the file name of the module',
    verb: `Load ${expected}`,
  });
  if (typed.normalize('NFC') !== expected) throw new StrongroomError('confirmation-wrong', `the file name of the module expected "${expected}", got another text; nothing was loaded`, { nextStep: 'try again, and type it letter for letter' });
}

/** A known place may be a link to the module. */
function isModuleAt(known: string, path: string): boolean {
  try {
    return describeModuleFile(known).path === path;
  } catch {
    return false; // it is not on this machine
  }
}

/** Asks for the PIN at the prompt each time; the module's process ends with it. */
export function tokenSecretSource(ports: Ports): TokenSecretSource {
  const { host, launcher, prompt, timeLimits } = ports;
  return async (part) => {
    await confirmModule(ports, part);
    const { modulePath: path, moduleSha256: sha256, ownerUid, parameters, label, serial, manufacturer, ref, iv, ciphertext } = part;
    const modules = new Pkcs11Modules({ launcher, askPin: (question) => prompt.pin(question), ...(timeLimits === undefined ? {} : { limits: timeLimits }) });
    try {
      const { environment, folders } = moduleSurroundings(path, host.knownModules, host, parameters);
      modules.open({ path, ownerUid, sha256, environment, folders, ...(parameters === undefined ? {} : { libraryParameters: parameters }) });
      const provider = await modules.provider({ label, serial, manufacturer, modulePath: path });
      return await provider.decrypt({ ref, iv, ciphertext, aad });
    } finally {
      await modules.close();
    }
  };
}

async function moduleOf({ modules, records }: Workbench, { label, serial }: Place & { kind: 'pkcs11' }): Promise<ModuleRecord> {
  const { tokens } = await modules.inventory();
  const path = tokens.find((token) => token.label === label && token.serial === serial)?.modulePath;
  const module = records.find('module', (record) => record.path === path);
  if (module === undefined) throw new StrongroomError('token-absent', `the token "${label}" is not plugged in`, { nextStep: 'plug it in and try again', retryable: true });
  return module.record;
}

/** Makes a key on the token, and a secret that it seals. The caller wipes the secret. @throws `token-cannot` where the token has no AES-GCM */
export async function newTokenSecret(bench: Workbench, place: Place & { kind: 'pkcs11' }, provider: KeyProvider, id: Uint8Array, keyLabel: string): Promise<{ readonly part: TokenPart; readonly secret: SecretBytes }> {
  const { label, serial, manufacturer } = place;
  if (!(await provider.capabilities()).aesGcm) throw new StrongroomError('token-cannot', `the token "${label}" has no AES-GCM, by which it would keep the secret`, { nextStep: 'take another token, or a recovery sheet as the second way in' });
  const module = await moduleOf(bench, place);
  const { ref } = await provider.generate({ id, label: keyLabel, algorithm: 'aes-256', purpose: 'data-encryption', exportable: false });
  const bytes = randomBytes(32);
  const secret = SecretBytes.take(bytes);
  const { iv, ciphertext } = await provider.encrypt({ ref, plaintext: secret.expose(), aad });
  const part = { modulePath: module.path, moduleSha256: module.sha256, label, serial, manufacturer, ref, iv, ciphertext, ...(module.ownerUid === undefined ? {} : { ownerUid: module.ownerUid }), ...(module.parameters === undefined ? {} : { parameters: module.parameters }) };
  return { part, secret };
}
