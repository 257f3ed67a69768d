import { describe, expect, it } from 'vitest';
import { emotions, type Person, type Probabilities, type Recognition } from '../src/api/types';
import { toPersonsCsv } from '../src/lib/csv';
import { curve, stacked } from '../src/lib/curve';
import { toHtml } from '../src/lib/exportHtml';
import { bars, people, renamed, summarized } from '../src/lib/people';
import { result, utterance } from './results';
import recorded from './talk.json';

const sure = (emotion: string) =>
  Object.fromEntries(emotions.map(one => [one, one === emotion ? 1 : 0])) as Probabilities;

describe('People', () => {
  const talk = result([
    utterance(0, 3000, { speaker: 'Ann', probabilities: sure('joy') }),
    utterance(3000, 4000, { speaker: null, probabilities: sure('anger') }),
    utterance(4000, 5000, { speaker: 'Ann', probabilities: sure('anger') }),
  ]);

  it('are told apart by name, with the time that they speak and its emotions', () => {
    const [ann, unknown] = people(talk);
    expect(ann).toMatchObject({ name: 'Ann', speaksMs: 4000 });
    expect(ann!.shares).toMatchObject({ joy: 0.75, anger: 0.25, fear: 0 });
    expect(unknown).toMatchObject({ name: '', speaksMs: 1000 });
  });

  it('become one where they get one name, and nobody where they lose it', () => {
    const joined = renamed(talk, '', ' Ann ');
    expect(people(joined)).toHaveLength(1);
    expect(talk.utterances[1]!.speaker).toBeNull();
    expect(renamed(talk, 'Ann', ' ').utterances[0]!.speaker).toBeNull();
  });
});

describe('People with faces', () => {
  const person = (id: string, name: string, more: Partial<Person>): Person => ({
    id,
    name,
    voice: null,
    face: null,
    emotions: null,
    over_time: [],
    changes: [],
    ...more,
  });
  const talk = {
    ...result([
      utterance(0, 3000, {
        speaker: 'speaker 1',
        probabilities: sure('joy'),
        face: { status: 'speaking', person: 'p1', confidence: 0.9 },
        listeners: [{ person: 'p2', emotion: 'fear', confidence: 0.8, probabilities: sure('fear') }],
      }),
    ]),
    persons: [
      person('p1', 'speaker 1', {
        voice: { utterances: 1, speech_ms: 3000, share: 1 },
        face: { seen_ms: 3000, stretches: [{ start_ms: 500, end_ms: 3000 }] },
        emotions: sure('joy'),
      }),
      person('p2', 'face 1', {
        face: { seen_ms: 1000, stretches: [{ start_ms: 0, end_ms: 1000 }], thumbnail: 'abc' },
        emotions: sure('fear'),
        changes: [{ at_ms: 900, from: 'joy', to: 'fear' }],
      }),
    ],
  };

  it('have a row where they are only seen', () => {
    expect(people(talk)).toMatchObject([
      { name: 'speaker 1', speaksMs: 3000, seenMs: 3000 },
      { name: 'face 1', speaksMs: 0, seenMs: 1000, thumbnail: 'abc', shares: { fear: 1 } },
    ]);
  });

  it('keep what is known of them under another name', () => {
    const named = renamed(talk, 'speaker 1', 'Ann');
    expect(named.persons![0]).toMatchObject({ id: 'p1', name: 'Ann' });
    expect(named.utterances[0]!.speaker).toBe('Ann');
  });

  it('who are one are one everywhere', () => {
    const one = renamed(talk, 'face 1', 'speaker 1');
    expect(one.persons).toHaveLength(1);
    expect(one.persons![0]).toMatchObject({
      id: 'p1',
      voice: { speech_ms: 3000 },
      face: { seen_ms: 4000, stretches: [{ start_ms: 0 }, { start_ms: 500 }] },
      emotions: { joy: 1, fear: 0 },
    });
    expect(one.utterances[0]!.listeners![0]!.person).toBe('p1');
  });
});

describe('The summary of a session', () => {
  // As `affekt recognize` says of it.
  const talk = recorded as unknown as Recognition;

  it('is what the program says of the same utterances', () => {
    const unknown = talk
      .persons!.filter(one => one.face)
      .map(one => ({ ...one, voice: null, emotions: null, over_time: [], changes: [] }));
    const found = summarized({ ...talk, persons: unknown }).persons!;
    expect(found).toHaveLength(talk.persons!.length);
    talk.persons!.forEach((person, i) => {
      expect(found[i]).toMatchObject({ id: person.id, name: person.name, changes: person.changes });
      expect(found[i]!.voice?.speech_ms).toBe(person.voice?.speech_ms);
      expect(found[i]!.over_time.map(one => [one.start_ms, one.end_ms])).toEqual(
        person.over_time.map(one => [one.start_ms, one.end_ms]),
      );
      [person, ...person.over_time].forEach((one, k) => {
        const [said, here] = [one, k === 0 ? found[i]! : found[i]!.over_time[k - 1]!].map(of =>
          'probabilities' in of ? of.probabilities : of.emotions!,
        );
        for (const label of emotions) expect(here![label]).toBeCloseTo(said![label]!, 3);
      });
    });
  });

  it('is a row for each person and stretch in CSV, and a bar for each emotion in the chart', () => {
    const [head, ...rows] = toPersonsCsv(talk).trimEnd().split('\r\n');
    expect(head).toBe(`file,person,name,start_ms,end_ms,utterances,speech_ms,share,emotion,${emotions.join(',')}`);
    expect(rows).toHaveLength(talk.persons!.reduce((sum, one) => sum + 1 + one.over_time.length, 0));
    const [first] = talk.persons!;
    expect(rows[0]).toContain(`talk.mp4,${first!.id},${first!.name},0,${talk.input.duration_ms},`);
    const drawn = bars(first!, talk.input.duration_ms);
    expect(drawn).toHaveLength(7 * first!.over_time.length);
    expect(drawn[6]!.top + drawn[6]!.height).toBeCloseTo(100, 1);
  });

  it('is in the page that is saved', () => {
    const html = toHtml({ ...talk, utterances: [] });
    for (const { name } of talk.persons!) expect(html).toContain(`<th scope="row">${name}</th>`);
    expect(html.match(/<svg/g)).toHaveLength(talk.persons!.filter(one => one.over_time.length > 0).length);
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
