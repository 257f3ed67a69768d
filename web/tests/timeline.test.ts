import { describe, expect, it } from 'vitest';
import { everything, matches } from '../src/lib/filter';
import { lanes, lengthOf, ticks, utteranceAt } from '../src/lib/timeline';
import { utterance } from './results';

describe('Timeline', () => {
  it('has a lane for each speaker, in the order in which they first speak', () => {
    const rows = lanes(
      [
        utterance(0, 1000, { speaker: 'B' }),
        utterance(1000, 3000, { speaker: 'A' }),
        utterance(5000, 10_000, { speaker: 'B' }),
      ],
      10_000,
    );
    expect(rows.map(row => row.speaker)).toEqual(['B', 'A']);
    expect(rows[0]!.spans).toEqual([
      { index: 0, left: 0, width: 10 },
      { index: 2, left: 50, width: 50 },
    ]);
  });

  it('keeps a short utterance wide enough to hit, and inside', () => {
    const [row] = lanes([utterance(0, 1), utterance(9_999, 10_000)], 10_000);
    for (const span of row!.spans) {
      expect(span.width).toBeGreaterThanOrEqual(0.39);
      expect(span.left + span.width).toBeLessThanOrEqual(100.5);
    }
  });

  it.each([900, 12_000, 61_000, 3_600_000, 40_000_000])('has few marks on %i ms', ms => {
    expect(ticks(ms).length).toBeLessThanOrEqual(9);
    expect(ticks(ms)[0]).toEqual({ seconds: 0, left: 0 });
  });

  it('finds who speaks at a time; the later starter where two do', () => {
    const both = [utterance(0, 1000), utterance(500, 2000)];
    expect([0, 700, 1999, 2000].map(ms => utteranceAt(both, ms))).toEqual([0, 1, 1, null]);
  });

  it('is as long as its last utterance where the length is not known', () => {
    expect(lengthOf(0, [utterance(0, 4200)])).toBe(4200);
  });
});

describe('Filter', () => {
  it('goes by emotion, confidence, certainty and speaker', () => {
    const one = utterance(0, 1, { confidence: 0.5, abstained: true });
    expect(matches(one, everything)).toBe(true);
    expect(matches(one, { ...everything, emotions: new Set(['anger']) })).toBe(false);
    expect(matches(one, { ...everything, leastConfidence: 0.51 })).toBe(false);
    expect(matches(one, { ...everything, unsure: false })).toBe(false);
    expect(matches(one, { ...everything, speaker: 'B' })).toBe(false);
  });
});
