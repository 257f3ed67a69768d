import {
  emotions,
  type Emotion,
  type Modality,
  type ModalityUse,
  type Probabilities,
  type TextSource,
  type Utterance,
} from '../api/types';
import { isKey, type Key, t } from '../i18n';

const known = (label: Emotion) => emotions.find(one => one === label);

/** One of the seven in the page's language; another label as its bundle names it. */
export function emotionName(emotion: Emotion): string {
  const one = known(emotion);
  return one ? t(`emotion.${one}`) : emotion;
}

/** What probabilities are of: the seven in their order, or a bundle's own labels. */
export function labelsOf(probabilities: Probabilities | null | undefined): readonly Emotion[] {
  const own = Object.keys(probabilities ?? {});
  return own.length === 0 || (own.length === emotions.length && own.every(known)) ? emotions : own;
}

/** A label's share, 0 where it is not among them. */
export const shareOf = (probabilities: Probabilities, label: Emotion): number => probabilities[label] ?? 0;

/** The style class of a label: its own of the seven, else one that none of its bundle's labels has, while there is one. */
export function paintOf(label: Emotion, among: Probabilities | null | undefined): string {
  const labels = labelsOf(among);
  const free = emotions.filter(one => !labels.includes(one));
  const others = labels.filter(one => !known(one));
  const classes = free.length > 0 ? free : emotions;
  return known(label) ?? classes[Math.max(0, others.indexOf(label)) % classes.length]!;
}

export const modalityName = (modality: Modality): string => t(`modality.${modality}`);

const heads: Record<Modality, Key> = { audio: 'modality.Audio', text: 'modality.Text', video: 'modality.Video' };

/** A modality's name as a heading. */
export const modalityTitle = (modality: Modality): string => t(heads[modality]);

export const sourceName = (source: TextSource): string => t(`source.${source}`);

export function top(probabilities: Probabilities): Emotion {
  return labelsOf(probabilities).reduce((best, one) =>
    shareOf(probabilities, one) > shareOf(probabilities, best) ? one : best,
  );
}

export function answer(utterance: Pick<Utterance, 'emotion' | 'abstained'>): string {
  const emotion = emotionName(utterance.emotion);
  return utterance.abstained ? t('emotion.unsure', { emotion }) : emotion;
}

/** "joy 3, anger 1, not sure 2": the most frequent first. */
export function tally(utterances: Utterance[]): string {
  const counts = new Map<Emotion | null, number>();
  for (const one of utterances) {
    const key = one.abstained ? null : one.emotion;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const parts = [...counts].sort(([one, many], [other, more]) => {
    if (one === null || other === null) return one === null ? 1 : -1;
    return more - many;
  });
  return parts.length === 0
    ? t('emotion.nobody')
    : parts
        .map(([key, number]) => `${key === null ? t('emotion.unsureShort') : emotionName(key)} ${number}`)
        .join(', ');
}

// The server's reasons, which are for programs and people alike, as this page says them.
const reasons: [RegExp, Key][] = [
  [/^no sound was given/, 'reason.noSound'],
  [/silent/, 'reason.silent'],
  [/^no voice in it/, 'reason.noVoice'],
  [/^nobody speaks/, 'reason.nobody'],
  [/^no text was given/, 'reason.noText'],
  [/^(the text holds no word|no words)/, 'reason.noWord'],
  [/^no face in (?<n>\d+) of (?<all>\d+) /, 'reason.noFaceIn'],
  [/^no face/, 'reason.noFace'],
  [/^(no picture|there is no picture)/, 'reason.noPicture'],
  [/^no branch/, 'reason.noBranch'],
  [/of speech was heard|too short/, 'reason.early'],
];

/** Why a modality has no part in the answer, in a person's words. */
export function whyNot({ status, reason }: ModalityUse): string {
  for (const [pattern, key] of reasons) {
    const found = reason ? pattern.exec(reason) : null;
    if (found) return t(key, found.groups ?? {});
  }
  return reason ?? t(status === 'missing' ? 'status.missing' : 'status.unusable');
}

/** A warning in a person's words, where there are some for its code. */
export function warningText({ code, message }: { code: string; message: string }): string {
  const key = `warning.${code}`;
  return isKey(key) ? t(key, { message }) : message;
}
