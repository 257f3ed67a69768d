export interface Pair<T> {
  media: T;
  transcript: T | null;
}

const transcripts = new Set(['srt', 'vtt', 'ass', 'ssa', 'sbv', 'json', 'jsonl', 'csv', 'tsv', 'txt']);

/** Recordings with the subtitles of the same base name, and the subtitles that nothing goes with. */
export function pairUp<T extends { name: string }>(files: readonly T[]): { pairs: Pair<T>[]; left: T[] } {
  const left = new Set(files.filter(isTranscript));
  const pairs = files
    .filter(file => !isTranscript(file))
    .map(media => {
      const transcript = [...left].find(one => belongs(one.name, media.name)) ?? null;
      if (transcript) left.delete(transcript);
      return { media, transcript };
    });
  return { pairs, left: [...left] };
}

export function isTranscript(file: { name: string }): boolean {
  return transcripts.has(parts(file.name).extension);
}

// talk.srt, talk.mp4.srt and talk.en.srt all go with talk.mp4.
function belongs(transcript: string, media: string): boolean {
  const base = parts(transcript).base;
  const wanted = parts(media).base;
  return (
    base === wanted ||
    base === media.toLowerCase() ||
    (base.startsWith(`${wanted}.`) && /^[a-z]{2,3}(-[a-z]+)?$/.test(base.slice(wanted.length + 1)))
  );
}

function parts(name: string): { base: string; extension: string } {
  const lower = name.toLowerCase();
  const dot = lower.lastIndexOf('.');
  return dot <= 0 ? { base: lower, extension: '' } : { base: lower.slice(0, dot), extension: lower.slice(dot + 1) };
}
