/**
 * An element of an XML document, read strictly: what is not well-formed throws. Namespaces, entities of
 * its own and CDATA are not read, because no document of this project has them.
 */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The text directly in the element. */
  readonly text: string;
}

const token =
  /<\?xml [^?]*\?>|<!--(?:(?!--)[\s\S])*-->|<(\/?)([A-Za-z_][\w.-]*)((?:\s+[A-Za-z_:][\w:.-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
const attribute = /([\w:.-]+)="([^"]*)"/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** Reads a document. @throws Error that says where it is not well-formed */
export function parseXml(document: string): Element {
  const root = { name: '', attributes: {}, children: [] as Element[], text: '' };
  const open: { name: string; children: Element[]; text: string }[] = [root];
  token.lastIndex = 0;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const found = token.exec(document);
    if (found === null) throw new Error(`not well-formed: ${document.slice(at, at + 60)}`);
    const [, closes, name = '', given = '', isEmpty, text] = found;
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('more is closed than was opened');
    if (text !== undefined) parent.text += unescaped(text);
    else if (closes === '/') {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`);
      open.pop();
    } else if (name !== '') {
      const attributes = attributesOf(given);
      const element = { name, attributes, children: [], text: '' };
      parent.children.push(element);
      if (isEmpty !== '/') open.push(element);
    }
  }
  const [only, ...others] = root.children;
  if (only === undefined || others.length > 0 || open.length !== 1 || root.text.trim() !== '')
    throw new Error('a document is one element');
  return only;
}

/** An element and all elements within it. */
export function allElements(element: Element): readonly Element[] {
  return [element, ...element.children.flatMap(allElements)];
}

function attributesOf(given: string): Record<string, string> {
  const pairs = [...given.matchAll(attribute)].map(([, key = '', value = '']) => [key, value]);
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`twice in ${given}`);
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replaceAll(/&(\w*);?/g, (whole, name: string) => {
    const char = entities[name];
    if (char === undefined || !whole.endsWith(';')) throw new Error(`unknown entity ${whole}`);
    return char;
  });
}
