import { describe, expect, it } from 'vitest';
import { blocks, inline } from '../src/lib/markdown';
import { pairUp } from '../src/lib/pairing';
import { readRecognition } from '../src/lib/readRecognition';
import { parseRoute } from '../src/lib/route';
import { begin, isUnsaved, lastMinute, reduce } from '../src/live/state';
import { even, result, utterance } from './results';

describe('A result from a file', () => {
  it('is taken as it is', () => {
    const written = result([utterance(0, 900)]);
    expect(readRecognition(JSON.stringify(written))).toEqual(written);
  });

  it.each([
    ['{', /no JSON/],
    ['[]', /expected an object/],
    ['{"schema":"affekt.evaluation\/1"}', /affekt.evaluation\/1.*expected "affekt.recognition\/2"/],
    [JSON.stringify(result([{ ...utterance(0, 1), emotion: 'bored' as 'joy' }])), /utterances\[0\].emotion is "bored"/],
    [
      JSON.stringify(result([{ ...utterance(0, 1), probabilities: { joy: 1 } as typeof even }])),
      /probabilities is \{"joy":1\}; expected a number for each of two labels/,
    ],
  ])('is refused with what was found and where: %s', (text, message) => {
    expect(() => readRecognition(text)).toThrow(message);
  });
});

describe('Subtitles', () => {
  const named = (...names: string[]) => pairUp(names.map(name => ({ name })));

  it('go with the recording of their name', () => {
    const { pairs, left } = named('Talk.mp4', 'talk.srt', 'other.wav', 'other.en.vtt', 'alone.srt');
    expect(pairs.map(one => one.transcript?.name)).toEqual(['talk.srt', 'other.en.vtt']);
    expect(left.map(one => one.name)).toEqual(['alone.srt']);
  });

  it('are given to one recording only', () => {
    expect(named('a.mp4', 'a.wav', 'a.srt').pairs.map(one => one.transcript?.name)).toEqual(['a.srt', undefined]);
  });
});

describe('A card', () => {
  it('is cut into its parts', () => {
    const found = blocks('# A\n\nfirst\nline\n\n- one\n  more\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n');
    expect(found).toEqual([
      { kind: 'heading', depth: 1, text: 'A' },
      { kind: 'paragraph', text: 'first line' },
      { kind: 'list', ordered: false, items: ['one more', 'two'] },
      { kind: 'table', head: ['a', 'b'], rows: [['1', '2']] },
    ]);
  });

  it('makes no link but to http', () => {
    expect(inline('[x](javascript:alert(1))').some(part => typeof part === 'object')).toBe(false);
    expect(inline('[x](https://example.org)').some(part => typeof part === 'object')).toBe(true);
    expect(inline('dev_text_macro_f1 is 3 * 4 * 5')).toEqual(['dev_text_macro_f1 is 3 * 4 * 5']);
  });

  it('always comes to an end', () => {
    for (const text of ['|', '| a', '```', '#', '- ', '|a|\n|', '\n\n', '####### x'])
      expect(Array.isArray(blocks(text))).toBe(true);
  });
});

describe('Addresses', () => {
  it('name a view, and a job in the viewer', () => {
    expect(parseRoute('')).toEqual({ view: 'live', id: null });
    expect(parseRoute('#/viewer/a%20b')).toEqual({ view: 'viewer', id: 'a b' });
    expect(parseRoute('#/nowhere')).toEqual({ view: 'live', id: null });
  });
});

describe('The live state', () => {
  it('tells whether a recording would be gone with the page', () => {
    const recording = new File(['x'], 'live.webm');
    expect(isUnsaved(begin({ records: true }))).toBe(true);
    expect(isUnsaved(begin({ phase: 'stopped', records: true, recording }))).toBe(true);
    expect(isUnsaved(begin({ phase: 'stopped', records: true, recording, isSaved: true }))).toBe(false);
    expect(isUnsaved(begin({}))).toBe(false);
    expect(isUnsaved(begin({ phase: 'stopped', records: true }))).toBe(false);
  });

  it('keeps the last minute and the delay', () => {
    const used = { status: 'used' as const, reason: null, probabilities: even };
    const update = (at_ms: number) => ({
      type: 'update' as const,
      seq: 1,
      at_ms,
      speaking_since_ms: 0,
      probabilities: even,
      emotion: 'joy' as const,
      confidence: 0.5,
      modalities: { audio: used, text: used, video: used },
      faces: [],
      text: null,
      speaker: null,
      latency_ms: 5,
    });
    let state = begin({});
    for (let at = 0; at < 100_000; at += 500) state = reduce(state, update(at), at + 120);
    expect(state.moments).toHaveLength(200);
    expect(lastMinute(state.moments)).toHaveLength(120);
    expect(lastMinute(state.moments).at(-1)?.seconds).toBe(0);
    expect(state.delayMs).toBe(120);
  });

  it('goes on counting where a server that was started again begins anew', () => {
    const said = { type: 'utterance' as const, seq: 1, utterance: utterance(100, 900) };
    const { utterances } = reduce(begin({}), said, 1000, 30_000);
    expect(utterances[0]).toMatchObject({ start_ms: 30_100, end_ms: 30_900 });
  });

  it('gives the utterances of this server session the names that are known now', () => {
    const said = (seq: number) => ({
      type: 'utterance' as const,
      seq,
      utterance: utterance(0, 900, { speaker: null }),
    });
    let state = reduce(begin({}), said(1), 1000);
    state = reduce({ ...state, before: 1 }, said(1), 1000);
    state = reduce(state, { type: 'persons', seq: 2, persons: [], speakers: ['speaker 1'] }, 1000);
    expect(state.utterances.map(one => one.speaker)).toEqual([null, 'speaker 1']);
  });
});
