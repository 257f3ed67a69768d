import { EventParser, type ServerEvent } from './events';
import { ProblemError, problemOf, retryAfter, unreachable } from './problem';
import { Store } from '../lib/store';
import type { Bundle, EnrolledVoice, Job, Limits, Problem, RecognitionOptions } from './types';

/** The server's address: the page lies beside it, wherever a proxy has put both. */
export function address(path: string): string {
  return new URL(path, document.baseURI.replace(/[?#].*$/, '')).href;
}

const keyName = 'affekt.api_key';

/** The key lives as long as the tab. */
export const apiKey = {
  get: (): string | null => sessionStorage.getItem(keyName),
  set: (key: string): void => {
    keyRefused.set(false);
    if (key === '') sessionStorage.removeItem(keyName);
    else sessionStorage.setItem(keyName, key);
  },
};

/** Whether the server did not know the key that it was given last. */
export const keyRefused = new Store(false);

/** Keeps in mind that a problem is a wrong key: the page asks for another one. */
export function noted(problem: Problem): Problem {
  if (problem.code === 'key_wrong') keyRefused.set(true);
  return problem;
}

function headers(more: Record<string, string> = {}): Record<string, string> {
  const key = apiKey.get();
  return key === null ? more : { ...more, Authorization: `Bearer ${key}` };
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path), {
      ...init,
      headers: headers(init.headers as Record<string, string> | undefined),
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) {
    throw new ProblemError(
      noted(problemOf(response.status, await response.text())),
      retryAfter(response.headers.get('Retry-After'), Date.now()),
    );
  }
  return response;
}

export async function getLimits(): Promise<Limits> {
  return (await (await ask('v1/limits')).json()) as Limits;
}

export async function getBundles(): Promise<Bundle[]> {
  return ((await (await ask('v1/bundles')).json()) as { bundles: Bundle[] }).bundles;
}

export async function getJob(id: string): Promise<Job> {
  return (await (await ask(`v1/recognitions/${encodeURIComponent(id)}`)).json()) as Job;
}

export async function deleteJob(id: string): Promise<void> {
  try {
    await ask(`v1/recognitions/${encodeURIComponent(id)}`, { method: 'DELETE' });
  } catch (error) {
    // What is gone already needs no deleting.
    if (!(error instanceof ProblemError && error.problem.status === 404)) throw error;
  }
}

/** Tells the server how a voice usually sounds, for live sessions. */
export async function enroll(recordings: File[]): Promise<EnrolledVoice> {
  const form = new FormData();
  for (const one of recordings) form.append('baseline', one, one.name);
  try {
    return (await (await ask('v1/baselines', { method: 'POST', body: form })).json()) as EnrolledVoice;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'unreachable') throw await brokenOff(recordings);
    throw error;
  }
}

export interface Upload {
  media: File;
  transcript: File | null;
  baseline: File[];
  speaker: string;
  options: RecognitionOptions;
}

/** Sends a recording as a job. XMLHttpRequest, because fetch does not tell how far an upload has come. */
export function postJob(upload: Upload, onSent: (share: number) => void, signal: AbortSignal): Promise<Job> {
  const form = new FormData();
  form.append('options', JSON.stringify({ ...upload.options, mode: 'job' }));
  if (upload.speaker !== '') form.append('speaker', upload.speaker);
  if (upload.transcript) form.append('transcript', upload.transcript, upload.transcript.name);
  for (const voice of upload.baseline) form.append('baseline', voice, voice.name);
  form.append('media', upload.media, upload.media.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', address('v1/recognitions'));
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = event => event.lengthComputable && onSent(event.loaded / event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as Job);
      else {
        reject(
          new ProblemError(
            noted(problemOf(request.status, request.responseText)),
            retryAfter(request.getResponseHeader('Retry-After'), Date.now()),
          ),
        );
      }
    };
    request.onerror = () => void brokenOff([upload.media, upload.transcript, ...upload.baseline]).then(reject);
    request.onabort = () => reject(new DOMException('canceled', 'AbortError'));
    const stop = () => request.abort();
    signal.addEventListener('abort', stop);
    request.onloadend = () => signal.removeEventListener('abort', stop);
    request.send(form);
  });
}

/** Why an upload broke off: a file that went or changed since it was chosen, or a folder, ends it as a lost connection does. */
async function brokenOff(files: (File | null)[]): Promise<ProblemError> {
  for (const file of files) {
    try {
      await file?.slice(0, 1).arrayBuffer();
    } catch {
      return new ProblemError({ code: 'file_unreadable', detail: file!.name });
    }
  }
  return unreachable();
}

/** A job's events until the server ends them; throws where the connection breaks. */
export async function* jobEvents(id: string, lastId: string | null, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const more: Record<string, string> = { Accept: 'text/event-stream' };
  if (lastId !== null) more['Last-Event-ID'] = lastId;
  const response = await ask(`v1/recognitions/${encodeURIComponent(id)}/events`, { headers: more, signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
