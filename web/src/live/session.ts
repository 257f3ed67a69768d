import { apiKey, enroll } from '../api/client';
import { type Trouble, troubleOf } from '../api/problem';
import type { PriorName, ServerMessage } from '../api/types';
import { t } from '../i18n';
import { Store } from '../lib/store';
import { Connection, type Link } from './connection';
import { type Chosen, type Opened, openMedia, PictureTaker, SoundTaker, type Sources } from './media';
import { messageSamples, pcmBytes, soundRate } from './protocol';
import { Recorder } from './recorder';
import { openSample } from './sample';
import { begin, forgotten, idle, reduce, type LiveState } from './state';

const messageMs = (1000 * messageSamples) / soundRate;

/** How far sound's own clock may lie from the machine's before it is set again. */
const mostDriftMs = 500;

/** How a session is begun. */
export interface Start {
  sources: Sources;
  devices: Chosen;
  /** The sample in place of the devices. */
  sample: boolean;
  speaker: string;
  speakers: string;
  thumbnails: boolean;
  transcribe: boolean;
  record: boolean;
  prior: PriorName | null;
  /** How the voice usually sounds. */
  baseline: File[];
}

/** One live session: the devices, the connection, and what the views show of them. */
export class LiveSession {
  readonly state = new Store<LiveState>(idle);
  /** How loud the last 100 ms were at their loudest, from 0 to 1. */
  readonly level = new Store(0);
  private connection: Connection | null = null;
  private pictures: PictureTaker | null = null;
  private sound: SoundTaker | null = null;
  private opened: Opened | null = null;
  private recorder: Recorder | null = null;
  // When the first of the server's sessions began, and the one at hand: a server that was started again counts from zero.
  private firstAt = 0;
  private startedAt = 0;
  private soundAt: number | null = null;
  // How far sound's time stamps run ahead of the sound: they follow on the first piece, which may have come late.
  private aheadMs = 0;
  // Each start has a number: what an earlier one still brings is dropped.
  private run = 0;

  async start(wanted: Start): Promise<void> {
    const run = ++this.run;
    const { sources, speaker, transcribe, record, baseline } = wanted;
    this.state.set(
      begin({ sources, speaker, transcribe, records: record, phase: baseline.length > 0 ? 'enrolling' : 'starting' }),
    );
    try {
      const voice = baseline.length > 0 ? await enroll(baseline) : null;
      if (run !== this.run) return;
      if (voice?.utterances === 0) this.note(t('live.noVoice'));
      this.change({ phase: 'starting' });
      const opened = wanted.sample ? await openSample(() => this.stop()) : await openMedia(sources, wanted.devices);
      const { stream } = opened;
      if (run !== this.run) {
        close(opened);
        return;
      }
      this.opened = opened;
      this.change({ stream });
      stream.getTracks().forEach(track => {
        const device = t(track.kind === 'audio' ? 'live.microphoneAlone' : 'live.cameraAlone');
        track.onended = () => {
          this.note(t('live.unplugged', { device }));
          if (track.kind === 'video') this.change({ blind: true });
          if (this.isGone()) this.change({ update: null });
        };
        track.onmute = () => this.note(t('live.muted', { device }));
        track.onunmute = () => this.forgive(t('live.muted', { device }));
      });
      this.firstAt = this.startedAt = performance.now();
      this.soundAt = null;
      if (record && !(this.recorder = Recorder.start(stream))) {
        this.note(t('live.noRecorder'));
        this.change({ records: false });
      }
      this.connection = this.connect(wanted, voice?.utterances ? voice.id : null);
      this.connection.open();
      if (sources.audio) await (this.sound = new SoundTaker(stream, pcm => this.tookSound(pcm))).start();
      if (run !== this.run || this.state.get().phase === 'stopping') return;
      if (sources.video)
        await (this.pictures = new PictureTaker(stream, (jpeg, at) => this.tookPicture(jpeg, at))).start();
      if (run === this.run && this.state.get().phase === 'starting') this.change({ phase: 'live' });
    } catch (error) {
      if (run !== this.run) return;
      this.finish(troubleOf(error));
    }
  }

  pause(): void {
    this.hold(true);
    this.connection?.say({ type: 'pause' });
    this.change({ phase: 'paused' });
  }

  resume(): void {
    this.connection?.say({ type: 'resume' });
    this.soundAt = null;
    this.hold(false);
    this.change({ phase: 'live' });
  }

  /** The devices close at once; the server's last answers still come. */
  stop(): void {
    if (!this.connection) {
      // The browser still asks for the devices: what it opens then is closed at once.
      this.finish(null);
      return;
    }
    this.closeDevices();
    this.change({ phase: 'stopping' });
    this.connection.stop();
  }

  /** Leaves nothing open: the page is left. */
  abandon(): void {
    if (this.state.get().phase === 'idle' || this.state.get().phase === 'stopped') return;
    this.stop();
  }

  setSpeaker(speaker: string): void {
    this.change({ speaker });
    this.connection?.say({ type: 'speaker', speaker: speaker.trim() || null });
  }

