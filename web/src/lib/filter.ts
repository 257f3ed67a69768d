import { type Emotion, type Utterance } from '../api/types';

export interface Filter {
  /** null for all. */
  emotions: ReadonlySet<Emotion> | null;
  leastConfidence: number;
  unsure: boolean;
  /** null for anyone. */
  speaker: string | null;
}

export const everything: Filter = { emotions: null, leastConfidence: 0, unsure: true, speaker: null };

export function matches(one: Utterance, filter: Filter): boolean {
  return (
    (filter.emotions === null || filter.emotions.has(one.emotion)) &&
    one.confidence >= filter.leastConfidence &&
    (filter.unsure || !one.abstained) &&
    (filter.speaker === null || (one.speaker ?? '') === filter.speaker)
  );
}
