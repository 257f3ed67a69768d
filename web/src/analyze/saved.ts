import type { Trouble } from '../api/problem';
import type { RecognitionOptions } from '../api/types';
import { t } from '../i18n';
import type { Item, ItemState } from './queue';

/** What is kept of an item for when the page is loaded again: its files apart, its result at the server. */
export interface Saved {
  key: number;
  name: string;
  size: number;
  transcriptName: string | null;
  /** How many recordings of the voice go with it. */
  baselineCount?: number;
  speaker: string;
  options: RecognitionOptions;
  state: ItemState;
  jobId: string | null;
  note: Trouble | null;
}

/** An item's own files. */
export interface Files {
  media: File;
  transcript: File | null;
  baseline?: File[];
}

// The list lives as long as the tab, as the key does. The files are in the browser's store until they are analysed or removed;
// those of tabs that were closed go a day later.
const listName = 'affekt.queue';
const tabName = 'affekt.tab';
const storeName = 'files';
const keptMs = 24 * 3_600_000;
const mostInOne = 50;

export function toSaved(items: Item[]): Saved[] {
  return items.map(({ key, name, size, transcriptName, baseline, speaker, options, state, jobId, note }) => ({
    key,
    name,
    size,
    transcriptName,
    baselineCount: baseline.length,
    speaker,
    options,
    state,
    jobId,
    note,
  }));
}

/** An item as it goes on: what the server has is followed there, what it does not have is sent, where its files are still here. */
export function fromSaved(saved: Saved, files: Files | null): Item {
  const { baselineCount, ...rest } = saved;
  const item: Item = {
    ...rest,
    media: files?.media ?? null,
    transcript: files?.transcript ?? null,
    baseline: files?.baseline ?? [],
    sent: 0,
    job: null,
  };
  if (saved.state === 'failed' || saved.state === 'canceled') return item;
  const isWhole = files !== null && (files.baseline?.length ?? 0) === (baselineCount ?? 0);
  if (saved.jobId !== null || isWhole) return { ...item, state: 'waiting', note: null };
  return {
    ...item,
    state: 'failed',
    note: { text: t('queue.lost'), detail: null },
  };
}

export function loadList(): Saved[] {
  try {
    const list: unknown = JSON.parse(sessionStorage.getItem(listName) ?? '[]');
    return Array.isArray(list) ? (list as Saved[]) : [];
  } catch {
    return [];
  }
}

let lastList = '';

export function saveList(list: Saved[]): void {
  const text = JSON.stringify(list);
  // Items change with every piece that is sent; what is kept of them rarely does.
  if (text === lastList) return;
  lastList = text;
  try {
    sessionStorage.setItem(listName, text);
  } catch {
    // No room: the queue goes on without it.
  }
}

function tab(): string {
  const known = sessionStorage.getItem(tabName);
  if (known !== null) return known;
  const made = Array.from(crypto.getRandomValues(new Uint32Array(2))).join('-');
  sessionStorage.setItem(tabName, made);
  return made;
}

// As long as a page that is loaded again may take to let go of what it held.
const longestHeldMs = 10_000;

/**
 * Tells tabs apart: one that was duplicated brings the other's list along, whose recordings are the other's to send and to remove.
 * It begins with a queue of its own.
 */
export async function startTab(): Promise<void> {
  // Browsers have locks for pages of this machine and those over https only.
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) return;
  const hold = (options: LockOptions) =>
    new Promise<boolean>(resolve =>
      locks
        .request(`affekt.tab/${tab()}`, options, () => {
          resolve(true);
          return new Promise(() => undefined);
        })
        .catch(() => resolve(false)),
    );
  if (await hold({ signal: AbortSignal.timeout(longestHeldMs) })) return;
  sessionStorage.removeItem(tabName);
  sessionStorage.removeItem(listName);
  await hold({});
}

const placeOf = (key: number) => `${tab()}/${key}`;

let database: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  database ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('affekt', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => {
      request.result.onclose = () => (database = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error!);
  }).catch((error: unknown) => {
    database = null;
    throw error;
  });
  return database;
}

async function within(mode: IDBTransactionMode, act: (store: IDBObjectStore) => void): Promise<void> {
  const opened = await open();
  await new Promise<void>((resolve, reject) => {
    const transaction = opened.transaction(storeName, mode, { durability: 'relaxed' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error!);
    act(transaction.objectStore(storeName));
  });
}

/** Keeps items' files by their keys, or forgets them. A browser that keeps none, or has no room, goes on without. */
export async function saveFiles(...items: [key: number, files: Files | null][]): Promise<void> {
  // A transaction for each of hundreds takes so long that a page loaded again finds half of them.
  for (let i = 0; i < items.length; i += mostInOne) {
    const some = items.slice(i, i + mostInOne);
    try {
      await within('readwrite', store => {
        for (const [key, files] of some) {
          if (files) store.put({ ...files, at: Date.now() }, placeOf(key));
          else store.delete(placeOf(key));
        }
      });
    } catch {
      // One for which there is no room loses no other. The item itself has its files as long as the page is open.
      if (some.length > 1) for (const one of some) await saveFiles(one);
    }
  }
}

/** The files of the items of this tab, by key; what is too old goes. */
export async function loadFiles(keys: number[]): Promise<Map<number, Files>> {
  const found = new Map<number, Files>();
  const places = new Map(keys.map(key => [placeOf(key), key]));
  try {
    await within('readwrite', store => {
      store.openCursor().onsuccess = event => {
        const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
        if (!cursor) return;
        const { at, ...files } = cursor.value as Files & { at: number };
        const key = places.get(String(cursor.key));
        if (key !== undefined) found.set(key, files);
        else if (at < Date.now() - keptMs || String(cursor.key).startsWith(`${tab()}/`)) cursor.delete();
        cursor.continue();
      };
    });
  } catch {
    // None are kept.
  }
  return found;
}
