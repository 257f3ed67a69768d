import type { Trouble } from '../api/problem';
import type { LiveUpdate, Moment, Person, Probabilities, ServerMessage, Utterance } from '../api/types';
import { warningText } from '../lib/emotions';
import type { Link } from './connection';
import type { Sources } from './media';

export type Phase = 'idle' | 'enrolling' | 'starting' | 'live' | 'paused' | 'stopping' | 'stopped';

export interface LiveState {
  phase: Phase;
  link: Link;
  sources: Sources;
  /** Whether words are looked for. */
  transcribe: boolean;
  speaker: string;
  stream: MediaStream | null;
  /** Whether the camera was disconnected meanwhile. */
  blind: boolean;
  update: LiveUpdate | null;
  /** Every running answer of the session, the oldest first. */
  moments: Moment[];
  utterances: Utterance[];
  /** How many of the utterances are of sessions that the server has lost. */
  before: number;
  /** Who is there, as the server tells it. */
  persons: Person[];
  notes: string[];
  /** Pictures that the server left out to keep up, and that this page did not send. */
  dropped: number;
  skipped: number;
  /** From the end of what was heard to the answer on this page, in ms. */
  delayMs: number | null;
  /** Whether the session is recorded, and the recording once it has ended. */
  records: boolean;
  recording: File | null;
  isSaved: boolean;
  error: Trouble | null;
}

/** Whether a recording, or one that is being made, would be gone with the page. */
export function isUnsaved({ phase, records, recording, isSaved }: LiveState): boolean {
  return !isSaved && (recording !== null || (records && phase !== 'idle' && phase !== 'stopped'));
}

/** The last minute. */
export const historyMs = 60_000;

// More than three hours of running answers.
const mostMoments = 50_000;

export const idle: LiveState = {
  phase: 'idle',
  link: 'closed',
  sources: { audio: true, video: true },
  transcribe: true,
  speaker: '',
  stream: null,
  blind: false,
  update: null,
  moments: [],
  utterances: [],
  before: 0,
  persons: [],
  notes: [],
  dropped: 0,
  skipped: 0,
  delayMs: null,
  records: false,
  recording: null,
  isSaved: false,
  error: null,
};

export function begin(part: Partial<LiveState>): LiveState {
  return { ...idle, phase: 'starting', ...part };
}

/** The state after the server lost its session: the next one counts persons anew. */
export function forgotten({ utterances }: LiveState): Partial<LiveState> {
  return {
    before: utterances.length,
    persons: [],
    utterances: utterances.map(({ listeners: _, face, ...one }) =>
      face ? { ...one, face: { ...face, person: null } } : one,
    ),
  };
}

/**
 * The state after a message that came `nowMs` after the server's session began, and that `shiftMs` after the first one: a server that
 * was started again counts from zero.
 */
export function reduce(state: LiveState, message: ServerMessage, nowMs: number, shiftMs = 0): LiveState {
  switch (message.type) {
    case 'update':
      return {
        ...state,
        update: message,
        delayMs: Math.max(0, nowMs - message.at_ms),
        moments: [...state.moments.slice(-mostMoments), moment(message, nowMs + shiftMs)],
      };
    case 'utterance':
      return { ...state, utterances: [...state.utterances, shifted(message.utterance, shiftMs)] };
    case 'persons':
      return {
        ...state,
        persons: message.persons,
        utterances: state.utterances.map((one, i) => {
          const speaker = message.speakers?.[i - state.before];
          return speaker === undefined || i < state.before ? one : { ...one, speaker };
        }),
      };
    case 'dropped':
      return { ...state, dropped: state.dropped + message.pictures };
    case 'warning': {
      const note = warningText(message);
      return state.notes.includes(note) ? state : { ...state, notes: [...state.notes, note] };
    }
    default:
      return state;
  }
}

/** How much of the last minute there is to show, in seconds: a quarter, half or all of it. */
export function windowOf(moments: Moment[]): number {
  const seconds = ((moments.at(-1)?.at_ms ?? 0) - (moments[0]?.at_ms ?? 0)) / 1000;
  return seconds < 15 ? 15 : seconds < 30 ? 30 : historyMs / 1000;
}

/** The running answers of the last minute, by seconds before the last one. */
export function lastMinute(moments: Moment[]): { seconds: number; probabilities: Probabilities | null }[] {
  const now = moments.at(-1)?.at_ms ?? 0;
  return moments
    .filter(one => one.at_ms > now - historyMs)
    .map(one => ({ seconds: (one.at_ms - now) / 1000, probabilities: one.probabilities }));
}

function moment({ probabilities, faces }: LiveUpdate, atMs: number): Moment {
  return {
    at_ms: Math.round(atMs),
    probabilities,
    boxes: faces.map(({ x, y, width, height, score }) => ({ left: x, top: y, width, height, score })),
  };
}

function shifted(utterance: Utterance, byMs: number): Utterance {
  if (byMs === 0) return utterance;
  return {
    ...utterance,
    start_ms: Math.round(utterance.start_ms + byMs),
    end_ms: Math.round(utterance.end_ms + byMs),
    faces: utterance.faces?.map(one => ({ ...one, time_ms: Math.round(one.time_ms + byMs) })),
  };
}
