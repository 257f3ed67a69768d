import { type Person, type Probabilities, type Recognition, type Utterance } from '../api/types';
import { emotionName, labelsOf, shareOf } from './emotions';
import { percent } from './format';

/** A row of the table of people: somebody who is heard, seen, or both. */
export interface PersonRow {
  /** '' for who is not known. */
  name: string;
  speaksMs: number;
  seenMs: number;
  /** A PNG in Base64; null where there is none. */
  thumbnail: string | null;
  /** The mean of the answers, weighted by how long each utterance lasts; null where there is none. They add up to 1. */
  shares: Probabilities | null;
  changes: Person['changes'];
}

/** Who is heard, in the order in which they first are, and then who is only seen. */
export function people(result: Recognition): PersonRow[] {
  const persons = new Map((result.persons ?? []).map(one => [one.name, one]));
  const heard = new Map<string, Utterance[]>();
  for (const one of result.utterances) {
    const name = one.speaker ?? '';
    heard.set(name, [...(heard.get(name) ?? []), one]);
  }
  const silent = [...persons.keys()].filter(name => !heard.has(name));
  return [...heard.keys(), ...silent].map(name => {
    const own = heard.get(name) ?? [];
    const person = persons.get(name);
    return {
      name,
      speaksMs: own.reduce((sum, one) => sum + lengthOf(one), 0),
      seenMs: person?.face?.seen_ms ?? 0,
      thumbnail: person?.face?.thumbnail ?? null,
      shares: own.length > 0 ? mean(own.map(one => [one.probabilities, lengthOf(one)])) : (person?.emotions ?? null),
      changes: person?.changes ?? [],
    };
  });
}

/** The result with another name for a person; the name of another person makes one of both. */
export function renamed(result: Recognition, from: string, to: string): Recognition {
  const name = to.trim() || null;
  const utterances = result.utterances.map(one => ((one.speaker ?? '') === from ? { ...one, speaker: name } : one));
  const one = result.persons?.find(person => person.name === from);
  if (!result.persons || !one || name === null) return { ...result, utterances };
  const other = result.persons.find(person => person.name === name && person !== one);
  if (!other)
    return summarized({
      ...result,
      utterances,
      persons: result.persons.map(person => (person === one ? { ...one, name } : person)),
    });
  const id = (was: string | null) => (was === one.id ? other.id : was);
  return summarized({
    ...result,
    utterances: utterances.map(utterance => ({
      ...utterance,
      ...(utterance.face && { face: { ...utterance.face, person: id(utterance.face.person) } }),
      ...(utterance.listeners && {
        listeners: utterance.listeners.map(listener => ({ ...listener, person: id(listener.person)! })),
      }),
    })),
    persons: result.persons.flatMap(person =>
      person === one ? [] : person === other ? [{ ...other, face: joined(other.face, one.face) }] : [person],
    ),
  });
}

function joined(kept: Person['face'], gone: Person['face']): Person['face'] {
  if (!kept || !gone) return kept ?? gone;
  return {
    ...gone,
    ...kept,
    seen_ms: kept.seen_ms + gone.seen_ms,
    stretches: [...kept.stretches, ...gone.stretches].sort((one, other) => one.start_ms - other.start_ms),
  };
}

// At most as many stretches, none shorter than this: as in a recording's result.
const mostStretches = 120;
const shortestMs = 10_000;

/** The result with everybody who has a name, and what the utterances tell of each: shares, emotions over time, moments of change. */
export function summarized(result: Recognition): Recognition {
  const { utterances, input } = result;
  const persons = [...(result.persons ?? [])];
  for (const { speaker } of utterances) {
    if (speaker === null || persons.some(one => one.name === speaker)) continue;
    let next = 1;
    while (persons.some(one => one.id === `p${next}`)) next++;
    persons.push({
      id: `p${next}`,
      name: speaker,
      voice: null,
      face: null,
      emotions: null,
      over_time: [],
      changes: [],
    });
  }
  const speech = utterances.reduce((sum, one) => sum + lengthOf(one), 0);
  const stepMs = Math.max(shortestMs, Math.ceil(input.duration_ms / mostStretches));
  return {
    ...result,
    persons: persons.map(person => {
      const said = utterances.filter(one => one.speaker === person.name);
      const speechMs = said.reduce((sum, one) => sum + lengthOf(one), 0);
      // For a person who says nothing, what the face shows while others speak.
      const shown = utterances.flatMap(one => {
        const own = said.length > 0 ? one : one.listeners?.find(listener => listener.person === person.id);
        return own && (said.length === 0 || said.includes(one))
          ? [
              {
                stretch: Math.floor((one.start_ms + one.end_ms) / 2 / stepMs),
                of: own.probabilities,
                ms: lengthOf(one),
              },
            ]
          : [];
      });
      const stretches = [...new Set(shown.map(one => one.stretch))].sort((one, other) => one - other);
      const sure = said.filter(one => !one.abstained);
      const meanOf = (some: typeof shown) => mean(some.map(one => [one.of, one.ms]));
      return {
        ...person,
        voice: said.length > 0 ? { utterances: said.length, speech_ms: speechMs, share: speechMs / speech } : null,
        emotions: shown.length > 0 ? meanOf(shown) : null,
        over_time: stretches.map(stretch => ({
          start_ms: stretch * stepMs,
          end_ms: Math.min((stretch + 1) * stepMs, Math.max(input.duration_ms, stretch * stepMs + 1)),
          probabilities: meanOf(shown.filter(one => one.stretch === stretch)),
        })),
        changes: sure.flatMap((one, i) =>
          i > 0 && sure[i - 1]!.emotion !== one.emotion
            ? [{ at_ms: one.start_ms, from: sure[i - 1]!.emotion, to: one.emotion }]
            : [],
        ),
      };
    }),
  };
}

/** A part of a person's row in the chart over time, in hundredths of its width and height. */
export interface Bar {
  label: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The probabilities of each stretch upon each other. */
export function bars({ over_time }: Person, lengthMs: number): Bar[] {
  return over_time.flatMap(({ start_ms, end_ms, probabilities }) => {
    let top = 0;
    return labelsOf(probabilities).map(label => {
      const height = 100 * shareOf(probabilities, label);
      top += height;
      return {
        label,
        left: (100 * start_ms) / lengthMs,
        top: top - height,
        width: (100 * (end_ms - start_ms)) / lengthMs,
        height,
      };
    });
  });
}

/** In words, the largest first. */
export function sharesOf(shares: Probabilities | null): string {
  if (!shares) return '';
  return labelsOf(shares)
    .filter(label => shareOf(shares, label) >= 0.005)
    .sort((first, second) => shareOf(shares, second) - shareOf(shares, first))
    .map(label => `${emotionName(label)} ${percent(shareOf(shares, label))}`)
    .join(', ');
}

function lengthOf(one: Utterance): number {
  return Math.max(1, one.end_ms - one.start_ms);
}

function mean(weighted: [Probabilities, number][]): Probabilities {
  const all = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  return Object.fromEntries(
    labelsOf(weighted[0]?.[0]).map(label => [
      label,
      weighted.reduce((sum, [one, weight]) => sum + shareOf(one, label) * weight, 0) / all,
    ]),
  );
}
