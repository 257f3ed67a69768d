import { type Emotion, type Utterance } from '../api/types';
import { t } from '../i18n';
import { emotionName, labelsOf, paintOf } from '../lib/emotions';
import type { Filter } from '../lib/filter';
import { percent } from '../lib/format';

interface Props {
  utterances: Utterance[];
  filter: Filter;
  shown: number;
  onChange: (filter: Filter) => void;
}

export function FilterBar({ utterances, filter, shown, onChange }: Props) {
  const among = utterances[0]?.probabilities;
  const present = labelsOf(among).filter(emotion => utterances.some(one => one.emotion === emotion));
  const speakers = [...new Set(utterances.map(one => one.speaker ?? ''))];
  const toggle = (emotion: Emotion, on: boolean) => {
    const wanted = new Set(filter.emotions ?? present);
    if (on) wanted.add(emotion);
    else wanted.delete(emotion);
    onChange({ ...filter, emotions: wanted });
  };
  return (
    <form className="filter" onSubmit={event => event.preventDefault()}>
      <fieldset>
        <legend>{t('viewer.show')}</legend>
        {present.map(emotion => (
          <label key={emotion} className={paintOf(emotion, among)}>
            <input
              type="checkbox"
              checked={filter.emotions?.has(emotion) ?? true}
              onChange={event => toggle(emotion, event.target.checked)}
            />
            <span className="dot" />
            {emotionName(emotion)}
          </label>
        ))}
        <label>
          <input
            type="checkbox"
            checked={filter.unsure}
            onChange={event => onChange({ ...filter, unsure: event.target.checked })}
          />{' '}
          {t('viewer.unsure')}
        </label>
        <label className="range">
          {t('viewer.from')} <output>{percent(filter.leastConfidence)}</output>
          <input
            type="range"
            min={0}
            max={100}
            step={1}
            aria-label={t('viewer.leastLabel')}
            value={Math.round(100 * filter.leastConfidence)}
            onChange={event => onChange({ ...filter, leastConfidence: Number(event.target.value) / 100 })}
          />
        </label>
        {speakers.length > 1 && (
          <label>
            {t('viewer.by')}{' '}
            <select
              value={filter.speaker ?? '*'}
              onChange={event =>
                onChange({ ...filter, speaker: event.target.value === '*' ? null : event.target.value })
              }>
              <option value="*">{t('viewer.anyone')}</option>
              {speakers.map(speaker => (
                <option key={speaker} value={speaker}>
                  {speaker || t('viewer.unknown')}
                </option>
              ))}
            </select>
          </label>
        )}
      </fieldset>
      <p className="note" role="status">
        {t('viewer.shown', { shown, all: utterances.length })}
      </p>
    </form>
  );
}
