import { modalities, type Probabilities, type Recognition } from '../api/types';
import { labelsOf, shareOf } from './emotions';

/** A cell that starts so would be a formula to a spreadsheet: words of a recording must not become one. */
const formula = /^[=+\-@\t\r]/;

export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row for each person over the whole recording, and one for each stretch of it; as `affekt recognize --summary` writes. */
export function toPersonsCsv({ input, persons = [] }: Recognition): string {
  const labels = labelsOf(persons.find(one => one.emotions)?.emotions ?? null);
  const shares = (of: Probabilities | null) =>
    of
      ? [
          labels.reduce((best, one) => (shareOf(of, one) > shareOf(of, best) ? one : best)),
          ...labels.map(one => shareOf(of, one)),
        ]
      : ['', ...labels.map(() => null)];
  const lines = persons.flatMap(({ id, name, voice, emotions, over_time }) => [
    [
      input.file,
      id,
      name,
      0,
      input.duration_ms,
      voice?.utterances ?? 0,
      voice?.speech_ms ?? 0,
      voice?.share ?? 0,
      ...shares(emotions),
    ],
    ...over_time.map(one => [
      input.file,
      id,
      name,
      one.start_ms,
      one.end_ms,
      null,
      null,
      null,
      ...shares(one.probabilities),
    ]),
  ]);
  const head = [
    'file',
    'person',
    'name',
    'start_ms',
    'end_ms',
    'utterances',
    'speech_ms',
    'share',
    'emotion',
    ...labels,
  ];
  return [head, ...lines]
    .map(line => `${line.map(one => csvCell(typeof one === 'number' ? rounded(one) : one)).join(',')}\r\n`)
    .join('');
}

function rounded(number: number): number {
  return Math.round(1e4 * number) / 1e4;
}

const columns = (labels: readonly string[]) => [
  'file',
  'start_ms',
  'end_ms',
  'speaker',
  'text',
  'text_source',
  'emotion',
  'confidence',
  'abstained',
  ...labels,
  ...modalities.map(one => `${one}_status`),
  ...modalities.map(one => `${one}_contribution`),
  'face',
  'face_status',
  'overlap',
];

/** A line for each utterance of one result or several, RFC 4180; in English, for programs. */
export function toCsv(...results: Recognition[]): string {
  const all = results.flatMap(result => result.utterances.map(one => ({ file: result.input.file, one })));
  const own = [...new Set(all.flatMap(({ one }) => labelsOf(one.probabilities)))];
  const labels = own.length > 0 ? own : labelsOf(null);
  const lines = all.map(({ file, one }) => [
    file,
    one.start_ms,
    one.end_ms,
    one.speaker,
    one.text,
    one.text_source,
    one.emotion,
    one.confidence,
    one.abstained,
    ...labels.map(label => one.probabilities[label] ?? null),
    ...modalities.map(modality => one.modalities[modality].status),
    ...modalities.map(modality => one.contribution[modality]),
    one.face?.person ?? null,
    one.face?.status ?? null,
    one.overlap ?? null,
  ]);
  return [columns(labels), ...lines].map(line => `${line.map(csvCell).join(',')}\r\n`).join('');
}
