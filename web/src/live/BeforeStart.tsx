import { useState } from 'react';
import { t } from '../i18n';
import { Notice } from '../ui/Notice';
import { noVoice, VoiceOptions } from '../ui/VoiceOptions';
import { DevicePicker, rememberedDevices } from './DevicePicker';
import type { Sources } from './media';
import { sampleAddress } from './sample';
import type { Start } from './session';

interface Props {
  again: boolean;
  onStart: (start: Start) => void;
}

/** What is going to happen, before the browser asks for the camera. */
export function BeforeStart({ again, onStart }: Props) {
  const [sources, setSources] = useState<Sources>({ audio: true, video: true });
  const [devices, setDevices] = useState(rememberedDevices);
  const [speaker, setSpeaker] = useState('');
  const [transcribe, setTranscribe] = useState(true);
  const [record, setRecord] = useState(false);
  const [voice, setVoice] = useState(noVoice);
  const nothing = !sources.audio && !sources.video;
  // Elsewhere browsers know neither devices nor what reads sound.
  const refused = !window.isSecureContext;
  const opens =
    sources.audio && sources.video ? 'live.both' : sources.video ? 'live.cameraAlone' : 'live.microphoneAlone';
  const start = (part: Partial<Start>) =>
    onStart({
      sources,
      devices,
      sample: false,
      speaker,
      transcribe: transcribe && sources.audio,
      record,
      ...voice,
      ...part,
    });
  return (
    <section className="before" aria-labelledby={again ? 'before' : undefined}>
      <div className="terms">
        {again ? <h2 id="before">{t('live.again')}</h2> : <p className="lead">{t('live.lead')}</p>}
        <p className="law">{t('live.law')}</p>
        <details className="more">
          <summary>{t('live.more')}</summary>
          <dl>
            {(['what', 'where', 'expressed', 'forbidden'] as const).map(one => (
              <div key={one}>
                <dt>{t(`live.${one}Title`)}</dt>
                <dd>{t(`live.${one}`)}</dd>
              </div>
            ))}
          </dl>
        </details>
        <div className="try">
          <video
            src={`${sampleAddress()}#t=0.5`}
            muted
            playsInline
            preload="metadata"
            tabIndex={-1}
            aria-hidden="true"
          />
          <div>
            <p className="note">{t('live.sampleNote')}</p>
            <button
              type="button"
              disabled={refused}
              onClick={() =>
                start({
                  sample: true,
                  sources: { audio: true, video: true },
                  speaker: '',
                  transcribe: true,
                  baseline: [],
                })
              }>
              {t('live.sample')}
            </button>
          </div>
        </div>
      </div>
      <form
        onSubmit={event => {
          event.preventDefault();
          start({});
        }}>
        <fieldset>
          <legend>{t('live.use')}</legend>
          <Check
            label={t('live.camera')}
            checked={sources.video}
            onChange={video => setSources({ ...sources, video })}
          />
          <Check
            label={t('live.microphone')}
            checked={sources.audio}
            onChange={audio => setSources({ ...sources, audio })}
          />
          <Check
            label={t('live.words')}
            checked={transcribe && sources.audio}
            disabled={!sources.audio}
            onChange={setTranscribe}
          />
          <Check label={t('live.record')} checked={record} onChange={setRecord} />
          {record && <p className="note">{t('live.recordNote')}</p>}
        </fieldset>
        <DevicePicker sources={sources} chosen={devices} onChange={setDevices} />
        <label className="field">
          {t('live.speaker')} <span className="note">({t('live.optional')})</span>
          <input
            type="text"
            value={speaker}
            maxLength={60}
            autoComplete="off"
            onChange={event => setSpeaker(event.target.value)}
          />
        </label>
        <VoiceOptions value={voice} onChange={setVoice} />
        {refused && <Notice kind="error">{t('device.insecure')}</Notice>}
        <button type="submit" className="main" disabled={nothing || refused}>
          {nothing ? t('live.choose') : t('live.open', { devices: t(opens) })}
        </button>
      </form>
    </section>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}

function Check({ label, checked, disabled = false, onChange }: CheckProps) {
  return (
    <label>
      <input type="checkbox" checked={checked} disabled={disabled} onChange={event => onChange(event.target.checked)} />{' '}
      {label}
    </label>
  );
}
