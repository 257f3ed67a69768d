import { fixed, many } from '../i18n';

/** Minutes, seconds and tenths, with hours where there are any: the report's way. */
export function clock(ms: number): string {
  const tenths = Math.floor(Math.max(0, ms) / 100);
  const hours = Math.floor(tenths / 36000);
  const minutes = Math.floor(tenths / 600) % 60;
  const rest = `${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Whole seconds, for the marks of an axis. */
export function shortClock(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

export function percent(share: number, digits = 0): string {
  return `${fixed(100 * share, digits)}\u202f%`;
}

export function signed(share: number): string {
  const shown = Math.round(1000 * Math.abs(share)) / 10;
  return shown === 0 ? fixed(0, 1) : `${share < 0 ? '−' : '+'}${fixed(shown, 1)}`;
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let left = count;
  while (left >= 1024 && at < units.length - 1) {
    left /= 1024;
    at++;
  }
  const isWhole = at === 0 || left >= 100 || Math.round(10 * left) % 10 === 0;
  return `${fixed(left, isWhole ? 0 : 1)}\u00a0${units[at]}`;
}

/** A length of time as people say it. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return unit('second', ms / 1000);
  if (ms < 7_200_000) return unit('minute', ms / 60_000);
  if (ms < 172_800_000) return unit('hour', ms / 3_600_000);
  return unit('day', ms / 86_400_000);
}

/** "3 utterances", in the chosen language. */
export function count(number: number, what: 'utterance' | 'recording' | 'transcript' | 'emotion' | 'face'): string {
  return many(`unit.${what}`, number);
}

function unit(what: 'second' | 'minute' | 'hour' | 'day', number: number): string {
  return many(`unit.${what}`, Math.round(number));
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
