import type { Utterance } from '../api/types';
import { t } from '../i18n';
import { percent } from '../lib/format';

/** Who said what in a list of utterances, and whether somebody else spoke meanwhile. */
export function Words({ utterance: { speaker, text, overlap } }: { utterance: Utterance }) {
  return (
    <span className="words" dir="auto">
      {speaker && <b>{speaker}: </b>}
      {text ?? <i>{t('live.noWords')}</i>}
      {!!overlap && <span className="note"> {t('viewer.overlap', { share: percent(overlap) })}</span>}
    </span>
  );
}
