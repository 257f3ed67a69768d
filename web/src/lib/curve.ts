import { type Moment, type Probabilities, type Utterance } from '../api/types';
import { labelsOf, shareOf } from './emotions';

export interface CurvePoint {
  seconds: number;
  probabilities: Probabilities | null;
}

// Running answers that lie farther apart than this do not belong together.
const gapMs = 2000;

/** What was expressed over a recording: a live session's running answers, otherwise the utterances', with gaps between them. */
export function curve(utterances: Utterance[], moments: Moment[] | undefined): CurvePoint[] {
  if (moments && moments.length > 0) {
    return moments.flatMap((one, i) => {
      const point = { seconds: one.at_ms / 1000, probabilities: one.probabilities };
      const before = moments[i - 1];
      return before && one.at_ms - before.at_ms > gapMs
        ? [{ seconds: before.at_ms / 1000 + 0.001, probabilities: null }, point]
        : [point];
    });
  }
  return [...utterances]
    .sort((one, other) => one.start_ms - other.start_ms)
    .flatMap(({ start_ms, end_ms, probabilities }) => [
      { seconds: start_ms / 1000, probabilities },
      { seconds: Math.max(start_ms + 1, end_ms - 1) / 1000, probabilities },
      { seconds: Math.max(start_ms + 2, end_ms) / 1000, probabilities: null },
    ]);
}

/** Times, and a row for each label with what lies below it added, the highest first; nulls leave gaps. */
export function stacked(points: CurvePoint[], among: Probabilities | null = null): [number[], ...(number | null)[][]] {
  const labels = labelsOf(among);
  const rows = labels.map((_, i) =>
    points.map(
      ({ probabilities }) =>
        probabilities && labels.slice(0, i + 1).reduce((sum, one) => sum + shareOf(probabilities, one), 0),
    ),
  );
  return [points.map(one => one.seconds), ...rows.reverse()];
}
