/** Elements, made without any text that is read as markup. */

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

/** A button that does something. */
export function button(
  label: string,
  act: () => void,
  attributes: Readonly<Record<string, string | false>> = {},
): HTMLButtonElement {
  const made = el('button', { type: 'button', ...attributes }, label);
  made.addEventListener('click', act);
  return made;
}

/** A choice among words, with its label before it. */
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

/** A text that may have become another one; what did not change is left alone. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
