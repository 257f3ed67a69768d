import { describe, expect, it } from 'vitest';
import { EventParser } from '../src/api/events';
import { problemOf, retryAfter, sentence } from '../src/api/problem';
import { closing } from '../src/live/closing';
import { backoff, decode, encode, pcmBytes } from '../src/live/protocol';

describe('Live messages', () => {
  it('have the header of docs/api.md', () => {
    const bytes = [...new Uint8Array(encode('picture', 0x01020304, 1.5, Uint8Array.of(9, 8)))];
    expect(bytes).toEqual([2, 0, 0, 0, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 9, 8]);
  });

  it('carry sound little endian', () => {
    expect([...pcmBytes(Int16Array.of(1, -2, 0x1234))]).toEqual([1, 0, 0xfe, 0xff, 0x34, 0x12]);
  });

  it('of kinds to come are left alone', () => {
    expect(decode('{"type":"dropped","seq":1,"pictures":2}')).toEqual({ type: 'dropped', seq: 1, pictures: 2 });
    expect(decode('{"type":"weather"}')).toBeNull();
  });
});

describe('Closing', () => {
  it('is tried again only where that can help', () => {
    expect([1006, 1001, 1011].map(code => closing(code).again)).toEqual([true, true, true]);
    expect([1000, 1008, 1009, 1013, 4400, 4409, 4410].some(code => closing(code).again)).toBe(false);
  });

  it('waits longer each time, but never for long', () => {
    expect([0, 1, 2, 9].map(backoff)).toEqual([250, 500, 1000, 4000]);
  });
});

describe('Server-sent events', () => {
  it('come out whole, however they are cut', () => {
    const text = ': hello\nid: 7\nevent: progress\ndata: {"a":1}\n\nevent: done\r\ndata: one\r\ndata: two\r\n\r\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventParser();
      const events = [...parser.feed(text.slice(0, cut)), ...parser.feed(text.slice(cut))];
      expect(events).toEqual([
        { event: 'progress', id: '7', data: '{"a":1}' },
        { event: 'done', id: '7', data: 'one\ntwo' },
      ]);
    }
  });
});

describe('Problems', () => {
  it('are read from JSON and not from a page', () => {
    expect(problemOf(413, '{"detail":"too long","code":"x"}')).toEqual({ status: 413, detail: 'too long', code: 'x' });
    expect(sentence(problemOf(502, '<html>'))).toBe('The server answered 502. Try again.');
  });

  it('say when to try again, in seconds or as a date', () => {
    expect(retryAfter('3', 0)).toBe(3000);
    expect(retryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect(retryAfter('soon', 0)).toBeNull();
  });
});
