import { Store } from '../lib/store';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const name = 'affekt.theme';

export const theme = new Store<Theme>(themes.find(one => one === localStorage.getItem(name)) ?? 'system');

/** Grows whenever the colors change, for what is drawn rather than styled. */
export const paint = new Store(0);

export function setTheme(value: Theme): void {
  localStorage.setItem(name, value);
  theme.set(value);
  applyTheme();
}

export function applyTheme(): void {
  const value = theme.get();
  if (value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
  paint.set(paint.get() + 1);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => paint.set(paint.get() + 1));
