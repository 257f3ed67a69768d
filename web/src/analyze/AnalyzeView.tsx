import { useState } from 'react';
import { getLimits } from '../api/client';
import { bytes, count, duration } from '../lib/format';
import { type Pair, pairUp } from '../lib/pairing';
import { useStore } from '../lib/store';
import { Notice } from '../ui/Notice';
import { useAsync } from '../ui/useAsync';
import { Drop } from '../ui/Drop';
import { queue } from './queue';
import { QueueList } from './QueueList';

export function AnalyzeView() {
  const items = useStore(queue.items);
  const limits = useAsync(getLimits);
  const [speaker, setSpeaker] = useState('');
  const [least, setLeast] = useState('');
  const [transcribe, setTranscribe] = useState(true);
  const [left, setLeft] = useState<string[]>([]);

  const take = (files: File[]) => {
    const { pairs, left } = pairUp(files);
    setLeft(left.map(one => one.name));
    if (pairs.length === 0) return;
    const confidence = Number(least);
    queue.add(pairs as Pair<File>[], speaker.trim(), {
      transcribe,
      ...(least !== '' && Number.isFinite(confidence) ? { min_confidence: confidence / 100 } : {}),
    });
  };

  return (
    <>
      <h1>Analyze</h1>
      {limits.error && (
        <Notice kind="error">
          {limits.error}{' '}
          <button type="button" className="quiet" onClick={limits.again}>
            Try again
          </button>
        </Notice>
      )}
      <div className="analyze">
        <Drop accept="audio/*,video/*,.mkv,.srt,.vtt,.jsonl,.csv,.txt" onFiles={take}>
          <p>
            <b>Drop recordings here</b>, with their subtitles or transcripts if there are any, or
          </p>
        </Drop>
        <fieldset className="options">
          <legend>For the next files</legend>
          <label className="field">
            Who speaks <span className="note">where the transcript does not say</span>
            <input
              type="text"
              value={speaker}
              maxLength={60}
              autoComplete="off"
              onChange={event => setSpeaker(event.target.value)}
            />
          </label>
          <label className="field">
            Least confidence, % <span className="note">empty: the bundle's own</span>
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
            <input type="checkbox" checked={transcribe} onChange={event => setTranscribe(event.target.checked)} /> Find
            words where none are given (English)
          </label>
        </fieldset>
      </div>
      <p className="note">
        Subtitles go with the recording of the same name: talk.srt with talk.mp4 (.srt, .vtt, .jsonl, .csv, .txt).
        {limits.value && (
          <>
            {' '}
            Up to {bytes(limits.value.max_upload_bytes)} and {duration(limits.value.max_duration_ms)} each. The server
            deletes recording and result {duration(limits.value.keep_ms)} after the end, or at once when you remove them
            here.
          </>
        )}
      </p>
      {left.length > 0 && (
        <Notice kind="note" onClose={() => setLeft([])}>
          {count(left.length, 'transcript')} without a recording of the same name: {left.join(', ')}
        </Notice>
      )}
      <QueueList items={items} />
    </>
  );
}
