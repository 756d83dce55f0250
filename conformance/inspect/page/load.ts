/** Loads data and pictures. The browser itself parses a picture; the page never turns text into markup. */

/** The server's sentence that says what is not possible. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Data. @throws Refusal with the server's sentence */
export async function loadJson(path: string): Promise<unknown> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Refusal(await answer.text());
  return answer.json();
}

/** A picture, ready to be put into the page. @throws Refusal with the server's sentence */
export async function loadSvg(path: string): Promise<SVGSVGElement> {
  const asked = new XMLHttpRequest();
  asked.open('GET', path);
  asked.responseType = 'document';
  await new Promise((resolve) => {
    asked.addEventListener('loadend', resolve);
    asked.send();
  });
  const root = asked.responseXML?.documentElement;
  if (asked.status !== 200 || !(root instanceof SVGSVGElement)) {
    const { ok, text } = await fetch(path).then(async (answer) => ({
      ok: answer.ok,
      text: await answer.text(),
    }));
    throw new Refusal(ok ? 'the browser cannot read this picture' : text);
  }
  return document.importNode(root, true);
}
