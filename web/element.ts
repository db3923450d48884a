/** @returns an element of the page by its id. @throws Error where there is none such */
export function element(id: string): HTMLElement;
export function element<E extends HTMLElement>(id: string, kind: new () => E): E;
export function element(id: string, kind: new () => HTMLElement = HTMLElement): HTMLElement {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no #${id}.`);
}

/** Says something where it was not said yet: what is read aloud is not read twice. */
export function say(id: string, text: string): void {
  const where = element(id);
  if (where.textContent !== text) where.textContent = text;
}
