import type { Update } from '../messages.js';
import { Channel } from './channel.js';
import { button, el, setText, visible } from './dom.js';
import { LiveView } from './live-view.js';
import { MachinesView } from './machines-view.js';
import { ProgramsView } from './programs-view.js';
import { ReplayView } from './replay-view.js';
import { routeNow } from './route.js';
import { followTheme } from './theme.js';
import type { View } from './view.js';

/** The page: shows the view that the address names, and hands on what the server sends. */

const place = partOf('view');
const notices = partOf('notices');
const lost = el('p', { class: 'problem', role: 'alert', hidden: '' });
const live = new LiveView((order) => {
  channel.order(order);
});
const programs = new ProgramsView();
const views: Readonly<Record<string, { readonly label: string; readonly view: View }>> = {
  machines: { label: 'Machines', view: new MachinesView() },
  live: { label: 'Live run', view: live },
  replay: { label: 'Replay', view: new ReplayView() },
  programs: { label: 'Programs', view: programs },
};
const links = new Map(
  Object.entries(views).map(([name, { label }]) => [name, el('a', { href: `#/${name}` }, label)]),
);
partOf('views').append(...links.values());
notices.before(lost);
followTheme(partOf('theme'));
partOf('skip').addEventListener('click', () => {
  place.focus();
});

function partOf(id: string): HTMLElement {
  const part = document.getElementById(id);
  if (part === null) throw new Error(`the page has no part "${id}"`);
  return part;
}

async function showRoute(): Promise<void> {
  const { view: name, query } = routeNow();
  // Only own names: `constructor` is not a view.
  const { label, view } = Object.hasOwn(views, name) ? (views[name] ?? {}) : {};
  if (view === undefined || label === undefined) {
    place.replaceChildren(
      el(
        'p',
        { class: 'problem' },
        `There is no view "${visible(name)}"; choose one of those above.`,
      ),
    );
    return;
  }
  for (const [other, link] of links) {
    if (other === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${label} – msgctx inspector`;
  if (view.element.parentElement !== place) place.replaceChildren(view.element);
  await view.show(query);
}

function say(sentence: string): void {
  const notice = el('p', { class: 'notice' }, sentence, ' ');
  notice.append(
    button(
      '×',
      () => {
        notice.remove();
      },
      { 'aria-label': 'Close this notice', class: 'close' },
    ),
  );
  notices.append(notice);
}

function take(update: Update): void {
  live.take(update);
  if (update.events !== undefined) programs.take(update.events);
  for (const sentence of update.notices ?? []) say(sentence);
}

const channel = new Channel(take, (why) => {
  lost.hidden = why === undefined;
  setText(lost, why ?? '');
});
window.addEventListener('hashchange', () => {
  void showRoute();
});
void showRoute();
