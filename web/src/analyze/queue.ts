import { deleteJob, getJob, getLimits, jobEvents, postJob } from '../api/client';
import { messageOf, ProblemError, type Trouble, troubleIn, troubleOf } from '../api/problem';
import type { Job, Recognition, RecognitionOptions } from '../api/types';
import { t } from '../i18n';
import { bytes } from '../lib/format';
import type { Pair } from '../lib/pairing';
import { Store } from '../lib/store';
import { type Files, fromSaved, loadFiles, loadList, saveFiles, saveList, startTab, toSaved } from './saved';

export type ItemState = 'waiting' | 'sending' | 'queued' | 'running' | 'done' | 'failed' | 'canceled';

export interface Item {
  key: number;
  /** The recording; null where this page has it no more, after it was loaded again. */
  media: File | null;
  name: string;
  size: number;
  transcript: File | null;
  transcriptName: string | null;
  /** Recordings of how the voice usually sounds. */
  baseline: File[];
  speaker: string;
  options: RecognitionOptions;
  state: ItemState;
  /** How much of it the server has, from 0 to 1. */
  sent: number;
  job: Job | null;
  /** The job's name; known before the job itself where the page was loaded again. */
  jobId: string | null;
  /** Why it failed, or what it waits for. */
  note: Trouble | null;
}

export const isOver = (item: Item) => item.state === 'done' || item.state === 'failed' || item.state === 'canceled';

// One is sent while another is computed; more would only fill the server's own queue.
const mostAtOnce = 2;
const busyWaitMs = 3000;
const mostBreaks = 40;

/** The recordings that wait to be analysed, and those that were. It outlives the view, and the page being loaded again. */
export class Queue {
  readonly items = new Store<Item[]>([]);
  private readonly stops = new Map<number, AbortController>();
  private lastKey = 0;
  private restored = Promise.resolve();

  /** Goes on with what the page had when it was loaded again; before that nothing is kept for the next time. */
  restore(): Promise<void> {
    // Keys of files that are added meanwhile come behind.
    this.lastKey = Math.max(0, ...loadList().map(one => one.key));
    return (this.restored = this.load());
  }

  private async load(): Promise<void> {
    await startTab();
    const saved = loadList();
    const files = await loadFiles(saved.map(one => one.key));
    this.items.set([...saved.map(one => fromSaved(one, files.get(one.key) ?? null)), ...this.items.get()]);
    const save = () => saveList(toSaved(this.items.get()));
    this.items.subscribe(save);
    save();
    this.pump();
  }

  add(pairs: Pair<File>[], speaker: string, options: RecognitionOptions, baseline: File[] = []): void {
    const added = pairs.map(({ media, transcript }): Item => ({
      key: ++this.lastKey,
      media,
      name: media.name,
      size: media.size,
      transcript,
      transcriptName: transcript?.name ?? null,
      baseline,
      speaker,
      options,
      state: 'waiting',
      sent: 0,
      job: null,
      jobId: null,
      note: null,
    }));
    this.items.set([...this.items.get(), ...added]);
    this.keep(
      ...added.map((one): [number, Files] => [one.key, { media: one.media!, transcript: one.transcript, baseline }]),
    );
    this.pump();
  }

  retry(key: number): void {
    this.change(key, { state: 'waiting', sent: 0, job: null, jobId: null, note: null });
    this.pump();
  }

  /** Tries all again that failed and are still here. */
  retryFailed(): void {
    for (const one of this.items.get()) if (one.state === 'failed' && one.media) this.retry(one.key);
  }

  /** Ends it here and at the server, which deletes its media. */
  cancel(key: number): void {
    const item = this.find(key);
    if (!item || item.state === 'done' || item.state === 'failed') return;
    this.change(key, { state: 'canceled', note: null });
    this.stops.get(key)?.abort();
    this.drop(key, item.jobId);
    this.pump();
  }

  /** Ends all that are not finished. */
  cancelAll(): void {
    // From the last: where one ends, the next that waits begins.
    for (const one of [...this.items.get()].reverse()) if (!isOver(one)) this.cancel(one.key);
  }

  /** Takes all that are finished off the list. */
  removeFinished(): void {
    for (const one of this.items.get()) if (isOver(one)) this.remove(one.key);
  }

  /** Takes it off the list; the server deletes it with its media. */
  remove(key: number): void {
    const id = this.find(key)?.jobId ?? null;
    this.items.set(this.items.get().filter(one => one.key !== key));
    this.keep([key, null]);
    this.drop(key, id);
  }

  /** Every result that is there, in the list's order. */
  results(): Recognition[] {
    return this.items.get().flatMap(one => (one.state === 'done' && one.job?.result ? [one.job.result] : []));
  }

