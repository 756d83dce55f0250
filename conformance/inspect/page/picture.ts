import { button, el, setText } from './dom.js';
import { loadSvg, Refusal } from './load.js';

/**
 * A picture that the user zooms and moves, with marked states.
 *
 * It moves by dragging and by the arrow keys; its buttons and the keys plus, minus and 0 zoom.
 */

/** The marks in a picture. */
export interface Marks {
  /** The current states. */
  readonly active: readonly string[];
  /** The states on the way to the current ones. */
  readonly passed?: readonly string[];
  /** The state to scroll to if the whole picture would be too small to read. */
  readonly near?: string;
  /** The text at a state: the numbers of the components in it. */
  readonly badges?: ReadonlyMap<string, string>;
}

const zoomStep = 1.25;
const scaleMax = 4;
const scaleUsual = 1.15;
const scaleLegible = 0.85;
const moveStep = 0.1;
const svgNamespace = 'http://www.w3.org/2000/svg';

let count = 0;

/** One picture with its buttons. */
export class Picture {
  readonly element: HTMLElement;
  readonly #stage: HTMLElement;
  readonly #problem: HTMLElement;
  #svg: SVGSVGElement | undefined;
  #path = '';
  #wanted = '';
  #isLoading = false;
  #size = { width: 1, height: 1 };
  /** The middle of the visible part, and its scale. */
  #view = { x: 0, y: 0, scale: 1 };
  /** Whether the user asked for the whole picture. */
  #isWholeWanted = false;
  #marks: Marks = { active: [] };
  #heat: { machine: string; counts: Readonly<Record<string, number>> } | undefined;

