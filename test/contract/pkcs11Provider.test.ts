/** The PKCS#11 provider keeps the promises of the interface, on a real SoftHSM token behind a real child process. */
import { openToken } from '../fixtures/openModules.ts';
import { makeSoftHsmToken } from '../fixtures/softHsm.ts';
import { describeProvider } from './providerSuite.ts';

describeProvider('pkcs11 on SoftHSM', async () => {
  const token = makeSoftHsmToken();
  const { modules, provider } = await openToken(token);
  return {
    provider,
    close: async () => {
      await modules.close();
      token.remove();
    },
  };
});
