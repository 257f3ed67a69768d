import { modalities, type Recognition } from '../api/types';
import { labelsOf } from './emotions';

/** A cell that starts so would be a formula to a spreadsheet: words of a recording must not become one. */
const formula = /^[=+\-@\t\r]/;

export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
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
  ]);
  return [columns(labels), ...lines].map(line => `${line.map(csvCell).join(',')}\r\n`).join('');
}
