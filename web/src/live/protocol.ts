import type { ServerMessage } from '../api/types';

export const soundRate = 16_000;

/** A sound message carries 100 ms: short enough not to be felt, long enough not to drown in headers. */
export const messageSamples = soundRate / 10;

export const kinds = { sound: 1, picture: 2 } as const;
export type Kind = keyof typeof kinds;

const headerBytes = 16;

/** A binary message: kind, three zeros, sequence number, time in ms, payload; little endian. */
export function encode(kind: Kind, seq: number, atMs: number, payload: Uint8Array): ArrayBuffer {
  const message = new ArrayBuffer(headerBytes + payload.length);
  const view = new DataView(message);
  view.setUint8(0, kinds[kind]);
  view.setUint32(4, seq, true);
  view.setFloat64(8, atMs, true);
  new Uint8Array(message, headerBytes).set(payload);
  return message;
}

/** PCM as its bytes, little endian whatever the machine. */
export function pcmBytes(pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * pcm.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pcm.length; i++) view.setInt16(2 * i, pcm[i]!, true);
  return bytes;
}

const known = ['welcome', 'update', 'utterance', 'dropped', 'warning', 'error'];

/** A text message; null for one that this page does not know, which a newer server may send. */
export function decode(text: string): ServerMessage | null {
  const message = JSON.parse(text) as { type?: unknown };
  return known.some(one => one === message.type) ? (message as ServerMessage) : null;
}

const closings: Record<number, string> = {
  1003: 'The server did not accept a message of this page.',
  1008: 'The server does not allow this: an API key is missing or wrong, or this page is not allowed here.',
  1009: 'A message was larger than the server allows.',
  1013: 'The server has as many live sessions as it allows. Try again later.',
  4400: 'The server could not read a message of this page.',
  4404: 'The session is gone; a new one has to be started.',
  4408: 'The server waited too long for the first message.',
  4409: 'Another page has taken over this session.',
  4410: 'The session was idle for too long.',
};

/** Whether a closed connection is worth another try, and what to say where it is not. */
export function closing(code: number): { again: boolean; message: string } {
  const message = closings[code];
  return message === undefined
    ? { again: code !== 1000, message: 'The connection to the server broke.' }
    : { again: false, message };
}

/** How long to wait before the next try: doubling from a quarter of a second to four. */
export function backoff(attempt: number): number {
  return Math.min(4000, 250 * 2 ** attempt);
}
