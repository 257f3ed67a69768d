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

const known = ['welcome', 'update', 'utterance', 'persons', 'dropped', 'warning', 'error'];

/** A text message; null for one that this page does not know, which a newer server may send. */
export function decode(text: string): ServerMessage | null {
  const message = JSON.parse(text) as { type?: unknown };
  return known.some(one => one === message.type) ? (message as ServerMessage) : null;
}

/** How long to wait before the next try: doubling from a quarter of a second to four. */
export function backoff(attempt: number): number {
  return Math.min(4000, 250 * 2 ** attempt);
}
