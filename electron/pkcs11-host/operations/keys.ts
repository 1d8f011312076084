/** Keys as objects: found, made, destroyed. */
import pkcs11 from 'pkcs11js';
import { KeyType } from 'graphene-pk11';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { keyClasses } from '../../pkcs11-wire/messages.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import type { Host } from '../host.ts';
import { assertUnused, describeKey, findHandles, templateOf } from '../keyObjects.ts';
import { eachAlive } from '../signOfLife.ts';
import type { Done } from '../signOfLife.ts';
import type { TokenSession } from '../tokenSession.ts';

/** F4, as everybody uses it (SP 800-56B §6.2: odd, above 2^16). */
const publicExponent = Buffer.from([1, 0, 1]);

export function find(request: RequestOf<'find'>, host: Host, done: Done): Promise<ReplyOf<'find'>> {
  const { token, class: wanted, ...query } = request;
  const classes = wanted === undefined ? keyClasses : [wanted];
  return host.onToken(token, async (session) => {
    const found = classes.flatMap((cls) => findHandles(session, { class: cls, ...query }).map((handle) => ({ cls, handle })));
    return { keys: await eachAlive(found, done, ({ cls, handle }) => describeKey(session, cls, handle)) };
  });
}

export function generateSecret(request: RequestOf<'generateSecret'>, host: Host): Promise<ReplyOf<'generateSecret'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.template.id, request.template.label);
    const template = templateOf('secret', request.template, { keyType: KeyType.AES, valueLen: request.bytes });
    const handle = session.cryptoki.call('C_GenerateKey', session.work, { mechanism: pkcs11.CKM_AES_KEY_GEN }, template);
    return describeKey(session, 'secret', handle);
  });
}

export function generatePair(request: RequestOf<'generatePair'>, host: Host): Promise<ReplyOf<'generatePair'>> {
  return host.onToken(request.token, (session) => {
    assertUnused(session, request.privateTemplate.id, request.privateTemplate.label);
    const publicTemplate = templateOf('public', request.publicTemplate, { keyType: KeyType.RSA, modulusBits: request.bits, publicExponent });
    const privateTemplate = templateOf('private', request.privateTemplate, { keyType: KeyType.RSA });
    const mechanism = { mechanism: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN };
    const pair = session.cryptoki.call('C_GenerateKeyPair', session.work, mechanism, publicTemplate, privateTemplate);
    return { privateKey: describeKey(session, 'private', pair.privateKey), publicKey: describeKey(session, 'public', pair.publicKey) };
  });
}

type DestroyRequest = RequestOf<'destroy'>;

/** The object of a secret key, or the halves of a pair. */
function objectsOf(session: TokenSession, { id, class: cls }: DestroyRequest): readonly Buffer[] {
  const classes = cls === 'secret' ? (['secret'] as const) : (['private', 'public'] as const);
  return classes.flatMap((half) => {
    const handles = findHandles(session, { class: half, id });
    // SECURITY: destruction takes one key; where the name is not unique, nothing goes
    if (handles.length > 1) throw new StrongroomError('token-ambiguous', `${handles.length} ${half} keys on the token share this CKA_ID`);
    return handles;
  });
}

export function destroy(request: DestroyRequest, host: Host): Promise<ReplyOf<'destroy'>> {
  return host.onToken(request.token, (session) => {
    const objects = objectsOf(session, request);
    if (objects.length === 0) throw new StrongroomError('token-key-missing', `the token has no ${request.class} key with this CKA_ID`);
    for (const object of objects) session.cryptoki.call('C_DestroyObject', session.work, object);
    session.handles.clear();
    return { destroyed: objects.length, remaining: objectsOf(session, request).length };
  });
}
