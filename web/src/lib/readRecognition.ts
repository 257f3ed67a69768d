import { modalities, type Recognition } from '../api/types';

type Bag = Record<string, unknown>;

/** A result's text as a recognition; throws an error that says what was found, what was expected, and where. */
export function readRecognition(text: string): Recognition {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This file is no JSON: ${(error as Error).message}`);
  }
  const result = bag(value, 'the file');
  if (result.schema !== 'affekt.recognition/1' && result.schema !== 'affekt.recognition/2')
    throw new Error(
      `schema is ${shown(result.schema)}; expected "affekt.recognition/2", as affekt recognize --format json writes it.`,
    );
  const bundle = bag(result.bundle, 'bundle');
  strings(bundle, ['name', 'version', 'hash'], 'bundle');
  const input = bag(result.input, 'input');
  strings(input, ['file'], 'input');
  numbers(input, ['duration_ms'], 'input');
  list(result.utterances, 'utterances').forEach((one, i) => checkUtterance(one, `utterances[${i}]`));
  list(result.warnings ?? [], 'warnings').forEach((one, i) =>
    strings(bag(one, `warnings[${i}]`), ['code', 'message'], `warnings[${i}]`),
  );
  list(result.moments ?? [], 'moments').forEach((one, i) => checkMoment(one, `moments[${i}]`));
  return { ...(result as unknown as Recognition), warnings: (result.warnings ?? []) as Recognition['warnings'] };
}

function checkUtterance(value: unknown, at: string): void {
  const one = bag(value, at);
  numbers(one, ['start_ms', 'end_ms', 'confidence'], at);
  const probabilities = bag(one.probabilities, `${at}.probabilities`);
  const labels = Object.keys(probabilities);
  if (labels.length < 2)
    throw new Error(
      `${at}.probabilities is ${shown(probabilities)}; expected a number for each of two labels or more.`,
    );
  numbers(probabilities, labels, `${at}.probabilities`);
  if (!labels.some(label => label === one.emotion))
    throw new Error(`${at}.emotion is ${shown(one.emotion)}; expected one of ${labels.join(', ')}.`);
  numbers(bag(one.contribution, `${at}.contribution`), modalities, `${at}.contribution`);
  const uses = bag(one.modalities, `${at}.modalities`);
  for (const modality of modalities)
    strings(bag(uses[modality], `${at}.modalities.${modality}`), ['status'], `${at}.modalities.${modality}`);
  const branches = bag(one.branches ?? {}, `${at}.branches`);
  one.branches = branches;
  for (const name of ['audio_text', 'video']) {
    if (branches[name] == null) continue;
    const branch = bag(branches[name], `${at}.branches.${name}`);
    numbers(branch, ['weight'], `${at}.branches.${name}`);
    numbers(
      bag(branch.probabilities, `${at}.branches.${name}.probabilities`),
      labels,
      `${at}.branches.${name}.probabilities`,
    );
  }
  for (const name of ['speaker', 'text'] as const) {
    one[name] ??= null;
    if (one[name] !== null && typeof one[name] !== 'string')
      throw new Error(`${at}.${name} is ${shown(one[name])}; expected words or null.`);
  }
}

function checkMoment(value: unknown, at: string): void {
  const one = bag(value, at);
  numbers(one, ['at_ms'], at);
  if (one.probabilities != null) {
    const probabilities = bag(one.probabilities, `${at}.probabilities`);
    numbers(probabilities, Object.keys(probabilities), `${at}.probabilities`);
  }
  one.probabilities ??= null;
  one.boxes = list(one.boxes ?? [], `${at}.boxes`).map((box, i) => {
    numbers(bag(box, `${at}.boxes[${i}]`), ['left', 'top', 'width', 'height'], `${at}.boxes[${i}]`);
    return box;
  });
}

function bag(value: unknown, at: string): Bag {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new Error(`${at} is ${shown(value)}; expected an object.`);
  return value as Bag;
}

function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at} is ${shown(value)}; expected a list.`);
  return value;
}

function numbers(from: Bag, names: readonly string[], at: string): void {
  for (const name of names) {
    if (typeof from[name] !== 'number' || !Number.isFinite(from[name]))
      throw new Error(`${at}.${name} is ${shown(from[name])}; expected a number.`);
  }
}

function strings(from: Bag, names: readonly string[], at: string): void {
  for (const name of names) {
    if (typeof from[name] !== 'string') throw new Error(`${at}.${name} is ${shown(from[name])}; expected a string.`);
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60);
}
