/** A password as it was typed, in the encodings that formats want: UTF-8, and the BMPString of PKCS#12. Nothing is normalised. */
import { malformed } from '../../crypto/malformed.ts';
import { SecretBytes } from '../../crypto/secretBytes.ts';
import type { KeyFileQuestions, PasswordQuestion } from './keyFileEntry.ts';

/** How many bytes follow the first of a character, RFC 3629 §3. */
function following(first: number): number {
  if (first < 0x80) return 0;
  if (first >= 0xc2 && first < 0xe0) return 1;
  if (first >= 0xe0 && first < 0xf0) return 2;
  return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

function notUtf8(): Error {
  return malformed('the password expected UTF-8, got other bytes', { nextStep: 'type the password, or give it in UTF-8' });
}

/** UTF-16, big-endian, with two zero bytes behind it: RFC 7292 appendix B.1. The caller owns the result. @throws `input-malformed` */
function utf16Of(utf8: Uint8Array): Uint8Array {
  const wide = new Uint8Array(2 * utf8.length + 2);
  let length = 0;
  const put = (unit: number) => {
    wide[length++] = unit >> 8;
    wide[length++] = unit & 0xff;
  };
  for (let index = 0; index < utf8.length; ) {
    const first = utf8[index++] ?? 0;
    const more = following(first);
    if (more < 0) throw notUtf8();
    let point = more === 0 ? first : first & (0x3f >> more);
    for (let step = 0; step < more; step++) {
      const next = utf8[index++] ?? 0;
      if ((next & 0xc0) !== 0x80) throw notUtf8();
      point = (point << 6) | (next & 0x3f);
    }
    if (point < 0x1_0000) put(point);
    else {
      put(0xd800 + ((point - 0x1_0000) >> 10));
      put(0xdc00 + ((point - 0x1_0000) & 0x3ff));
    }
  }
  put(0);
  const exact = wide.slice(0, length);
  wide.fill(0); // SECURITY: a copy of the password
  return exact;
}

export class TypedPassword {
  readonly #typed: SecretBytes;
  readonly #wide: SecretBytes[] = [];

  /** Takes ownership of `typed`. */
  constructor(typed: SecretBytes) {
    this.#typed = typed;
  }

  get utf8(): Uint8Array {
    return this.#typed.expose();
  }

  get hasAccents(): boolean {
    return this.utf8.some((byte) => byte >= 0x80);
  }

  /** BMPString; the empty password has two forms, two zero bytes and no byte at all: writers differ. @throws `input-malformed` */
  bmpForms(): readonly Uint8Array[] {
    if (this.#wide.length === 0) this.#wide.push(SecretBytes.own(utf16Of(this.utf8)));
    const forms = this.#wide.map((form) => form.expose());
    return this.utf8.length === 0 ? [...forms, new Uint8Array(0)] : forms;
  }

  wipe(): void {
    for (const secret of [this.#typed, ...this.#wide]) secret.wipe(); // SECURITY: a password lives as long as the file is read
  }
}

/** Asks, lends the password to `use`, and wipes it whatever happens. */
export async function withPassword<T>(ask: KeyFileQuestions, question: PasswordQuestion, use: (password: TypedPassword) => Promise<T>): Promise<T> {
  const password = new TypedPassword(await ask.password(question));
  try {
    return await use(password);
  } finally {
    password.wipe();
  }
}
