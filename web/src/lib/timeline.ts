import type { Utterance } from '../api/types';

export interface Span {
  /** The utterance's place in the result. */
  index: number;
  /** Where it starts and how wide it is, in percent of the recording. */
  left: number;
  width: number;
}

export interface Lane {
  speaker: string;
  spans: Span[];
}

export interface Tick {
  seconds: number;
  left: number;
}

// The narrowest span that can still be hit, in percent of what is seen.
const narrowest = 0.4;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** A lane for each speaker, in the order in which they first speak; who is not known has a lane without a name. */
export function lanes(utterances: Utterance[], durationMs: number, zoom = 1): Lane[] {
  const found = new Map<string, Lane>();
  const length = Math.max(1, durationMs);
  utterances.forEach((one, index) => {
    const speaker = one.speaker ?? '';
    let lane = found.get(speaker);
    if (!lane) found.set(speaker, (lane = { speaker, spans: [] }));
    const left = clamp((100 * one.start_ms) / length, 0, 100);
    const wanted = Math.max(narrowest / zoom, (100 * (one.end_ms - one.start_ms)) / length);
    lane.spans.push({ index, left, width: Math.min(wanted, 100 - Math.min(left, 100 - narrowest / zoom)) });
  });
  return [...found.values()];
}

/** Marks at round times, at most eight on what is seen at once. */
export function ticks(durationMs: number, zoom = 1, most = 8): Tick[] {
  const seen = durationMs / 1000 / zoom;
  const step = steps.find(seconds => seen / seconds <= most) ?? steps[steps.length - 1]!;
  const found: Tick[] = [];
  for (let seconds = 0; seconds * 1000 <= durationMs; seconds += step) {
    const left = durationMs > 0 ? (100_000 * seconds) / durationMs : 0;
    // Its words would stand outside.
    if (left <= 100 - 5 / zoom) found.push({ seconds, left });
  }
  return found;
}

/** The recording's length; a result's own may be 0 where the container did not say. */
export function lengthOf(durationMs: number, utterances: Utterance[]): number {
  return utterances.reduce((most, one) => Math.max(most, one.end_ms), Math.max(1, durationMs));
}

/** The utterance at a time; of two that overlap, the one that started later. */
export function utteranceAt(utterances: Utterance[], ms: number): number | null {
  let found: number | null = null;
  utterances.forEach((one, index) => {
    if (one.start_ms <= ms && ms < one.end_ms && (found === null || utterances[found]!.start_ms <= one.start_ms))
      found = index;
  });
  return found;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
