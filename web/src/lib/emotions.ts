import {
  emotions,
  type Emotion,
  type Modality,
  type Probabilities,
  type TextSource,
  type Utterance,
} from '../api/types';

/** The report's words for the modalities. */
export const modalityName: Record<Modality, string> = { audio: 'sound', text: 'words', video: 'picture' };

export const sourceName: Record<TextSource, string> = {
  given: 'words given',
  transcript: 'words from the transcript',
  asr: 'words by speech recognition',
  none: 'no words',
};

export function top(probabilities: Probabilities): Emotion {
  return emotions.reduce((best, one) => (probabilities[one] > probabilities[best] ? one : best));
}

export function answer(utterance: Pick<Utterance, 'emotion' | 'abstained'>): string {
  return utterance.abstained ? `not sure (${utterance.emotion})` : utterance.emotion;
}

/** "joy 3, anger 1, not sure 2": the commonest first. */
export function tally(utterances: Utterance[]): string {
  const counts = new Map<string, number>();
  for (const one of utterances) {
    const name = one.abstained ? 'not sure' : one.emotion;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = [...counts].sort(([one, many], [other, more]) => {
    if (one === 'not sure' || other === 'not sure') return one === 'not sure' ? 1 : -1;
    return more - many;
  });
  return parts.length === 0 ? 'nobody speaks' : parts.map(([name, number]) => `${name} ${number}`).join(', ');
}
