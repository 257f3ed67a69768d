import { createElement, Fragment, type ReactNode } from 'react';
import { Store } from '../lib/store';
import english from './en.json';

// A catalog is a file beside this one, named by its language: a new file is a new language, with nothing to change here.
const catalogs = Object.fromEntries(
  Object.entries(import.meta.glob<Record<string, string>>('./*.json', { eager: true, import: 'default' })).map(
    ([file, catalog]) => [file.replace(/^\.\/|\.json$/g, ''), catalog],
  ),
);

export type Key = keyof typeof english;
type Values = Record<string, string | number>;

/** The nouns that are counted: those with a form for one and a form for others. */
export type Counted = Key extends infer K ? (K extends `${infer Noun}.one` ? Noun : never) : never;

const name = 'affekt.language';

/** The languages that there are, by tag, each in its own words. */
export const languages = Object.entries(catalogs)
  .map(([tag, catalog]) => ({ tag, name: catalog.language ?? tag }))
  .sort((one, other) => one.name.localeCompare(other.name));

/** The first of the wanted languages that there is a catalog for, by its whole tag or its first part; otherwise English. */
export function chooseLanguage(wanted: readonly string[], there: readonly string[]): string {
  for (const one of wanted) {
    const found =
      there.find(tag => tag.toLowerCase() === one.toLowerCase()) ?? there.find(tag => tag === one.split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

const kept = typeof localStorage === 'undefined' ? null : localStorage.getItem(name);
const asked = typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);

export const language = new Store<string>(
  chooseLanguage(kept === null ? asked : [kept, ...asked], Object.keys(catalogs)),
);

export function setLanguage(tag: string): void {
  localStorage.setItem(name, tag);
  language.set(tag);
  applyLanguage();
}

export function applyLanguage(): void {
  document.documentElement.lang = language.get();
  document.documentElement.dir = directionOf(language.get());
}

// Not all browsers tell a language's direction, but all tell its usual script.
const rightToLeft = new Set(['Arab', 'Hebr', 'Thaa', 'Syrc', 'Nkoo', 'Adlm', 'Rohg']);

export function directionOf(tag: string): 'ltr' | 'rtl' {
  return rightToLeft.has(new Intl.Locale(tag).maximize().script ?? '') ? 'rtl' : 'ltr';
}

/** Whether there is a text of a name that comes from elsewhere, such as a problem's code. */
export function isKey(key: string): key is Key {
  return key in english;
}

/** A text in the chosen language, with its {places} filled in; English where the language lacks it. */
export function t(key: Key, values: Values = {}): string {
  return filled(catalogs[language.get()]?.[key] ?? english[key], values);
}

/** A number with its noun, in the form that the language uses for it. */
export function many(noun: Counted, n: number, values: Values = {}): string {
  const form = new Intl.PluralRules(language.get()).select(n) === 'one' ? 'one' : 'other';
  return t(`${noun}.${form}` as Key, { ...values, n: whole(n) });
}

/** A text with elements in its places. */
export function rich(key: Key, parts: Record<string, ReactNode>): ReactNode[] {
  return t(key)
    .split(/(\{\w+\})/)
    .map((part, i) => createElement(Fragment, { key: i }, part.startsWith('{') ? parts[part.slice(1, -1)] : part));
}

export function whole(n: number): string {
  return new Intl.NumberFormat(language.get(), { maximumFractionDigits: 0, useGrouping: Math.abs(n) >= 10_000 }).format(
    n,
  );
}

/** A number with exactly so many digits behind the point. */
export function fixed(n: number, digits: number): string {
  return new Intl.NumberFormat(language.get(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  }).format(n);
}

/** The first letter as a heading's. */
export function capital(text: string): string {
  return text.slice(0, 1).toLocaleUpperCase(language.get()) + text.slice(1);
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, named: string) => String(values[named] ?? place));
}
