/** A WebCrypto that notes what is asked of it: libraries that are loaded afterwards find this one. */

/** `importKey HMAC/SHA-256`: the method, then each algorithm among its arguments with its hash and curve. */
export type Recorded = string;

const subtleMethods = new Set(['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits', 'importKey', 'exportKey', 'wrapKey', 'unwrapKey', 'encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits']);
const keyFormats = new Set(['raw', 'raw-secret', 'raw-public', 'raw-seed', 'pkcs8', 'spki', 'jwk']);

function nameOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return keyFormats.has(argument) ? undefined : argument;
  const { name, hash, namedCurve } = (argument ?? {}) as { name?: unknown; hash?: unknown; namedCurve?: unknown };
  if (typeof name !== 'string' || argument instanceof CryptoKey) return undefined;
  return [name, typeof hash === 'string' ? hash : (hash as { name?: string } | undefined)?.name, namedCurve].filter((part) => part !== undefined).join('/');
}

function describeCall(method: string, args: readonly unknown[]): Recorded {
  return [method, ...args.map(nameOf).filter((name) => name !== undefined)].join(' ');
}

/** What `subtle` gives when it is asked for a method: the real one, with a note. */
function watching<T extends object>(real: T, onCall: (method: string, args: readonly unknown[]) => void, replace: Readonly<Record<string, object>> = {}): T {
  return new Proxy(real, {
    get: (target, key) => {
      if (typeof key === 'string' && replace[key] !== undefined) return replace[key];
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        onCall(String(key), args);
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
}

export interface Recording {
  readonly calls: ReadonlySet<Recorded>;
  stop(): void;
}

/** Puts itself in the place of `globalThis.crypto` until `stop`. */
export function recordWebCrypto(): Recording {
  const calls = new Set<Recorded>();
  const real = globalThis.crypto;
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  const subtle = watching(real.subtle, (method, args) => {
    if (!subtleMethods.has(method)) throw new Error(`WebCrypto has no method "${method}" that this recorder knows`);
    calls.add(describeCall(method, args));
  });
  const crypto = watching(real, (method) => calls.add(method), { subtle });
  Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
  return {
    calls,
    stop: () => {
      if (descriptor !== undefined) Object.defineProperty(globalThis, 'crypto', descriptor);
    },
  };
}
