import { getBundles } from '../api/client';
import type { PriorName } from '../api/types';
import { t } from '../i18n';
import { FileButton } from './FileButton';
import { RecordVoice } from './RecordVoice';
import { useAsync } from './useAsync';

export interface Voice {
  /** null for the bundle's own. */
  prior: PriorName | null;
  baseline: File[];
}

export const noVoice: Voice = { prior: null, baseline: [] };

/** What is known beforehand: how often each emotion is expected, and how the voice usually sounds; where the bundle goes by it. */
export function VoiceOptions({ value, onChange }: { value: Voice; onChange: (voice: Voice) => void }) {
  const bundle = useAsync(getBundles).value?.[0];
  if (!bundle?.prior && !bundle?.baseline) return null;
  return (
    <details className="more">
      <summary>{t('voice.more')}</summary>
      {bundle.prior && (
        <label className="field">
          {t('voice.prior')}
          <select
            value={value.prior ?? ''}
            onChange={event => onChange({ ...value, prior: (event.target.value || null) as PriorName | null })}>
            <option value="">{t('voice.priorOwn')}</option>
            <option value="uniform">{t('voice.priorUniform')}</option>
            <option value="meld">{t('voice.priorMeld')}</option>
          </select>
          <span className="note">{t('voice.priorNote')}</span>
        </label>
      )}
      {bundle.baseline && (
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
