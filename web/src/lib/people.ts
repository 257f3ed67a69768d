import { type Person, type Probabilities, type Recognition, type Utterance } from '../api/types';
import { labelsOf, shareOf } from './emotions';

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
  if (!other) {
    return {
      ...result,
      utterances,
      persons: result.persons.map(person => (person === one ? { ...one, name } : person)),
    };
  }
  const id = (was: string | null) => (was === one.id ? other.id : was);
  return {
    ...result,
    utterances: utterances.map(utterance => ({
      ...utterance,
      ...(utterance.face && { face: { ...utterance.face, person: id(utterance.face.person) } }),
      ...(utterance.listeners && {
        listeners: utterance.listeners.map(listener => ({ ...listener, person: id(listener.person)! })),
      }),
    })),
    persons: result.persons.flatMap(person =>
      person === one ? [] : person === other ? [joined(other, one)] : [person],
    ),
  };
}

function joined(kept: Person, gone: Person): Person {
  const voices = [kept.voice, gone.voice].filter(one => one !== null);
  const faces = [kept.face, gone.face].filter(one => one !== null);
  const sum = <T>(of: T[], value: (one: T) => number) => of.reduce((all, one) => all + value(one), 0);
  const both = [kept, gone].flatMap(one =>
    one.emotions ? [[one.emotions, one.voice?.speech_ms || one.face?.seen_ms || 1] as [Probabilities, number]] : [],
  );
  return {
    ...kept,
    voice:
      voices.length === 0
        ? null
        : {
            utterances: sum(voices, one => one.utterances),
            speech_ms: sum(voices, one => one.speech_ms),
            share: sum(voices, one => one.share),
          },
    face:
      faces.length === 0
        ? null
        : {
            ...faces[0]!,
            seen_ms: sum(faces, one => one.seen_ms),
            stretches: inOrder(
              faces.flatMap(one => one.stretches),
              one => one.start_ms,
            ),
          },
    emotions: both.length === 0 ? null : mean(both),
    over_time: inOrder([...kept.over_time, ...gone.over_time], one => one.start_ms),
    changes: inOrder([...kept.changes, ...gone.changes], one => one.at_ms),
  };
}

function inOrder<T>(all: T[], by: (one: T) => number): T[] {
  return [...all].sort((one, other) => by(one) - by(other));
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
