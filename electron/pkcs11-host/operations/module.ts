/** The module itself: loading it as pinned, and what it says of its tokens. */
import pkcs11 from 'pkcs11js';
import type { MechanismInfo } from 'pkcs11js';
import { Module } from 'graphene-pk11';
import { StrongroomError } from '../../../shared/errors/strongroomError.ts';
import { maxMechanisms } from '../../pkcs11-wire/limits.ts';
import type { ReplyOf, RequestOf } from '../../pkcs11-wire/messages.ts';
import { CkrError, Cryptoki, malformed } from '../cryptoki.ts';
import { ckr } from '../ckr.ts';
import type { Host } from '../host.ts';
import { assertPinned } from '../moduleFile.ts';
import { findToken, findTokens, printable } from '../slots.ts';

function load(path: string): Cryptoki {
  try {
    return new Cryptoki(Module.load(path).lib);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : '';
    throw new StrongroomError('module-load-failed', `the module cannot be loaded: ${printable(reason).slice(0, 300)}`);
  }
}

/** @returns whether the module locks its own state, and so may be called by several threads */
function initialize(cryptoki: Cryptoki, libraryParameters: string | undefined): boolean {
  // The binding cuts the last character of the parameters, so it is given one to cut.
  const reserved = libraryParameters === undefined ? {} : { libraryParameters: `${libraryParameters} ` };
  try {
    cryptoki.call('C_Initialize', { flags: pkcs11.CKF_OS_LOCKING_OK, ...reserved });
    return true;
  } catch (error) {
    if (!(error instanceof CkrError && error.is(ckr.cantLock))) throw error;
    cryptoki.call('C_Initialize', { flags: 0, ...reserved }); // one thread calls then
    return false;
  }
}

export function open(request: RequestOf<'open'>, host: Host): ReplyOf<'open'> {
  if (host.isOpen) throw new StrongroomError('request-invalid', 'the module is open already');
  assertPinned(request);
  const cryptoki = load(request.path);
  host.opened(cryptoki);
  host.locks = initialize(cryptoki, request.libraryParameters);
  const info = cryptoki.call('C_GetInfo');
  return {
    cryptoki: `${info.cryptokiVersion.major}.${info.cryptokiVersion.minor}`,
    manufacturer: printable(info.manufacturerID),
    description: printable(info.libraryDescription),
    version: `${info.libraryVersion.major}.${info.libraryVersion.minor}`,
  };
}

export function close(_request: RequestOf<'close'>, host: Host): ReplyOf<'close'> {
  host.closeSessions();
  host.cryptoki.call('C_Finalize');
  return {};
}

export function tokens(_request: RequestOf<'tokens'>, host: Host): ReplyOf<'tokens'> {
  return { tokens: findTokens(host.cryptoki).map(({ facts }) => facts) };
}

export function mechanisms(request: RequestOf<'mechanisms'>, host: Host): ReplyOf<'mechanisms'> {
  const { slot } = findToken(host.cryptoki, request.token);
  const types = host.cryptoki.call('C_GetMechanismList', slot);
  if (types.length > maxMechanisms) throw malformed(`${types.length} mechanisms, expected at most ${maxMechanisms}`);
  return {
    mechanisms: types.flatMap((type) => {
      const info = mechanismInfo(host.cryptoki, slot, type);
      return info === undefined ? [] : [{ type, minKeySize: info.minKeySize, maxKeySize: info.maxKeySize, flags: info.flags }];
    }),
  };
}

/** SECURITY: what the module itself does not know is left out: a number from behind the end of its list is foreign memory and must not leave. */
function mechanismInfo(cryptoki: Cryptoki, slot: Buffer, type: number): MechanismInfo | undefined {
  try {
    return cryptoki.call('C_GetMechanismInfo', slot, type);
  } catch (error) {
    if (error instanceof CkrError) return undefined;
    throw error;
  }
}
