/** The PKCS#11 provider keeps the promises of the interface on NSS softokn, which wants parameters, stores attributes that it ignores, and overwrites a repeated CKA_ID. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nssModulePath, nssParameters, nssPin } from '../fixtures/nssToken.ts';
import { openModule } from '../fixtures/startedModule.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('NSS softokn', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-nss-'));
  const label = 'nss-test';
  const end = () => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  const setUp = { modulePath: nssModulePath(), environment: {}, folders: [folder], libraryParameters: nssParameters(folder, label) };
  return await openModule({ ...setUp, userPin: nssPin, isWanted: (token) => token.label === label, initialise: { label, soPin: '50719346' }, end });
});
