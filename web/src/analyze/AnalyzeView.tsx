import { useState } from 'react';
import { getLimits } from '../api/client';
import { type Trouble, troubleOf } from '../api/problem';
import { t } from '../i18n';
import { bytes, count, duration } from '../lib/format';
import { type Pair, pairUp } from '../lib/pairing';
import { useStore } from '../lib/store';
import { sampleFile } from '../live/sample';
import { Drop } from '../ui/Drop';
import { Notice, Wrong } from '../ui/Notice';
import { useAsync } from '../ui/useAsync';
import { noVoice, VoiceOptions } from '../ui/VoiceOptions';
import { queue } from './queue';
import { QueueList } from './QueueList';

export function AnalyzeView() {
  const items = useStore(queue.items);
  const limits = useAsync(getLimits);
  const [speaker, setSpeaker] = useState('');
  const [least, setLeast] = useState('');
  const [transcribe, setTranscribe] = useState(true);
  const [voice, setVoice] = useState(noVoice);
  const [left, setLeft] = useState<string[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const add = (pairs: Pair<File>[], who: string, baseline: File[]) => {
    const confidence = Number(least);
    queue.add(
      pairs,
      who,
      {
        transcribe,
        speakers: voice.speakers,
        ...(voice.thumbnails ? { thumbnails: true } : {}),
        ...(least !== '' && Number.isFinite(confidence) ? { min_confidence: confidence / 100 } : {}),
        ...(voice.prior === null ? {} : { prior: voice.prior }),
      },
      baseline,
    );
  };
  const take = (files: File[]) => {
    const { pairs, left } = pairUp(files);
    setLeft(left.map(one => one.name));
    if (pairs.length > 0) add(pairs, speaker.trim(), voice.baseline);
  };
  const trySample = () =>
    void sampleFile().then(
      media => add([{ media, transcript: null }], '', []),
      (error: unknown) => setTrouble(troubleOf(error)),
    );

  return (
    <>
      <h1>{t('view.analyze')}</h1>
      {limits.error && <Wrong trouble={limits.error} onAgain={limits.again} />}
      {trouble && <Wrong trouble={trouble} onClose={() => setTrouble(null)} />}
      <div className="analyze">
        <div>
          <Drop
            accept="audio/*,video/*,image/*,.mkv,.srt,.vtt,.ass,.ssa,.sbv,.json,.jsonl,.csv,.tsv,.txt"
            onFiles={take}>
            <p>
              <b>{t('analyze.drop')}</b>
              {t('analyze.dropRest')}
            </p>
          </Drop>
          <p className="buttons try">
            <button type="button" onClick={trySample}>
              {t('analyze.sample')}
            </button>
          </p>
        </div>
        <fieldset className="options">
          <legend>{t('analyze.options')}</legend>
          <label className="field">
            {t('analyze.speaker')} <span className="note">{t('analyze.speakerNote')}</span>
            <input
              type="text"
              value={speaker}
              maxLength={60}
              autoComplete="off"
              onChange={event => setSpeaker(event.target.value)}
            />
          </label>
          <label className="field">
            {t('analyze.least')} <span className="note">{t('analyze.leastNote')}</span>
            <input
              type="number"
              min={0}
              max={100}
              step={1}
              inputMode="numeric"
              value={least}
              onChange={event => setLeast(event.target.value)}
            />
          </label>
          <label>
            <input type="checkbox" checked={transcribe} onChange={event => setTranscribe(event.target.checked)} />{' '}
            {t('analyze.words')}
          </label>
          <VoiceOptions value={voice} onChange={setVoice} />
        </fieldset>
      </div>
      <p className="note">
        {t('analyze.pairs')}{' '}
        {limits.value &&
          t('analyze.limits', {
            size: bytes(limits.value.max_upload_bytes),
            length: duration(limits.value.max_duration_ms),
            kept: duration(limits.value.keep_ms),
          })}
      </p>
      {left.length > 0 && (
        <Notice kind="note" onClose={() => setLeft([])}>
          {t('analyze.left', { transcripts: count(left.length, 'transcript'), names: left.join(', ') })}
        </Notice>
      )}
      <QueueList items={items} />
    </>
  );
}
