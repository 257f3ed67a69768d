import { useEffect, useState } from 'react';
import { useStore } from '../lib/store';
import type { LiveSession } from './session';
import type { LiveState } from './state';

const links: Record<LiveState['link'], string> = {
  connecting: 'connecting',
  open: 'connected',
  broken: 'connection broken, trying again',
  closed: 'not connected',
};

export function Controls({ state, session }: { state: LiveState; session: LiveSession }) {
  return (
    <div className="controls">
      <div className="buttons">
        {state.phase === 'paused' ? (
          <button type="button" className="main" onClick={() => session.resume()}>
            Go on
          </button>
        ) : (
          <button type="button" disabled={state.phase !== 'live'} onClick={() => session.pause()}>
            Pause
          </button>
        )}
        <button type="button" disabled={state.phase === 'stopping'} onClick={() => session.stop()}>
          Stop
        </button>
        <Speaker value={state.speaker} onChange={speaker => session.setSpeaker(speaker)} />
      </div>
      <dl className="facts">
        {state.sources.audio && <Level session={session} />}
        <div>
          <dt>server</dt>
          <dd className={state.link === 'broken' ? 'bad' : undefined}>
            <span role="status">{links[state.link]}</span>
          </dd>
        </div>
        <div title="The server's own time, from the end of what it used to its answer">
          <dt>computing</dt>
          <dd>{state.update ? `${Math.round(state.update.latency_ms)} ms` : '–'}</dd>
        </div>
        <div title="From what was heard and seen to its answer on this page">
          <dt>delay</dt>
          <dd>{state.delayMs === null ? '–' : `${Math.round(state.delayMs)} ms`}</dd>
        </div>
        <div title="Left out so that answers keep up; sound never is">
          <dt>pictures left out</dt>
          <dd>{state.dropped + state.skipped}</dd>
        </div>
      </dl>
    </div>
  );
}

/** Shows that the microphone hears something; loudness goes by decibels, from -60 up. */
function Level({ session }: { session: LiveSession }) {
  const level = useStore(session.level);
  const share = Math.max(0, Math.min(1, 1 + (20 * Math.log10(Math.max(level, 1e-6))) / 60));
  return (
    <div>
      <dt>sound</dt>
      <dd>
        <span className="level" role="img" aria-label="Loudness of the microphone">
          <span style={{ transform: `scaleX(${share.toFixed(3)})` }} />
        </span>
      </dd>
    </div>
  );
}

/** Who speaks is sent once it is written, not letter by letter. */
function Speaker({ value, onChange }: { value: string; onChange: (speaker: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const send = () => text !== value && onChange(text);
  return (
    <label className="field inline">
      Who speaks
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