  /** Not before the tab has its own name, and what was left by the last page is read. */
  private keep(...items: [number, Files | null][]): void {
    void this.restored.then(() => saveFiles(...items));
  }

  private drop(key: number, id: string | null): void {
    if (id === null) return;
    deleteJob(id).catch((error: unknown) =>
      this.change(key, { note: said(t('queue.notDeleted', { why: messageOf(error) })) }),
    );
  }

  private pump(): void {
    const items = this.items.get();
    let running = items.filter(one => this.stops.has(one.key)).length;
    for (const item of items) {
      if (running >= mostAtOnce) return;
      if (item.state !== 'waiting' || this.stops.has(item.key)) continue;
      running++;
      void this.run(item);
    }
  }

  private async run(item: Item): Promise<void> {
    const stop = new AbortController();
    this.stops.set(item.key, stop);
    try {
      await this.follow(item.key, item.jobId ?? (await this.send(item, stop.signal)), stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) this.change(item.key, { state: 'failed', note: troubleOf(error) });
    } finally {
      this.stops.delete(item.key);
      this.pump();
    }
  }

  private async send(item: Item, signal: AbortSignal): Promise<string> {
    const limits = await getLimits().catch(() => null);
    if (limits && item.size > limits.max_upload_bytes)
      throw new Error(t('queue.tooLarge', { size: bytes(item.size), most: bytes(limits.max_upload_bytes) }));
    const job = await this.submit(item, signal);
    this.change(item.key, { state: job.state, job, jobId: job.id, note: null });
    return job.id;
  }

  /** A server that has enough to do says when to ask again. */
  private async submit(item: Item, signal: AbortSignal): Promise<Job> {
    for (let breaks = 0; ;) {
      this.change(item.key, { state: 'sending', sent: 0, note: null });
      try {
        const upload = { ...item, media: item.media! };
        const job = await postJob(upload, sent => this.change(item.key, { sent }), signal);
        // Canceled just as it was accepted: nothing else refers to it.
        if (signal.aborted) this.drop(item.key, job.id);
        return job;
      } catch (error) {
        if (signal.aborted || !(error instanceof ProblemError)) throw error;
        const { status, code } = error.problem;
        if (status === 429 || status === 503) {
          const wait = error.retryAfterMs ?? busyWaitMs;
          const note = said(t('queue.busy', { n: Math.max(1, Math.ceil(wait / 1000)) }));
          this.change(item.key, { state: 'waiting', note });
          await pause(wait, signal);
        } else if (code === 'unreachable' || status === 502 || status === 504) {
          // A server that is started again, also behind a proxy, loses none of those that wait.
          if (++breaks > mostBreaks) throw new Error(t('queue.noReturn'));
          this.change(item.key, { state: 'waiting', note: said(t('queue.broke')) });
          await pause(Math.min(5000, 500 * breaks), signal);
        } else throw error;
      }
    }
  }

  /** Follows the job to its end, through breaks of the connection and restarts of the server. */
  private async follow(key: number, id: string, signal: AbortSignal): Promise<void> {
    let lastId: string | null = null;
    for (let breaks = 0; ;) {
      try {
        for await (const event of jobEvents(id, lastId, signal)) {
          lastId = event.id ?? lastId;
          breaks = 0;
          if (event.event === 'utterance') continue;
          if (this.took(key, JSON.parse(event.data) as Job)) return;
        }
        // The stream ended without an end: the job itself says how it stands.
        if (this.took(key, await getJob(id))) return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ProblemError && error.problem.status === 404) throw new Error(t('queue.gone'));
        if (error instanceof ProblemError && error.problem.status === 401) throw error;
      }
      if (++breaks > mostBreaks) throw new Error(t('queue.noReturn'));
      this.change(key, breaks > 1 ? { note: said(t('queue.broke')) } : {});
      await pause(Math.min(5000, 500 * breaks), signal);
    }
  }

  private took(key: number, job: Job): boolean {
    const note = job.state === 'failed' ? (job.error ? troubleIn(job.error) : said(t('queue.noReason'))) : null;
    this.change(key, { state: job.state, job, note });
    // What is done is not sent again.
    if (job.state === 'done') this.keep([key, null]);
    return job.state === 'done' || job.state === 'failed' || job.state === 'canceled';
  }

  private find(key: number): Item | undefined {
    return this.items.get().find(one => one.key === key);
  }

  private change(key: number, part: Partial<Item>): void {
    // What was canceled stays so, whatever still comes for it.
    const keep = (one: Item) => one.state === 'canceled' && part.state !== undefined && part.state !== 'waiting';
    this.items.set(this.items.get().map(one => (one.key === key && !keep(one) ? { ...one, ...part } : one)));
  }
}

const said = (text: string): Trouble => ({ text, detail: null });

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException('canceled', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

export const queue = new Queue();
