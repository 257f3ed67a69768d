import { useEffect, useState } from 'react';
import { type Key, t } from '../i18n';
import { useStore } from '../lib/store';
import { details } from '../ui/flag';
import { Notes } from './Notes';
import type { LiveSession } from './session';
import type { LiveState } from './state';

const links: Record<LiveState['link'], Key> = {
  connecting: 'live.connecting',
  open: 'live.connected',
  broken: 'live.broken',
  closed: 'live.disconnected',
};

export function Controls({ state, session }: { state: LiveState; session: LiveSession }) {
  const detailed = useStore(details);
  return (
    <div className="controls">
      <div className="buttons">
        {state.phase === 'paused' ? (
          <button type="button" className="main" onClick={() => session.resume()}>
            {t('live.goOn')}
          </button>
        ) : (
          <button type="button" disabled={state.phase !== 'live'} onClick={() => session.pause()}>
            {t('live.pause')}
          </button>
        )}
        <button type="button" disabled={state.phase === 'stopping'} onClick={() => session.stop()}>
          {t('live.stop')}
        </button>
        {state.sources.audio && <Level session={session} />}
        <Speaker value={state.speaker} onChange={speaker => session.setSpeaker(speaker)} />
      </div>
      <div className="status">
        <span role="status" className={state.link === 'broken' ? 'bad' : detailed ? 'note' : 'hidden'}>
          {t(links[state.link])}
        </span>
        <button type="button" className="quiet" aria-expanded={detailed} onClick={details.toggle}>
          {t('live.details')}
        </button>
      </div>
      <Notes notes={state.notes} />
      {detailed && <Figures state={state} />}
    </div>
  );
}

/** What developers want to know. */
function Figures({ state }: { state: LiveState }) {
  const known = state.utterances.at(-1)?.baseline?.utterances;
  return (
    <dl className="facts">
      <div title={t('live.computingNote')}>
        <dt>{t('live.computing')}</dt>
        <dd>{state.update ? `${Math.round(state.update.latency_ms)} ms` : '–'}</dd>
      </div>
      <div title={t('live.delayNote')}>
        <dt>{t('live.delay')}</dt>
        <dd>{state.delayMs === null ? '–' : `${Math.round(state.delayMs)} ms`}</dd>
      </div>
      <div title={t('live.droppedNote')}>
        <dt>{t('live.dropped')}</dt>
        <dd>{state.dropped + state.skipped}</dd>
      </div>
      {known !== undefined && (
        <div>
          <dt>{t('live.baseline')}</dt>
          <dd>{known}</dd>
        </div>
      )}
    </dl>
  );
}

/** Shows that the microphone hears something; loudness goes by decibels, from -60 up. */
function Level({ session }: { session: LiveSession }) {
  const level = useStore(session.level);
  const share = Math.max(0, Math.min(1, 1 + (20 * Math.log10(Math.max(level, 1e-6))) / 60));
  return (
    <span className="level" role="img" aria-label={t('live.loudness')}>
      <span style={{ transform: `scaleX(${share.toFixed(3)})` }} />
    </span>
  );
}

/** Who speaks is sent once it is written, not letter by letter. */
function Speaker({ value, onChange }: { value: string; onChange: (speaker: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const send = () => text !== value && onChange(text);
  return (
    <label className="field inline">
      {t('live.speaker')}
      <input
        type="text"
        value={text}
        maxLength={60}
        autoComplete="off"
        onChange={event => setText(event.target.value)}
        onBlur={send}
        onKeyDown={event => event.key === 'Enter' && send()}
      />
    </label>
  );
}
