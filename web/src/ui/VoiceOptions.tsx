import { getBundles } from '../api/client';
import type { PriorName } from '../api/types';
import { t } from '../i18n';
import { FileButton } from './FileButton';
import { RecordVoice } from './RecordVoice';
import { useAsync } from './useAsync';

export interface Voice {
  /** Whether voices are told apart: 'auto', 'none', or how many there are. */
  speakers: string;
  /** Whether persons come with a small picture of the face. */
  thumbnails: boolean;
  /** null for the bundle's own. */
  prior: PriorName | null;
  baseline: File[];
}

export const noVoice: Voice = { speakers: 'auto', thumbnails: false, prior: null, baseline: [] };

const counts = ['1', '2', '3', '4', '5', '6', '7', '8'];

/**
 * What is known or wanted in advance: how many speak, and, where the bundle goes by it, how often each emotion is expected and how the
 * voice usually sounds.
 */
export function VoiceOptions({ value, onChange }: { value: Voice; onChange: (voice: Voice) => void }) {
  const bundle = useAsync(getBundles).value?.[0];
  return (
    <details className="more">
      <summary>{t('voice.more')}</summary>
      <label className="field">
        {t('voice.speakers')}
        <select value={value.speakers} onChange={event => onChange({ ...value, speakers: event.target.value })}>
          <option value="auto">{t('voice.speakersAuto')}</option>
          <option value="none">{t('voice.speakersNone')}</option>
          {counts.map(count => (
            <option key={count}>{count}</option>
          ))}
        </select>
        <span className="note">{t('voice.speakersNote')}</span>
      </label>
      <label>
        <input
          type="checkbox"
          checked={value.thumbnails}
          onChange={event => onChange({ ...value, thumbnails: event.target.checked })}
        />{' '}
        {t('voice.thumbnails')}
      </label>
      {bundle?.prior && (
        <label className="field">
          {t('voice.prior')}
          <select
            value={value.prior ?? ''}
            onChange={event => onChange({ ...value, prior: (event.target.value || null) as PriorName | null })}>
            <option value="">{t('voice.priorOwn')}</option>
            <option value="uniform">{t('voice.priorUniform')}</option>
            {bundle.labels.includes('surprise') && <option value="meld">{t('voice.priorMeld')}</option>}
          </select>
          <span className="note">{t('voice.priorNote')}</span>
        </label>
      )}
      {bundle?.baseline && (
        <fieldset className="baseline">
          <legend>{t('voice.baseline')}</legend>
          <p className="note">{t('voice.baselineNote')}</p>
          {value.baseline.length > 0 && <p>{value.baseline.map(one => one.name).join(', ')}</p>}
          <div className="buttons">
            <FileButton
              accept="audio/*,video/*,.mkv"
              multiple
              onFiles={files => onChange({ ...value, baseline: [...value.baseline, ...files].slice(-8) })}>
              {t('voice.choose')}
            </FileButton>
            <RecordVoice onFile={file => onChange({ ...value, baseline: [...value.baseline, file].slice(-8) })} />
            {value.baseline.length > 0 && (
              <button type="button" className="quiet" onClick={() => onChange({ ...value, baseline: [] })}>
                {t('voice.forget')}
              </button>
            )}
          </div>
        </fieldset>
      )}
    </details>
  );
}
