/** A Chromium of this system, and whether somebody manages it in a way that we do not open a vault under. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const elsewhere = ['/usr/lib/chromium/chromium', '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
const policyFolders = ['/etc/chromium/policies/managed', '/etc/opt/chrome/policies/managed', '/etc/opt/edge/policies/managed'];
/** Policies that put code of others into every page. */
const extensionPolicies = ['ExtensionInstallForcelist', 'ExtensionSettings', 'ExtensionInstallAllowlist'];

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first Chromium on the search path, or where systems keep it. */
export function findChromium(path = process.env['PATH'] ?? ''): string | undefined {
  const onPath = names.flatMap((name) => path.split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, name)));
  return [...onPath, ...elsewhere].find(isProgram);
}

/** What this user may not read, a Chromium of this user does not read either; it reads files alone. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The policy file that installs extensions by force, or undefined. @param folders where policies are looked for */
export function managedExtensions(folders: readonly string[] = policyFolders): string | undefined {
  const files = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  // SECURITY: an extension reads what is typed into every page
  return files.find((file) => extensionPolicies.some((policy) => textOf(file).includes(`"${policy}"`)));
}
