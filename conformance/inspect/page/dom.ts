/** Elements. Text of others becomes text nodes and is never read as markup. */

/** What can be put into an element. */
export type Content = Node | string;

/** Makes an element with attributes; a false one is left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number | false>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(key, String(value));
  }
  element.append(...content);
  return element;
}

/** A button with its action. */
export function button(
  label: string,
  act: () => void,
  attributes: Readonly<Record<string, string | false>> = {},
): HTMLButtonElement {
  const made = el('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', act);
  return made;
}

/** A list to choose from, with its label before it. */
export function choice(
  label: string,
  options: readonly string[],
  chosen: string,
  act: (value: string) => void,
): HTMLLabelElement {
  const select = el(
    'select',
    {},
    ...options.map((one) => el('option', { value: one, selected: one === chosen && '' }, one)),
  );
  select.addEventListener('change', () => {
    act(select.value);
  });
  return el('label', { class: 'choice' }, `${label} `, select);
}

const notVisible = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text of others as a short line: controls become escapes, because one of them can reverse the text after it, and the
 * rest beyond the limit is left out.
 */
export function visible(text: string, max = 200): string {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text;
  return cut.replaceAll(notVisible, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Sets a text, if it is another one than before: a screen reader is not to read the same text again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
