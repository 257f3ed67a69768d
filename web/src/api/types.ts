// Every shape of docs/api.md, under the names that it uses there.

export const emotions = ['neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'] as const;

/** One of these, or a label of a bundle that has others. */
export type Emotion = string;

export const modalities = ['audio', 'text', 'video'] as const;
export type Modality = (typeof modalities)[number];

/** By label, in the bundle's order; 0 to 1, with the sum 1. */
export type Probabilities = Readonly<Record<Emotion, number>>;
export type ModalityStatus = 'used' | 'missing' | 'unusable';
export type TextSource = 'given' | 'transcript' | 'asr' | 'none';

export interface ModalityUse {
  status: ModalityStatus;
  reason: string | null;
  /** What it says by itself. */
  probabilities?: Probabilities | null;
  /** What its evidence is multiplied by, where experts are joined. */
  weight?: number;
}

export interface BranchAnswer {
  weight: number;
  probabilities: Probabilities;
}

export interface Utterance {
  start_ms: number;
  end_ms: number;
  speaker: string | null;
  /** The share in which two people speak at once; absent where that is not known. */
  overlap?: number;
  text: string | null;
  text_source: TextSource;
  emotion: Emotion;
  confidence: number;
  abstained: boolean;
  probabilities: Probabilities;
  /** What was expected before anything was heard or seen; where experts are joined. */
  prior?: Probabilities;
  /** What the bundle estimates beside its labels, such as valence, in its corpus's units. */
  dimensions?: Readonly<Record<string, number>>;
  modalities: Record<Modality, ModalityUse>;
  faces?: PictureFaces[];
  face?: UtteranceFace;
  listeners?: { person: string; emotion: Emotion; confidence: number; probabilities: Probabilities }[];
  /** How much of the speaker's own voice the answer could be compared with. */
  baseline?: { utterances: number } | null;
  branches: { audio_text?: BranchAnswer; video?: BranchAnswer };
  contribution: Record<Modality, number>;
}

export interface PictureFaces {
  time_ms: number;
  boxes: { left: number; top: number; width: number; height: number; score: number }[];
}

/** Whose face was read; `person` and `confidence` are null where nothing was compared. */
export interface UtteranceFace {
  status: 'speaking' | 'only' | 'not_seen';
  person: string | null;
  confidence: number | null;
}

/** Someone in a recording: a voice, a face, or both. Utterances are theirs whose `speaker` is the name. */
export interface Person {
  id: string;
  name: string;
  voice: { utterances: number; speech_ms: number; share: number } | null;
  face: { seen_ms: number; stretches: { start_ms: number; end_ms: number }[]; thumbnail?: string } | null;
  emotions: Probabilities | null;
  over_time: { start_ms: number; end_ms: number; probabilities: Probabilities }[];
  changes: { at_ms: number; from: Emotion; to: Emotion }[];
}

/** A running answer of a live session. */
export interface Moment {
  /** Since the session's start. */
  at_ms: number;
  /** null leaves a gap: nobody spoke and no face was seen. */
  probabilities: Probabilities | null;
  boxes: PictureFaces['boxes'];
}

export interface Warning {
  code: string;
  message: string;
}

export interface BundleIdentity {
  name: string;
  version: string;
  hash: string;
}

export interface Recognition {
  schema: 'affekt.recognition/1' | 'affekt.recognition/2';
  bundle: BundleIdentity;
  input: { file: string; duration_ms: number };
  utterances: Utterance[];
  /** Not in affekt.recognition/1. */
  persons?: Person[];
  warnings: Warning[];
  /** A live session's running answers, which this page adds; the server's results have none. */
  moments?: Moment[];
  timing_ms?: { decode: number; encode: number; classify: number; total: number };
}

/** RFC 9457. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'canceled';

export interface Job {
  id: string;
  state: JobState;
  created: string;
  expires: string | null;
  file: string;
  progress: { utterances: number; done_ms: number; duration_ms: number | null };
  error: Problem | null;
  result: Recognition | null;
}

export interface RecognitionOptions {
  min_confidence?: number;
  transcribe?: boolean;
  prior?: 'uniform' | 'meld' | Probabilities;
  audio_stream?: number;
  /** 'auto', 'none', or how many there are. */
  speakers?: string;
  thumbnails?: boolean;
  mode?: 'sync' | 'job';
}

export interface Bundle extends BundleIdentity {
  modalities: Modality[];
  card: string | null;
  labels: Emotion[];
  /** What is expected where nothing is chosen; null where nothing can be. Older servers do not say. */
  prior?: Probabilities | null;
  /** Whether recordings of how a voice usually sounds are of use. */
  baseline?: boolean;
}

export type PriorName = 'uniform' | 'meld';

/** A voice that the server was told of. */
export interface EnrolledVoice {
  id: string;
  utterances: number;
  keep_ms: number;
}

export interface Limits {
  max_upload_bytes: number;
  max_duration_ms: number;
  max_sync_duration_ms: number;
  max_pixels: number;
  max_live_sessions: number;
  max_queue: number;
  keep_ms: number;
  version: string;
  api_key_required: boolean;
}

// Live: what the page says.

export interface Hello {
  type: 'hello';
  version: 1;
  audio: boolean;
  video: boolean;
  speaker: string | null;
  /** 'auto', 'none', or how many there are. */
  speakers: string;
  thumbnails: boolean;
  transcribe: boolean;
  min_confidence: number | null;
  prior: PriorName | null;
  baseline: string | null;
  api_key: string | null;
  resume: { session: string; last_seq: number } | null;
}

export type ClientMessage =
  | Hello
  | { type: 'speaker'; speaker: string | null }
  | { type: 'rename'; from: string; to: string }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'stop' };

// Live: what the server says.

export interface Welcome {
  type: 'welcome';
  session: string;
  resume_ms: number;
  update_ms: number;
  max_picture_bytes: number;
  received: { audio_seq: number; video_seq: number };
}

export interface Face {
  x: number;
  y: number;
  width: number;
  height: number;
  score: number;
  /** Whose face it is, as in `persons`; null or absent where that is not known. */
  person?: string | null;
}

export interface LiveModality extends ModalityUse {
  probabilities: Probabilities | null;
}

export interface LiveUpdate {
  type: 'update';
  seq: number;
  at_ms: number;
  speaking_since_ms: number | null;
  probabilities: Probabilities | null;
  emotion: Emotion | null;
  confidence: number | null;
  modalities: Record<Modality, LiveModality>;
  faces: Face[];
  text: string | null;
  speaker: string | null;
  latency_ms: number;
}

export interface LiveUtterance {
  type: 'utterance';
  seq: number;
  utterance: Utterance;
}

/** Who is in the session, and the speaker of each of its utterances, as known now. */
export interface LivePersons {
  type: 'persons';
  seq: number;
  persons: Person[];
  speakers?: (string | null)[];
}

export type ServerMessage =
  | Welcome
  | LiveUpdate
  | LiveUtterance
  | LivePersons
  | { type: 'dropped'; seq: number; pictures: number }
  | { type: 'warning'; seq: number; code: string; message: string }
  | { type: 'error'; problem: Problem };
