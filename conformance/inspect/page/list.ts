import { el } from './dom.js';

/**
 * A list of any length. Only the rows in sight exist as elements.
 *
 * All rows have the same height. A click or the keys choose one row; a screen reader reads its place in the list.
 */

/** The rows of a list. */
export interface Rows {
  readonly count: number;
  /** Fills a row; the row is used again for others. */
  readonly fill: (row: HTMLElement, nth: number) => void;
}

const rowHeight = 24;
const rowsBeyond = 8;
/** Browsers can scroll no further than some millions of pixels. */
const heightMax = 8_000_000;

let count = 0;

/** One such list. */
export class VirtualList {
  readonly element: HTMLElement;
  readonly #inner: HTMLElement;
  readonly #choose: (nth: number) => void;
  readonly #id: string;
  #rows: Rows = { count: 0, fill: () => undefined };
  #chosen = -1;
  #first = -1;
  #isAsked = false;

  constructor(label: string, choose: (nth: number) => void) {
    count += 1;
    this.#id = `list-${count}`;
    this.#choose = choose;
    this.#inner = el('div', { class: 'rows', role: 'presentation' });
    this.element = el(
      'div',
      { class: 'list', role: 'listbox', tabindex: 0, 'aria-label': label },
      this.#inner,
    );
    this.element.addEventListener('scroll', () => {
      this.#ask();
    });
    this.element.addEventListener('keydown', (event) => {
      if (this.#key(event.key)) event.preventDefault();
    });
    new ResizeObserver(() => {
      this.#ask();
    }).observe(this.element);
  }

  /** Shows other rows, or more of them; scrolls to the chosen one. */
  show(rows: Rows, chosen: number): void {
    const isMoved = chosen !== this.#chosen;
    this.#rows = rows;
    this.#chosen = chosen;
    const height = Math.min(heightMax, rows.count * rowHeight);
    this.#inner.style.height = `${height}px`;
    if (isMoved) this.#bringIntoSight();
    this.#ask();
  }

  /** Draws at the next frame, once even if it is called several times. */
  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#draw();
    });
  }

  /** Rows per pixel of the scroll bar, if there are more rows than a browser can scroll. */
  get #stretch(): number {
    return Math.max(1, (this.#rows.count * rowHeight) / heightMax);
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.element;
    const top = scrollTop * this.#stretch;
    const first = Math.max(0, Math.floor(top / rowHeight) - rowsBeyond);
    const last = Math.min(
      this.#rows.count,
      Math.ceil((top + clientHeight) / rowHeight) + rowsBeyond,
    );
    this.#first = first;
    while (this.#inner.childElementCount < last - first) {
      const row = el('div', { class: 'row', role: 'option' });
      row.addEventListener('click', () => {
        this.#choose(this.#first + [...this.#inner.children].indexOf(row));
      });
      this.#inner.append(row);
    }
    [...this.#inner.children].forEach((row, place) => {
      // Every child is a row that was made above.
      if (!(row instanceof HTMLElement)) return;
      const nth = first + place;
      row.hidden = nth >= last;
      if (row.hidden) {
        row.removeAttribute('id');
        return;
      }
      row.id = `${this.#id}-${nth}`;
      row.style.transform = `translateY(${nth * rowHeight - top + scrollTop}px)`;
      row.setAttribute('aria-setsize', String(this.#rows.count));
      row.setAttribute('aria-posinset', String(nth + 1));
      row.setAttribute('aria-selected', String(nth === this.#chosen));
      this.#rows.fill(row, nth);
    });
    const isSeen = this.#chosen >= first && this.#chosen < last;
    if (isSeen) this.element.setAttribute('aria-activedescendant', `${this.#id}-${this.#chosen}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  #bringIntoSight(): void {
    if (this.#chosen < 0) return;
    const { scrollTop, clientHeight } = this.element;
    const top = (this.#chosen * rowHeight) / this.#stretch;
    const isAbove = top < scrollTop;
    const isBelow = top + rowHeight > scrollTop + clientHeight;
    if (isAbove) this.element.scrollTop = top;
    else if (isBelow) this.element.scrollTop = top + rowHeight - clientHeight;
  }

  #key(key: string): boolean {
    const last = this.#rows.count - 1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: this.#chosen - 1,
      ArrowDown: this.#chosen + 1,
      PageUp: this.#chosen - page,
      PageDown: this.#chosen + page,
      Home: 0,
      End: last,
    };
    const to = Object.hasOwn(steps, key) ? steps[key] : undefined;
    if (to === undefined || last < 0) return false;
    this.#choose(Math.min(last, Math.max(0, to)));
    return true;
  }
}
