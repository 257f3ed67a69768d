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

export const emotionName = (emotion: Emotion): string => t(`emotion.${emotion}`);

export const modalityName = (modality: Modality): string => t(`modality.${modality}`);

const heads: Record<Modality, Key> = { audio: 'modality.Audio', text: 'modality.Text', video: 'modality.Video' };

/** A modality's name as a heading. */
export const modalityTitle = (modality: Modality): string => t(heads[modality]);

export const sourceName = (source: TextSource): string => t(`source.${source}`);

export function top(probabilities: Probabilities): Emotion {
  return emotions.reduce((best, one) => (probabilities[one] > probabilities[best] ? one : best));
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
  return isKey(key) ? t(key) : message;
}
