import type { LiveUpdate, Probabilities, ServerMessage, Utterance } from '../api/types';
import type { Link } from './connection';
import type { Sources } from './media';

export type Phase = 'idle' | 'starting' | 'live' | 'paused' | 'stopping' | 'stopped';

export interface Moment {
  /** Since the session's start, in ms. */
  at: number;
  /** null leaves a gap: nobody spoke and no face was seen. */
  probabilities: Probabilities | null;
}

export interface LiveState {
  phase: Phase;
  link: Link;
  sources: Sources;
  /** Whether words are looked for. */
  transcribe: boolean;
  speaker: string;
  stream: MediaStream | null;
  update: LiveUpdate | null;
  history: Moment[];
  utterances: Utterance[];
  notes: string[];
  /** Pictures that the server left out to keep up, and that this page did not send. */
  dropped: number;
  skipped: number;
  /** From the end of what was heard to the answer on this page, in ms. */
  delayMs: number | null;
  error: string | null;
}

/** The last minute. */
export const historyMs = 60_000;

export const idle: LiveState = {
  phase: 'idle',
  link: 'closed',
  sources: { audio: true, video: true },
  transcribe: true,
  speaker: '',
  stream: null,
  update: null,
  history: [],
  utterances: [],
  notes: [],
  dropped: 0,
  skipped: 0,
  delayMs: null,
  error: null,
};

export function begin(speaker: string): LiveState {
  return { ...idle, phase: 'starting', speaker };
}

/** The state after a message that came `nowMs` after the session's start. */
export function reduce(state: LiveState, message: ServerMessage, nowMs: number): LiveState {
  switch (message.type) {
    case 'update':
      return {
        ...state,
        update: message,
        delayMs: Math.max(0, nowMs - message.at_ms),
        history: [...state.history, { at: nowMs, probabilities: message.probabilities }].filter(
          one => one.at > nowMs - historyMs && one.at <= nowMs,
        ),
      };
    case 'utterance':
      return { ...state, utterances: [...state.utterances, message.utterance] };
    case 'dropped':
      return { ...state, dropped: state.dropped + message.pictures };
    case 'warning':
      return state.notes.includes(message.message) ? state : { ...state, notes: [...state.notes, message.message] };
    default:
      return state;
  }
}
