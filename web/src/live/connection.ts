import { address, noted } from '../api/client';
import { type Trouble, troubleIn } from '../api/problem';
import type { ClientMessage, Hello, ServerMessage, Welcome } from '../api/types';
import { t } from '../i18n';
import { closing } from './closing';
import { backoff, decode, encode, type Kind } from './protocol';

export type Link = 'connecting' | 'open' | 'broken' | 'closed';

export interface Listener {
  link(state: Link): void;
  message(message: ServerMessage): void;
  /** The end, where the page did not ask for it. */
  failed(trouble: Trouble): void;
  /** The server lost the session, as after its own restart, and a new one begins: times start anew. */
  restarted(): void;
  /** Pictures that this page left out, because the connection could not take them: it is too slow, or broken. */
  skipped(pictures: number, isSlow: boolean): void;
}

// How much may wait in the browser before pictures are left out.
const mostBuffered = 512 * 1024;
const lostSession = 4404;

/** A live session over as many connections as it takes. Sound is never left out; after a break it is sent again. */
export class Connection {
  private socket: WebSocket | null = null;
  private session: string | null = null;
  private resumeMs = 30_000;
  private lastSeq = 0;
  private attempt = 0;
  private brokenAt: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ready = false;
  private ended = false;
  private problem: Trouble | null = null;
  private seq = { sound: 0, picture: 0 };
  private sent: { seq: number; atMs: number; message: ArrayBuffer }[] = [];

  constructor(
    private readonly hello: Omit<Hello, 'type' | 'version' | 'resume'>,
    private readonly listener: Listener,
  ) {}

  open(): void {
    this.listener.link(this.session === null && this.attempt === 0 ? 'connecting' : 'broken');
    const socket = new WebSocket(address('v1/live').replace(/^http/, 'ws'));
    this.socket = socket;
    socket.onopen = () => {
      const resume = this.session === null ? null : { session: this.session, last_seq: this.lastSeq };
      socket.send(JSON.stringify({ type: 'hello', version: 1, ...this.hello, resume } satisfies Hello));
    };
    socket.onmessage = event => {
      const message = decode(String(event.data));
      if (message?.type === 'welcome') this.welcomed(message);
      else if (message) this.took(message);
    };
    socket.onclose = event => this.closed(event.code);
  }

  /** Sends sound or a picture, or keeps sound for when the connection is back. */
  send(kind: Kind, atMs: number, payload: Uint8Array): void {
    if (this.ended) return;
    if (kind === 'picture' && (!this.ready || this.socket!.bufferedAmount > mostBuffered)) {
      this.listener.skipped(1, this.ready);
      return;
    }
    const seq = ++this.seq[kind];
    const message = encode(kind, seq, atMs, payload);
    if (kind === 'sound') {
      this.sent.push({ seq, atMs, message });
      while (this.sent.length > 0 && this.sent[0]!.atMs < atMs - this.resumeMs) this.sent.shift();
    }
    if (this.ready) this.socket!.send(message);
  }

  say(message: ClientMessage): void {
    if (message.type === 'speaker') this.hello.speaker = message.speaker;
    if (this.ready) this.socket!.send(JSON.stringify(message));
  }

  /** Asks for the last answers and the end; the server closes. */
  stop(): void {
    if (this.ended) return;
    if (!this.ready) {
      this.end();
      this.socket?.close();
      return;
    }
    this.say({ type: 'stop' });
    // A server that does not answer must not keep the page waiting.
    this.timer = setTimeout(() => {
      this.end();
      this.socket?.close();
    }, 5000);
  }

  private welcomed(message: Welcome): void {
    this.session = message.session;
    this.resumeMs = message.resume_ms;
    this.attempt = 0;
    this.problem = null;
    this.brokenAt = null;
    this.ready = true;
    this.listener.message(message);
    this.listener.link('open');
    for (const one of this.sent) if (one.seq > message.received.audio_seq) this.socket!.send(one.message);
  }

  private took(message: Exclude<ServerMessage, Welcome>): void {
    if (message.type === 'error') {
      // Whether another try helps, the closing code says.
      this.problem = troubleIn(noted(message.problem));
      return;
    }
    // A resumed session may send once more what had arrived.
    if (message.seq <= this.lastSeq) return;
    this.lastSeq = message.seq;
    this.listener.message(message);
  }

  private closed(code: number): void {
    this.ready = false;
    if (this.ended) return;
    if (code === lostSession && this.session !== null) {
      this.forget();
      this.listener.restarted();
      this.open();
      return;
    }
    const { again, message } = closing(code);
    this.brokenAt ??= performance.now();
    const lost = performance.now() - this.brokenAt > this.resumeMs;
    if (!again || lost) {
      if (code !== 1000)
        this.listener.failed(
          lost ? { text: t('close.lost'), detail: null } : (this.problem ?? { text: message, detail: null }),
        );
      this.end();
      return;
    }
    this.listener.link('broken');
    this.timer = setTimeout(() => this.open(), backoff(this.attempt++));
  }

  private forget(): void {
    this.session = null;
    this.lastSeq = 0;
    this.seq = { sound: 0, picture: 0 };
    this.sent = [];
  }

  private end(): void {
    if (this.ended) return;
    clearTimeout(this.timer);
    this.ended = true;
    this.ready = false;
    this.sent = [];
    this.listener.link('closed');
  }
}
