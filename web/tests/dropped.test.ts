import { describe, expect, it } from 'vitest';
import { filesOf } from '../src/lib/dropped';

const file = (name: string, type = '') => new File(['x'], name, { type });
const fileEntry = (one: File) => ({
  isDirectory: false,
  name: one.name,
  file: (done: (file: File) => void) => done(one),
});

// As browsers do: some at a time, then none.
const folder = (name: string, entries: object[]) => ({
  isDirectory: true,
  name,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (done: (some: object[]) => void) => done(left.splice(0, 2)) };
  },
});

const dropped = (entries: { name: string; isDirectory: boolean }[]) =>
  filesOf({
    files: entries.map(entry => file(entry.name)),
    items: entries.map(entry => ({ kind: 'file', webkitGetAsEntry: () => entry })),
  } as unknown as DataTransfer);

const names = async (files: Promise<File[]>) => (await files).map(one => one.name);

describe('A dropped folder', () => {
  it('gives all recordings and transcripts below it, in the order of their names, and what lies beside it', async () => {
    const talks = folder('talks', [
      fileEntry(file('talk 10.mp4', 'video/mp4')),
      fileEntry(file('talk 9.mkv')),
      fileEntry(file('cover.jpg', 'image/jpeg')),
      folder('more', [fileEntry(file('.hidden.mp4', 'video/mp4')), fileEntry(file('a.wav', 'audio/wav'))]),
      fileEntry(file('talk 9.srt')),
      fileEntry(file('notes.docx')),
    ]);
    expect(await names(dropped([talks, fileEntry(file('b.odd'))]))).toEqual([
      'a.wav',
      'talk 9.mkv',
      'talk 9.srt',
      'talk 10.mp4',
      'b.odd',
    ]);
  });

  it('of pictures alone gives these, and an empty one nothing', async () => {
    const photos = folder('photos', [fileEntry(file('b.jpg', 'image/jpeg')), fileEntry(file('Thumbs.db'))]);
    expect(await names(dropped([photos]))).toEqual(['b.jpg']);
    expect(await names(dropped([folder('empty', [])]))).toEqual([]);
  });
});

describe('Dropped files', () => {
  it('are taken as they are', async () => expect(await names(dropped([fileEntry(file('b.odd'))]))).toEqual(['b.odd']));
});
