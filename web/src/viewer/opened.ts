import type { Recognition } from '../api/types';
import { Store } from '../lib/store';

export interface Opened {
  result: Recognition;
  /** The recording, where this page has it. */
  media: File | null;
  /** The job that it came from; null for a file or a live session. */
  id: string | null;
}

/** What the viewer shows. */
export const opened = new Store<Opened | null>(null);
