/** Keys as objects: found, made, destroyed; and the certificates beside them. */
import { ObjectClass } from 'graphene-pk11';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { keyClasses } from '../../pkcs11-wire/keyShapes.ts';
import { maxCertificateBytes, maxCertificates } from '../../pkcs11-wire/limits.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { asBuffer, malformed } from '../cryptoki.ts';
import type { Host } from '../host.ts';
import { describeKey, idOf, labelOf } from '../keyFacts.ts';
import { findAll, findHandles, handlesNamed } from '../keyObjects.ts';
import { eachAlive } from '../signOfLife.ts';
import type { Done } from '../signOfLife.ts';
import type { TokenSession } from '../tokenSession.ts';

export function find(request: RequestOf<'find'>, host: Host, done: Done): Promise<ReplyOf<'find'>> {
  const { token, class: wanted, ...query } = request;
  const classes = wanted === undefined ? keyClasses : [wanted];
  return host.onToken(token, async (session) => {
    const found = classes.flatMap((cls) => findHandles(session, { class: cls, ...query }).map((handle) => ({ cls, handle })));
    return { keys: await eachAlive(found, done, ({ cls, handle }) => describeKey(session, cls, handle)) };
  });
}

/** A certificate longer than any true one is left out: it is nobody's key, and what it would say is not needed. */
export function certificates(request: RequestOf<'certificates'>, host: Host, done: Done): Promise<ReplyOf<'certificates'>> {
  return host.onToken(request.token, async (session) => {
    const handles = findAll(session, { class: ObjectClass.CERTIFICATE });
    if (handles.length > maxCertificates) throw malformed(`${handles.length} certificates, expected at most ${maxCertificates}`);
    const read = await eachAlive(handles, done, (handle) => {
      const der = session.attributes.bytes(handle, 'value', maxCertificateBytes);
      return der === undefined || der.length === 0 ? [] : [{ id: idOf(session, handle), label: labelOf(session, handle), der }];
    });
    return { certificates: read.flat() };
  });
}

type DestroyRequest = RequestOf<'destroy'>;

/** One object, or none. SECURITY: destruction takes what was named; where the name is not unique, nothing goes. @throws `token-ambiguous` */
function onlyOne(handles: readonly Buffer[], what: string): readonly Buffer[] {
  if (handles.length > 1) throw new StrongroomError('token-ambiguous', `${handles.length} ${what} on the token share this CKA_ID or label`);
  return handles;
}

/** A certificate is named by its very bytes: renewed ones share their CKA_ID. Equal copies go together. */
function certificatesOf(session: TokenSession, der: Uint8Array): readonly Buffer[] {
  return findAll(session, { class: ObjectClass.CERTIFICATE, value: asBuffer(der) });
}

function objectsOf(session: TokenSession, { key, class: cls, halves, certificates: ders }: DestroyRequest): { readonly own: readonly Buffer[]; readonly all: readonly Buffer[] } {
  const own = onlyOne(handlesNamed(session, cls, key), `${cls} keys`);
  const others = halves.flatMap((half) => onlyOne(handlesNamed(session, 'public', half), 'public keys'));
  return { own, all: [...own, ...others, ...ders.flatMap((der) => certificatesOf(session, der))] };
}

export function destroy(request: DestroyRequest, host: Host): Promise<ReplyOf<'destroy'>> {
  return host.onToken(request.token, (session) => {
    const { own, all } = objectsOf(session, request);
    if (own.length === 0) throw new StrongroomError('token-key-missing', `the token has no ${request.class} key with this CKA_ID or label`);
    for (const object of all) session.cryptoki.call('C_DestroyObject', session.work, object);
    session.handles.clear();
    return { destroyed: all.length, remaining: objectsOf(session, request).all.length };
  });
}
