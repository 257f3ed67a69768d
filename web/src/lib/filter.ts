import { emotions, type Emotion, type Utterance } from '../api/types';

export interface Filter {
  emotions: ReadonlySet<Emotion>;
  leastConfidence: number;
  unsure: boolean;
  /** null for anyone. */
  speaker: string | null;
}

export const everything: Filter = { emotions: new Set(emotions), leastConfidence: 0, unsure: true, speaker: null };

export function matches(one: Utterance, filter: Filter): boolean {
  return (
    filter.emotions.has(one.emotion) &&
    one.confidence >= filter.leastConfidence &&
    (filter.unsure || !one.abstained) &&
    (filter.speaker === null || (one.speaker ?? '') === filter.speaker)
  );
}
