import { emotions, type Probabilities, type Recognition, type Utterance } from '../api/types';

export interface Person {
  /** '' for who is not known. */
  name: string;
  speaksMs: number;
  /** The mean of the answers, weighted by how long each utterance lasts; they add up to 1. */
  shares: Probabilities;
}

/** Who speaks, in the order in which they first do. */
export function people(utterances: Utterance[]): Person[] {
  const found = new Map<string, Utterance[]>();
  for (const one of utterances) {
    const name = one.speaker ?? '';
    found.set(name, [...(found.get(name) ?? []), one]);
  }
  return [...found].map(([name, own]) => {
    const lengths = own.map(one => Math.max(1, one.end_ms - one.start_ms));
    const speaksMs = lengths.reduce((sum, one) => sum + one, 0);
    const shares = Object.fromEntries(
      emotions.map(emotion => [
        emotion,
        own.reduce((sum, one, i) => sum + one.probabilities[emotion] * lengths[i]!, 0) / speaksMs,
      ]),
    ) as Probabilities;
    return { name, speaksMs, shares };
  });
}

/** The result with another name for a person; the name of another person makes one of both. */
export function renamed(result: Recognition, from: string, to: string): Recognition {
  const name = to.trim() || null;
  return {
    ...result,
    utterances: result.utterances.map(one => ((one.speaker ?? '') === from ? { ...one, speaker: name } : one)),
  };
}
