import { emotions, type Emotion, type Utterance } from '../api/types';
import type { Filter } from '../lib/filter';

interface Props {
  utterances: Utterance[];
  filter: Filter;
  shown: number;
  onChange: (filter: Filter) => void;
}

export function FilterBar({ utterances, filter, shown, onChange }: Props) {
  const present = emotions.filter(emotion => utterances.some(one => one.emotion === emotion));
  const speakers = [...new Set(utterances.map(one => one.speaker ?? ''))];
  const toggle = (emotion: Emotion, on: boolean) => {
    const wanted = new Set(filter.emotions);
    if (on) wanted.add(emotion);
    else wanted.delete(emotion);
    onChange({ ...filter, emotions: wanted });
  };
  return (
    <form className="filter" onSubmit={event => event.preventDefault()}>
      <fieldset>
        <legend>Show</legend>
        {present.map(emotion => (
          <label key={emotion} className={emotion}>
            <input
              type="checkbox"
              checked={filter.emotions.has(emotion)}
              onChange={event => toggle(emotion, event.target.checked)}
            />
            <span className="dot" />
            {emotion}
          </label>
        ))}
        <label>
          <input
            type="checkbox"
            checked={filter.unsure}
            onChange={event => onChange({ ...filter, unsure: event.target.checked })}
          />{' '}
          answers that are not sure
        </label>
        <label className="range">
          from <output>{Math.round(100 * filter.leastConfidence)} %</output>
          <input
            type="range"
            min={0}
            max={100}
            step={1}
            aria-label="Least confidence in percent"
            value={Math.round(100 * filter.leastConfidence)}
            onChange={event => onChange({ ...filter, leastConfidence: Number(event.target.value) / 100 })}
          />
        </label>
        {speakers.length > 1 && (
          <label>
            by{' '}
            <select
              value={filter.speaker ?? '*'}
              onChange={event =>
                onChange({ ...filter, speaker: event.target.value === '*' ? null : event.target.value })
              }>
              <option value="*">anyone</option>
              {speakers.map(speaker => (
                <option key={speaker} value={speaker}>
                  {speaker || 'unknown'}
                </option>
              ))}
            </select>
          </label>
        )}
      </fieldset>
      <p className="note">
        <span role="status">
          {shown} of {utterances.length} shown
        </span>
        . Keys: j and k go to the next and the previous utterance, p plays and pauses.
      </p>
    </form>
  );
}
