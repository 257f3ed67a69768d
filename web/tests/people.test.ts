import { describe, expect, it } from 'vitest';
import { emotions, type Probabilities } from '../src/api/types';
import { curve, stacked } from '../src/lib/curve';
import { people, renamed } from '../src/lib/people';
import { result, utterance } from './results';

const sure = (emotion: string) =>
  Object.fromEntries(emotions.map(one => [one, one === emotion ? 1 : 0])) as Probabilities;

describe('People', () => {
  const talk = result([
    utterance(0, 3000, { speaker: 'Ann', probabilities: sure('joy') }),
    utterance(3000, 4000, { speaker: null, probabilities: sure('anger') }),
    utterance(4000, 5000, { speaker: 'Ann', probabilities: sure('anger') }),
  ]);

  it('are told apart by name, with the time that they speak and its emotions', () => {
    const [ann, unknown] = people(talk.utterances);
    expect(ann).toMatchObject({ name: 'Ann', speaksMs: 4000 });
    expect(ann!.shares).toMatchObject({ joy: 0.75, anger: 0.25, fear: 0 });
    expect(unknown).toMatchObject({ name: '', speaksMs: 1000 });
  });

  it('become one where they get one name, and nobody where they lose it', () => {
    const joined = renamed(talk, '', ' Ann ');
    expect(people(joined.utterances)).toHaveLength(1);
    expect(talk.utterances[1]!.speaker).toBeNull();
    expect(renamed(talk, 'Ann', ' ').utterances[0]!.speaker).toBeNull();
  });
});

describe('The course of a recording', () => {
  it('has a gap between utterances, and fills the height within one', () => {
    const points = curve([utterance(1000, 2000), utterance(0, 500)], undefined);
    expect(points.map(one => one.seconds)).toEqual([0, 0.499, 0.5, 1, 1.999, 2]);
    expect(points.map(one => one.probabilities === null)).toEqual([false, false, true, false, false, true]);
    const [times, highest] = stacked(points);
    expect(times).toHaveLength(6);
    expect(highest![0]).toBeCloseTo(1);
    expect(highest![2]).toBeNull();
  });

  it('is that of the running answers where there are some', () => {
    const at = (at_ms: number) => ({ at_ms, probabilities: sure('joy'), boxes: [] });
    expect(curve([], [at(0), at(500), at(9000)]).map(one => one.probabilities !== null)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
