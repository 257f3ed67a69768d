import { emotions, type Probabilities, type Recognition, type Utterance } from '../src/api/types';

export const even = Object.fromEntries(emotions.map(one => [one, 1 / emotions.length])) as Probabilities;

export function utterance(start_ms: number, end_ms: number, more: Partial<Utterance> = {}): Utterance {
  const used = { status: 'used' as const, reason: null };
  return {
    start_ms,
    end_ms,
    speaker: 'A',
    text: 'words',
    text_source: 'given',
    emotion: 'joy',
    confidence: 0.6,
    abstained: false,
    probabilities: even,
    modalities: { audio: used, text: used, video: { status: 'missing', reason: 'no picture' } },
    branches: {},
    contribution: { audio: -0.1, text: 0.4, video: 0 },
    ...more,
  };
}

export function result(utterances: Utterance[], duration_ms = 10_000): Recognition {
  return {
    schema: 'affekt.recognition/1',
    bundle: { name: 'b', version: '1', hash: 'abc' },
    input: { file: 'talk.mp4', duration_ms },
    utterances,
    warnings: [],
  };
}
