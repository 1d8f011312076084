/** The PKCS#11 provider keeps the promises of the interface, on a real SoftHSM token behind a real child process. */
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import { openModule } from '../fixtures/startedModule.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('SoftHSM', async () => {
  const token = makeSoftHsmToken();
  const end = () => Promise.resolve(token.remove());
  return await openModule({ ...token, folders: [token.folder], isWanted: ({ label }) => label === token.label, end });
});
