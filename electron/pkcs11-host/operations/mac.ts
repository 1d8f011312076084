/** A MAC under a token key: HMAC (FIPS 198-1) or CMAC (SP 800-38B), which PKCS#11 makes as signatures. */
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { sameTwice } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { findKey } from '../keyObjects.ts';
import { macMechanism } from '../mechanisms.ts';

export function mac(request: RequestOf<'mac'>, host: Host): Promise<ReplyOf<'mac'>> {
  const { mechanism, bytes } = macMechanism(request.mechanism);
  return host.onToken(request.token, (session) => {
    const tag = () => {
      session.cryptoki.call('C_SignInit', session.work, mechanism, findKey(session, 'secret', request.key));
      return session.cryptoki.fill('C_Sign', session.work, request.data, [bytes]);
    };
    return { mac: sameTwice('C_Sign', tag) };
  });
}
