import type { Problem } from './types';

/** What went wrong, in words for the person at the page. */
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

export function sentence(problem: Problem): string {
  return (
    problem.detail ??
    problem.title ??
    (problem.status ? `The server answered ${problem.status}.` : 'Something went wrong.')
  );
}

export function unreachable(): ProblemError {
  return new ProblemError({
    title: 'The server does not answer',
    detail: 'The server does not answer. Is “affekt serve” still running?',
    code: 'unreachable',
  });
}

/** An answer's body as a problem; what is no JSON, such as a proxy's page, is not shown. */
export function problemOf(status: number, body: string): Problem {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed !== null && typeof parsed === 'object') return { status, ...parsed };
  } catch {
    // Not ours, then; the status says enough.
  }
  return { status, title: `The server answered ${status}.` };
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
