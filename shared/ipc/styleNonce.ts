/** What style elements of the window carry, and its policy lets through. The page is made by us and by nobody else, so that it need not be a secret. */
export const styleNonce = 'c3Ryb25ncm9vbQ';
