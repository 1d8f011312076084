/** A button with a name on it: a long name goes on in a second line, and the buttons beside it keep their width. */
export const named = { className: 'named', h: 'auto', mih: 32, py: 5 } as const;
