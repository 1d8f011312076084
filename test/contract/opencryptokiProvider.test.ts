/** The PKCS#11 provider keeps the promises of the interface on openCryptoki's soft token, which has no curves and no way to wrap under AES. */
import { makeOpencryptokiToken } from '../fixtures/opencryptokiToken.ts';
import { describeModule } from './moduleSuite.ts';

describeModule('openCryptoki soft token', makeOpencryptokiToken);
