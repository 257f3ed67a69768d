import { describe, expect, it } from 'vitest';
import type { Item } from '../src/analyze/queue';
import { fromSaved, toSaved } from '../src/analyze/saved';

const file = (name: string) => new File(['x'], name);

const item = (part: Partial<Item>): Item => ({
  key: 3,
  media: file('talk.mp4'),
  name: 'talk.mp4',
  size: 1,
  transcript: null,
  transcriptName: null,
  baseline: [],
  speaker: 'Ann',
  options: { transcribe: true },
  state: 'waiting',
  sent: 0,
  job: null,
  jobId: null,
  note: null,
  ...part,
});

const again = (part: Partial<Item>, hasFiles: boolean) => {
  const saved = JSON.parse(JSON.stringify(toSaved([item(part)])))[0];
  return fromSaved(saved, hasFiles ? { media: file('talk.mp4'), transcript: null } : null);
};

describe('A page that is loaded again', () => {
  it('sends what was not sent, where the browser kept the file', () => {
    expect(again({ state: 'sending', sent: 0.5 }, true)).toMatchObject({
      key: 3,
      state: 'waiting',
      sent: 0,
      jobId: null,
    });
  });

  it('says so where it did not', () => {
    const lost = again({ state: 'waiting' }, false);
    expect(lost).toMatchObject({ state: 'failed', name: 'talk.mp4', media: null });
    expect(lost.note?.text).toContain('Choose the file again');
  });

  it('does not send a recording without those of the voice that went with it', () => {
    const lost = again({ state: 'waiting', baseline: [file('monday.wav')] }, true);
    expect(lost.state).toBe('failed');
  });

  it('follows what the server has, whatever it knew of it', () => {
    for (const state of ['queued', 'running', 'done'] as const)
      expect(again({ state, jobId: 'abc' }, false)).toMatchObject({ state: 'waiting', jobId: 'abc', speaker: 'Ann' });
  });

  it('leaves alone what had ended badly', () => {
    expect(again({ state: 'failed', note: { text: 'why', detail: null } }, true)).toMatchObject({
      state: 'failed',
      note: { text: 'why' },
    });
    expect(again({ state: 'canceled', jobId: 'abc' }, false)).toMatchObject({ state: 'canceled' });
  });
});
