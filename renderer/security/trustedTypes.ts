/** The first import of the window: no string becomes markup. Style sheets, which a package writes as text, are let through; anything with a `<` is not. */
import { styleNonce } from '../../shared/ipc/styleNonce.ts';

interface Factory {
  createPolicy(name: string, rules: { createHTML(text: string): string }): unknown;
}

const { trustedTypes } = globalThis as unknown as { trustedTypes?: Factory };

trustedTypes?.createPolicy('default', {
  createHTML: (text) => {
    if (text.includes('<')) throw new TypeError('markup from text is refused'); // SECURITY: a name of a key is never markup
    return text;
  },
});

// Packages that write style elements by themselves look for their nonce here.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce;
