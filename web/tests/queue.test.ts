import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Item, Queue } from '../src/analyze/queue';
import { fromSaved, loadList, saveList, startTab, toSaved } from '../src/analyze/saved';
import { postJob } from '../src/api/client';

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

describe('Many recordings at once', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are canceled together, and none of those that wait is begun for it', () => {
    const asked = vi.fn(() => new Promise(() => undefined));
    vi.stubGlobal('fetch', asked);
    vi.stubGlobal('document', { baseURI: 'http://127.0.0.1/' });
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined });
    const queue = new Queue();
    queue.add(
      ['a.wav', 'b.wav', 'c.wav', 'd.wav'].map(name => ({ media: file(name), transcript: null })),
      '',
      {},
    );
    expect(asked).toHaveBeenCalledTimes(2);

    queue.cancelAll();
    expect(queue.items.get().map(one => one.state)).toEqual(Array(4).fill('canceled'));
    expect(asked).toHaveBeenCalledTimes(2);

    queue.removeFinished();
    expect(queue.items.get()).toEqual([]);
  });
});

describe('An upload that breaks off', () => {
  afterEach(() => vi.unstubAllGlobals());

  const why = (media: File) => {
    vi.stubGlobal('sessionStorage', { getItem: () => null });
    vi.stubGlobal('document', { baseURI: 'http://127.0.0.1/' });
    vi.stubGlobal(
      'XMLHttpRequest',
      class {
        upload = {};
        onerror = () => undefined;
        open() {}
        send = () => this.onerror();
      },
    );
    const upload = { media, transcript: null, baseline: [], speaker: '', options: {} };
    return postJob(upload, () => undefined, new AbortController().signal).catch((error: unknown) => error);
  };

  it('says where the file went, or is a folder', async () => {
    const gone = file('holiday');
    gone.slice = () =>
      ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')) }) as unknown as Blob;
    expect(await why(gone)).toMatchObject({ problem: { code: 'file_unreadable', detail: 'holiday' } });
  });

  it('says that the server does not answer where the file is there', async () => {
    expect(await why(file('talk.mp4'))).toMatchObject({ problem: { code: 'unreachable' } });
  });
});

describe('A server that goes away', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('loses none of those that wait for it, and is asked again', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem: () => undefined });
    vi.stubGlobal('document', { baseURI: 'http://127.0.0.1/' });
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    let sent = 0;
    vi.stubGlobal(
      'XMLHttpRequest',
      class {
        upload = {};
        onerror = () => undefined;
        onloadend = () => undefined;
        open() {}
        send = () => {
          sent++;
          this.onerror();
          this.onloadend();
        };
      },
    );
    const queue = new Queue();
    queue.add(
      ['a.wav', 'b.wav', 'c.wav'].map(name => ({ media: file(name), transcript: null })),
      '',
      {},
    );
    await vi.advanceTimersByTimeAsync(20_000);

    expect(sent).toBeGreaterThan(4);
    expect(queue.items.get().map(one => one.state)).toEqual(Array(3).fill('waiting'));
    expect(queue.items.get()[0]!.note?.text).toContain('does not answer');

    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(queue.items.get().map(one => one.state)).toEqual(Array(3).fill('failed'));
    queue.retryFailed();
    expect(queue.items.get().map(one => one.state)).toEqual(Array(3).fill('waiting'));
    queue.cancelAll();
  });
});

describe('A tab', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  const held = new Set<string>();
  const locks = {
    request: (name: string, { signal }: LockOptions, act: () => Promise<void>) =>
      held.has(name)
        ? new Promise((_, reject) =>
            signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
          )
        : (held.add(name), act()),
  };
  const stored = new Map<string, string>();
  const open = () => {
    vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => {
      const stop = new AbortController();
      setTimeout(() => stop.abort());
      return stop.signal;
    });
    vi.stubGlobal('navigator', { locks });
    vi.stubGlobal('sessionStorage', {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => stored.set(name, value),
      removeItem: (name: string) => stored.delete(name),
    });
  };

  it('that was duplicated leaves the queue to the one that has it; one that is loaded again goes on with its own', async () => {
    open();
    await startTab();
    const first = stored.get('affekt.tab');
    saveList(toSaved([item({})]));
    expect(loadList()).toHaveLength(1);

    await startTab();
    expect(loadList()).toEqual([]);
    expect(stored.get('affekt.tab')).not.toBe(first);

    saveList(toSaved([item({ key: 4 })]));
    held.clear();
    await startTab();
    expect(loadList()).toHaveLength(1);
  });
});
