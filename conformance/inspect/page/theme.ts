import { setText } from './dom.js';

/** Light or dark colours: those of the reader's system, until a choice on the page, which the browser remembers. */

const key = 'msgctx-theme';

/** Lets a button switch between the two. */
export function followTheme(button: HTMLElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const draw = () => {
    const chosen = localStorage.getItem(key) ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.setAttribute('data-theme', chosen);
    setText(button, chosen === 'dark' ? 'Light' : 'Dark');
    button.setAttribute('aria-label', chosen === 'dark' ? 'Light colours' : 'Dark colours');
  };
  button.addEventListener('click', () => {
    const isDark = document.documentElement.getAttribute('data-theme') === 'dark';
    localStorage.setItem(key, isDark ? 'light' : 'dark');
    draw();
  });
  dark.addEventListener('change', draw);
  draw();
}
