import { isKey, t } from '../i18n';
import type { Problem } from './types';

/** What went wrong: in words for the person at the page, and what the server said of it. */
export interface Trouble {
  text: string;
  /** Found, expected, where; null where that is no more than the text says. */
  detail: string | null;
}

export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    /** After how long another try makes sense, in ms; null where the server did not say. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(sentence(problem));
    this.name = 'ProblemError';
  }
}

/** What a problem means and what to do, in the page's words where its code is known, otherwise in the server's. */
export function sentence(problem: Problem): string {
  const key = `problem.${problem.code}`;
  if (isKey(key)) return t(key);
  return (
    problem.detail ??
    problem.title ??
    (problem.status ? t('problem.status', { status: problem.status }) : t('problem.unknown'))
  );
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ProblemError) return troubleIn(error.problem);
  return { text: messageOf(error), detail: null };
}

export function troubleIn(problem: Problem): Trouble {
  const text = sentence(problem);
  return { text, detail: problem.detail && problem.detail !== text ? problem.detail : null };
}

export function unreachable(): ProblemError {
  return new ProblemError({ code: 'unreachable' });
}

/** An answer's body as a problem; what is no JSON, such as a proxy's page, is not shown. */
export function problemOf(status: number, body: string): Problem {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed !== null && typeof parsed === 'object') return { status, ...parsed };
  } catch {
    // Not ours, then; the status says enough.
  }
  return { status };
}

/** Retry-After: seconds or a date. */
export function retryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
