import { setText } from './dom.js';

/** Light or dark: as the reader's system has it, until he chooses, which is remembered. */

const key = 'msgctx-theme';

/** Lets a button change between the two. */
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
