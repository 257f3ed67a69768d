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
  return `${(100 * share).toFixed(digits)}\u202f%`;
}

export function signed(share: number): string {
  const text = (100 * Math.abs(share)).toFixed(1);
  return text === '0.0' ? text : `${share < 0 ? '−' : '+'}${text}`;
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let left = count;
  while (left >= 1024 && at < units.length - 1) {
    left /= 1024;
    at++;
  }
  return `${at === 0 || left >= 100 ? Math.round(left) : Number(left.toFixed(1))} ${units[at]}`;
}

/** A length of time as people say it. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return count(Math.round(ms / 1000), 'second');
  if (ms < 7_200_000) return count(Math.round(ms / 60_000), 'minute');
  if (ms < 172_800_000) return count(Math.round(ms / 3_600_000), 'hour');
  return count(Math.round(ms / 86_400_000), 'day');
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
