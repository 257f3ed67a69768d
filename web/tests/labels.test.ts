import { describe, expect, it } from 'vitest';
import { toCsv } from '../src/lib/csv';
import { stacked } from '../src/lib/curve';
import { emotionName, labelsOf, paintOf, tally, top } from '../src/lib/emotions';
import { toHtml } from '../src/lib/exportHtml';
import { everything, matches } from '../src/lib/filter';
import { people } from '../src/lib/people';
import { readRecognition } from '../src/lib/readRecognition';
import { result, utterance } from './results';

const probabilities = { neutral: 0.2, positive: 0.1, negative: 0.7 };
const one = utterance(0, 900, { emotion: 'negative', confidence: 0.7, probabilities });

describe('Labels of a bundle that are not the seven', () => {
  it('are read, and shown by their own names in their order', () => {
    const read = readRecognition(JSON.stringify(result([one])));
    expect(labelsOf(read.utterances[0]!.probabilities)).toEqual(['neutral', 'positive', 'negative']);
    expect(top(probabilities)).toBe('negative');
    expect(emotionName('negative')).toBe('negative');
    expect(tally([one])).toBe('negative 1');
    expect(matches(one, everything)).toBe(true);
    expect(people(read)[0]!.shares).toEqual(probabilities);
  });

  it('have colors of their own, none that another of them has', () => {
    const colors = labelsOf(probabilities).map(label => paintOf(label, probabilities));
    expect(colors[0]).toBe('neutral');
    expect(new Set(colors).size).toBe(3);
  });

  it('fill the height of the curve', () => {
    const [, highest, , lowest] = stacked([{ seconds: 0, probabilities }], probabilities);
    expect(highest![0]).toBeCloseTo(1);
    expect(lowest![0]).toBeCloseTo(0.2);
  });

  it('are the columns of tables', () => {
    expect(toCsv(result([one])).split('\r\n')[0]).toContain(',abstained,neutral,positive,negative,audio_status,');
    expect(toHtml(result([one]))).toContain('<th scope="col">negative</th></tr>');
  });
});
