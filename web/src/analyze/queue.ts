import { deleteJob, getJob, getLimits, jobEvents, postJob } from '../api/client';
import { messageOf, ProblemError, sentence } from '../api/problem';
import type { Job, RecognitionOptions } from '../api/types';
import { bytes } from '../lib/format';
import type { Pair } from '../lib/pairing';
import { Store } from '../lib/store';

export type ItemState = 'waiting' | 'sending' | 'queued' | 'running' | 'done' | 'failed' | 'canceled';

export interface Item {
  key: number;
  media: File;
  transcript: File | null;
  speaker: string;
  options: RecognitionOptions;
  state: ItemState;
  /** How much of it the server has, from 0 to 1. */
  sent: number;
  job: Job | null;
  /** Why it failed, or what it waits for. */
  note: string | null;
}

// One is sent while another is computed; more would only fill the server's own queue.
const mostAtOnce = 2;
const busyWaitMs = 3000;
const mostBreaks = 40;

/** The recordings that wait to be analysed, and those that were. It outlives the view. */
export class Queue {
  readonly items = new Store<Item[]>([]);
  private readonly stops = new Map<number, AbortController>();
  private lastKey = 0;

  add(pairs: Pair<File>[], speaker: string, options: RecognitionOptions): void {
    const added = pairs.map(({ media, transcript }): Item => ({
      key: ++this.lastKey,
      media,
      transcript,
      speaker,
      options,
      state: 'waiting',
      sent: 0,
      job: null,
      note: null,
    }));
    this.items.set([...this.items.get(), ...added]);
    this.pump();
  }

  retry(key: number): void {
    this.change(key, { state: 'waiting', sent: 0, job: null, note: null });
    this.pump();
  }

  /** Ends it here and at the server, which deletes its media. */
  cancel(key: number): void {
    const item = this.find(key);
    if (!item || item.state === 'done' || item.state === 'failed') return;
    this.change(key, { state: 'canceled', note: null });
    this.stops.get(key)?.abort();
    this.drop(key, item.job);
    this.pump();
  }

  /** Takes it off the list; the server deletes it with its media. */
  remove(key: number): void {
    const job = this.find(key)?.job ?? null;
    this.items.set(this.items.get().filter(one => one.key !== key));
    this.drop(key, job);
  }

  private drop(key: number, job: Job | null): void {
    if (!job) return;
    deleteJob(job.id).catch((error: unknown) =>
      this.change(key, { note: `It could not be deleted at the server: ${messageOf(error)}` }),
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
      await this.check(item);
      const job = await this.submit(item, stop.signal);
      this.change(item.key, { state: job.state, job, note: null });
      await this.follow(item.key, job, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) this.change(item.key, { state: 'failed', note: messageOf(error) });
    } finally {
      this.stops.delete(item.key);
      this.pump();
    }
  }

  private async check({ media }: Item): Promise<void> {
    const limits = await getLimits().catch(() => null);
    if (limits && media.size > limits.max_upload_bytes)
      throw new Error(`The file has ${bytes(media.size)}; the server takes at most ${bytes(limits.max_upload_bytes)}.`);
  }

  /** A server that has enough to do says when to ask again. */
  private async submit(item: Item, signal: AbortSignal): Promise<Job> {
    for (;;) {
      this.change(item.key, { state: 'sending', sent: 0, note: null });
      try {
        const job = await postJob(item, sent => this.change(item.key, { sent }), signal);
        // Canceled just as it was accepted: nobody else knows of it.
        if (signal.aborted) this.drop(item.key, job);
        return job;
      } catch (error) {
        const busy = error instanceof ProblemError && (error.problem.status === 429 || error.problem.status === 503);
        if (!busy || signal.aborted) throw error;
        const wait = error.retryAfterMs ?? busyWaitMs;
        this.change(item.key, {
          state: 'waiting',
          note: `The server is busy; asked again in ${Math.max(1, Math.ceil(wait / 1000))} s.`,
        });
        await pause(wait, signal);
      }
    }
  }

  /** Follows the job to its end, through breaks of the connection and restarts of the server. */
  private async follow(key: number, job: Job, signal: AbortSignal): Promise<void> {
    let lastId: string | null = null;
    for (let breaks = 0; ;) {
      try {
        for await (const event of jobEvents(job.id, lastId, signal)) {
          lastId = event.id ?? lastId;
          breaks = 0;
          if (event.event === 'utterance') continue;
          if (this.took(key, JSON.parse(event.data) as Job)) return;
        }
        // The stream ended without an end: the job itself says how it stands.
        if (this.took(key, await getJob(job.id))) return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ProblemError && error.problem.status === 404)
          throw new Error('The server no longer has this job.');
        if (error instanceof ProblemError && error.problem.status === 401) throw error;
      }
      if (++breaks > mostBreaks) throw new Error('The server did not come back.');
      this.change(key, breaks > 1 ? { note: 'The connection broke; trying again.' } : {});
      await pause(Math.min(5000, 500 * breaks), signal);
    }
  }

  private took(key: number, job: Job): boolean {
    const note =
      job.state === 'failed' ? (job.error ? sentence(job.error) : 'It failed; the server did not say why.') : null;
    this.change(key, { state: job.state, job, note });
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(new DOMException('canceled', 'AbortError'));
      },
      { once: true },
    );
  });
}

export const queue = new Queue();