  constructor(label: string) {
    const keys = 'Arrow keys move it, plus and minus zoom, 0 shows the whole picture.';
    this.#stage = el('div', {
      ...{ class: 'stage', tabindex: 0, role: 'group' },
      'aria-label': `Picture of ${label}. ${keys}`,
    });
    this.#problem = el('p', { class: 'problem', hidden: '' });
    const zoom = (name: string, words: string, act: () => void) =>
      button(name, act, { 'aria-label': `${words}: ${label}`, title: words });
    const buttons = el(
      'div',
      { class: 'zoom' },
      zoom('+', 'Zoom in', () => {
        this.#zoom(zoomStep);
      }),
      zoom('−', 'Zoom out', () => {
        this.#zoom(1 / zoomStep);
      }),
      zoom('⤢', 'Show the whole picture', () => {
        this.#showAll();
      }),
    );
    this.element = el('figure', { class: 'picture' }, this.#stage, buttons, this.#problem);
    this.#listen();
    new ResizeObserver(() => {
      this.#fit();
      this.#follow();
    }).observe(this.#stage);
  }

  /** Shows the picture at a path. Of several calls while one loads, only the last counts. */
  async show(path: string): Promise<void> {
    this.#wanted = path;
    if (this.#isLoading) return;
    this.#isLoading = true;
    while (this.#wanted !== this.#path) {
      this.#path = this.#wanted;
      await this.#load(this.#path);
    }
    this.#isLoading = false;
  }

  async #load(path: string): Promise<void> {
    try {
      this.#put(await loadSvg(path));
      this.#problem.hidden = true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#svg?.remove();
      this.#svg = undefined;
      setText(this.#problem, error.message);
      this.#problem.hidden = false;
    }
  }

  /** Marks states, and removes the marks before. */
  mark(marks: Marks): void {
    const isElsewhere = marks.near !== this.#marks.near;
    this.#marks = marks;
    this.#drawMarks();
    if (isElsewhere) this.#follow();
  }

  /** Colours arrows and states by how often the run took them. */
  heat(machine: string, counts: Readonly<Record<string, number>>): void {
    this.#heat = { machine, counts };
    this.#drawHeat();
  }

  #put(svg: SVGSVGElement): void {
    count += 1;
    // Names of parts are of the whole page.
    for (const one of svg.querySelectorAll('marker')) one.id = `${one.id}-${count}`;
    for (const one of svg.querySelectorAll('[marker-end]')) {
      const before = one.getAttribute('marker-end') ?? '';
      one.setAttribute('marker-end', before.replace(')', `-${count})`));
    }
    const { width, height } = svg.viewBox.baseVal;
    this.#size = { width, height };
    svg.removeAttribute('width');
    svg.removeAttribute('height');
    this.#svg?.remove();
    this.#svg = svg;
    this.#stage.append(svg);
    this.#isWholeWanted = false;
    this.#fit();
    this.#drawMarks();
    this.#drawHeat();
    this.#follow();
  }

  #drawMarks(): void {
    const svg = this.#svg;
    if (svg === undefined) return;
    const groups = [...svg.querySelectorAll('[data-state]')];
    const names = groups.map((group) => group.getAttribute('data-state') ?? '');
    const active = new Set(this.#marks.active.map((name) => among(names, name)));
    const passed = new Set((this.#marks.passed ?? []).map((name) => among(names, name)));
    for (const badge of svg.querySelectorAll('.badge')) badge.remove();
    groups.forEach((group, nth) => {
      const name = names[nth] ?? '';
      group.classList.toggle('active', active.has(name));
      group.classList.toggle('passed', passed.has(name));
      const badge = this.#marks.badges?.get(name);
      const box = group.querySelector('rect');
      if (badge !== undefined && box !== null) group.append(badgeAt(box, badge));
    });
  }

  #drawHeat(): void {
    if (this.#svg === undefined || this.#heat === undefined) return;
    const { machine, counts } = this.#heat;
    const arrows = [...this.#svg.querySelectorAll('[data-from]')];
    const into = new Map<string, number>();
    const hits = arrows.map((arrow) => {
      const hit = hitsOf(arrow, machine, counts);
      const to = arrow.getAttribute('data-to') ?? '';
      into.set(to, (into.get(to) ?? 0) + (hit ?? 0));
      return hit;
    });
    const most = Math.max(1, ...Object.values(counts));
    arrows.forEach((arrow, nth) => {
      // A transition without an event is taken as often as its state is entered.
      const hit = hits[nth] ?? into.get(arrow.getAttribute('data-from') ?? '') ?? 0;
      setHeat(arrow, hit, most);
    });
    for (const group of this.#svg.querySelectorAll('[data-state]')) {
      setHeat(group, into.get(group.getAttribute('data-state') ?? '') ?? 0, most);
    }
  }

  #listen(): void {
    const stage = this.#stage;
    let from: { x: number; y: number } | undefined;
    stage.addEventListener('pointerdown', (event) => {
      from = { x: event.clientX, y: event.clientY };
      stage.setPointerCapture(event.pointerId);
    });
    stage.addEventListener('pointermove', (event) => {
      if (from === undefined) return;
      this.#move(
        (from.x - event.clientX) / this.#view.scale,
        (from.y - event.clientY) / this.#view.scale,
      );
      from = { x: event.clientX, y: event.clientY };
    });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      stage.addEventListener(end, () => {
        from = undefined;
      });
    }
    stage.addEventListener(
      'wheel',
      (event) => {
        // The wheel zooms only with the key, which a pinch on a touchpad sends too; otherwise it scrolls the page.
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.#zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
      },
      { passive: false },
    );
    stage.addEventListener('keydown', (event) => {
      if (this.#key(event.key)) event.preventDefault();
    });
  }

  #key(key: string): boolean {
    const { clientWidth, clientHeight } = this.#stage;
    const [x, y] = [
      (clientWidth * moveStep) / this.#view.scale,
      (clientHeight * moveStep) / this.#view.scale,
    ];
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => {
        this.#zoom(zoomStep);
      },
      '=': () => {
        this.#zoom(zoomStep);
      },
      '-': () => {
        this.#zoom(1 / zoomStep);
      },
      '0': () => {
        this.#showAll();
      },
      ArrowLeft: () => {
        this.#move(-x, 0);
      },
      ArrowRight: () => {
        this.#move(x, 0);
      },
      ArrowUp: () => {
        this.#move(0, -y);
      },
      ArrowDown: () => {
        this.#move(0, y);
      },
    };
    const act = Object.hasOwn(acts, key) ? acts[key] : undefined;
    act?.();
    return act !== undefined;
  }

  #zoom(by: number): void {
    this.#isWholeWanted = false;
    const scale = Math.min(scaleMax, Math.max(this.#whole() / 2, this.#view.scale * by));
    this.#view = { ...this.#view, scale };
    this.#apply();
  }

  #move(x: number, y: number): void {
    this.#view = { ...this.#view, x: this.#view.x + x, y: this.#view.y + y };
    this.#apply();
  }

  /** The scale at which the whole picture fits. */
  #whole(): number {
    const { clientWidth, clientHeight } = this.#stage;
    const { width, height } = this.#size;
    return Math.min(clientWidth / width, clientHeight / height) || 1;
  }

  #fit(): void {
    const { width, height } = this.#size;
    this.#view = { x: width / 2, y: height / 2, scale: Math.min(this.#whole(), scaleUsual) };
    this.#apply();
  }

  #showAll(): void {
    this.#isWholeWanted = true;
    this.#fit();
  }

  /** Scrolls to the state of interest, at the current scale or at one that is large enough to read. */
  #follow(): void {
    const { near = '' } = this.#marks;
    const box = this.#svg?.querySelector<SVGRectElement>(`[data-state="${CSS.escape(near)}"] rect`);
    const whole = this.#whole();
    const isAll = this.#view.scale <= whole;
    if (box == null || this.#isWholeWanted || (isAll && whole >= scaleLegible)) return;
    const scale = isAll ? scaleLegible : this.#view.scale;
    const { clientWidth, clientHeight } = this.#stage;
    const { x, y, width, height } = box.getBBox();
    this.#view = {
      x: within(x + width / 2, clientWidth / scale / 2, this.#size.width),
      y: within(y + height / 2, clientHeight / scale / 2, this.#size.height),
      scale,
    };
    this.#apply();
  }

  #apply(): void {
    const { clientWidth, clientHeight } = this.#stage;
    const { x, y, scale } = this.#view;
    const [width, height] = [clientWidth / scale, clientHeight / scale];
    this.#svg?.setAttribute('viewBox', `${x - width / 2} ${y - height / 2} ${width} ${height}`);
  }
}

