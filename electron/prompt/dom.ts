/** Elements from plain values: text is text, and nothing that was given becomes markup. */
export type Child = Node | string | undefined;

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string>> = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== undefined)); // SECURITY: `append` makes text of text
  return made;
}