  /** Another name for a person, who keeps it; the server answers with everybody's names. */
  rename(from: string, to: string): void {
    this.connection?.say({ type: 'rename', from, to });
  }

  saved(): void {
    this.change({ isSaved: true });
  }

  dismiss(): void {
    this.change({ error: null });
  }

  private connect(
    { sources, speaker, speakers, thumbnails, transcribe, prior }: Start,
    baseline: string | null,
  ): Connection {
    // Messages of a connection that the session has dropped are ignored.
    const mine =
      <T extends unknown[]>(act: (...values: T) => void) =>
      (...values: T) => {
        if (connection === this.connection) act(...values);
      };
    const connection: Connection = new Connection(
      {
        audio: sources.audio,
        video: sources.video,
        speaker: speaker.trim() || null,
        speakers,
        thumbnails,
        transcribe,
        min_confidence: null,
        prior,
        baseline,
        api_key: apiKey.get(),
      },
      {
        link: mine(state => this.linked(state)),
        message: mine(message => this.took(message)),
        failed: mine(trouble => this.finish(trouble)),
        restarted: mine(() => {
          this.startedAt = performance.now();
          this.soundAt = null;
          this.change(forgotten(this.state.get()));
          this.note(t('live.lost'));
        }),
        skipped: mine((pictures, isSlow) => {
          this.change({ skipped: this.state.get().skipped + pictures });
          if (isSlow) this.note(t('live.slow'));
        }),
      },
    );
    return connection;
  }

  private linked(link: Link): void {
    // What was expressed before the break is not what is expressed now.
    this.change({ link, ...(link === 'broken' ? { update: null } : {}) });
    if (link !== 'closed' || this.state.get().phase === 'stopped') return;
    this.finish(null);
  }

  private took(message: ServerMessage): void {
    // Of devices that are all gone the last answer would stay for as long as the session lasts.
    if (message.type === 'update' && this.isGone()) return;
    if (message.type === 'welcome' && this.pictures) this.pictures.mostBytes = message.max_picture_bytes;
    const nowMs = performance.now() - this.startedAt + this.aheadMs;
    this.state.set(reduce(this.state.get(), message, nowMs, this.startedAt - this.firstAt));
  }

  private tookSound(pcm: Int16Array): void {
    if (this.state.get().phase !== 'live' && this.state.get().phase !== 'starting') return;
    this.level.set(pcm.reduce((most, one) => Math.max(most, Math.abs(one)), 0) / 32768);
    const heardAt = performance.now() - this.startedAt - messageMs;
    const expected = this.soundAt ?? heardAt;
    const isFollowing = this.soundAt !== null && Math.abs(expected - heardAt) <= mostDriftMs;
    const at = Math.max(0, isFollowing ? expected : heardAt);
    this.aheadMs = isFollowing ? Math.max(this.aheadMs, at - heardAt) : 0;
    this.soundAt = at + messageMs;
    this.connection?.send('sound', at, pcmBytes(pcm));
  }

  private tookPicture(jpeg: Uint8Array, takenAt: number): void {
    if (this.state.get().phase === 'live') this.connection?.send('picture', takenAt - this.startedAt, jpeg);
  }

  /** Whether all devices were taken away; those of a session that was stopped are closed by itself, and its last answers count. */
  private isGone(): boolean {
    if (this.state.get().phase === 'stopping') return false;
    const tracks = this.state.get().stream?.getTracks() ?? [];
    return tracks.length > 0 && tracks.every(one => one.readyState === 'ended');
  }

  private hold(paused: boolean): void {
    this.state
      .get()
      .stream?.getTracks()
      .forEach(track => (track.enabled = !paused));
  }

  private closeDevices(): void {
    this.sound?.stop();
    this.pictures?.stop();
    this.sound = null;
    this.pictures = null;
    this.recorder?.stop(recordingName()).then(
      recording => this.change({ recording }),
      () => undefined,
    );
    this.recorder = null;
    if (this.opened) close(this.opened);
    this.opened = null;
  }

  private finish(error: Trouble | null): void {
    this.closeDevices();
    this.run++;
    this.change({ phase: 'stopped', stream: null, error: error ?? this.state.get().error, update: null });
    const connection = this.connection;
    this.connection = null;
    connection?.stop();
  }

  private note(text: string): void {
    this.change({ notes: [...this.state.get().notes.filter(one => one !== text), text] });
  }

  private forgive(text: string): void {
    this.change({ notes: this.state.get().notes.filter(one => one !== text) });
  }

  private change(part: Partial<LiveState>): void {
    this.state.set({ ...this.state.get(), ...part });
  }
}

/** The page's one session. */
export const session = new LiveSession();

function close(opened: Opened): void {
  opened.close();
  opened.stream.getTracks().forEach(track => {
    track.onended = track.onmute = track.onunmute = null;
    track.stop();
  });
}

function recordingName(): string {
  const now = new Date();
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `live-${day}-${two(now.getHours())}${two(now.getMinutes())}`;
}