/** The middle of the visible part, moved so that no empty space shows while there is more picture. */
function within(middle: number, half: number, size: number): number {
  return half * 2 >= size ? size / 2 : Math.min(size - half, Math.max(half, middle));
}

/** The name in the picture, where the name of an outermost state may precede it. */
function among(names: readonly string[], name: string): string {
  if (names.includes(name)) return name;
  const inner = names.filter((one) => one.endsWith(`.${name}`));
  return inner.sort((one, other) => one.length - other.length)[0] ?? name;
}

/** How often an arrow was taken; undefined if it has no event and no count. */
function hitsOf(
  arrow: Element,
  machine: string,
  counts: Readonly<Record<string, number>>,
): number | undefined {
  const from = arrow.getAttribute('data-from') ?? '';
  const to = arrow.getAttribute('data-to') ?? '';
  const labels = [...arrow.querySelectorAll('[data-event]')];
  const events = [...new Set(labels.map((label) => label.getAttribute('data-event') ?? ''))];
  if (events.every((event) => event === '')) return counts[`${machine} ${from}>${to}`];
  let sum = 0;
  for (const [name, hits] of Object.entries(counts)) {
    const [kind, state = '', event = ''] = name.split(' ');
    const isHere = state === from || state.startsWith(`${from}.`);
    if (kind === machine && isHere && events.includes(event)) sum += hits;
  }
  return sum;
}

/** Four grades on a logarithmic scale, so that one time shows as well as a thousand. */
function setHeat(element: Element, hits: number, most: number): void {
  const grade = hits === 0 ? 0 : 1 + Math.round((3 * Math.log(hits)) / Math.log(Math.max(2, most)));
  element.setAttribute('data-heat', String(Math.min(4, grade)));
}

function badgeAt(box: SVGRectElement, words: string): SVGGElement {
  const group = document.createElementNS(svgNamespace, 'g');
  group.setAttribute('class', 'badge');
  const width = 8 + words.length * 7.4;
  const { x, y, width: boxWidth } = box.getBBox();
  const ground = document.createElementNS(svgNamespace, 'rect');
  const place = { x: x + boxWidth - width + 8, y: y - 9, width, height: 17, rx: 8 };
  for (const [name, value] of Object.entries(place)) ground.setAttribute(name, String(value));
  const text = document.createElementNS(svgNamespace, 'text');
  text.setAttribute('x', String(place.x + width / 2));
  text.setAttribute('y', String(y + 4));
  text.setAttribute('text-anchor', 'middle');
  text.textContent = words;
  group.append(ground, text);
  return group;
}
