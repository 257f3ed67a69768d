import { useEffect, useState } from 'react';
import { t } from '../i18n';
import { useKeys } from '../lib/keys';
import { useStore } from '../lib/store';
import { details, mirrored } from '../ui/flag';
import { Wrong } from '../ui/Notice';
import { Announcer } from './Announcer';
import { Answer } from './Answer';
import { BeforeStart } from './BeforeStart';
import { Controls } from './Controls';
import { Said } from './Said';
import { LiveSession, type Start } from './session';
import { Stage } from './Stage';

export function LiveView() {
  const [session] = useState(() => new LiveSession());
  const [sample, setSample] = useState(false);
  const state = useStore(session.state);
  // Leaving the view closes camera and microphone.
  useEffect(() => () => session.abandon(), [session]);
  const running = state.phase !== 'idle' && state.phase !== 'stopped';
  useKeys({
    p: () => (state.phase === 'live' ? session.pause() : state.phase === 'paused' && session.resume()),
    s: () => running && state.phase !== 'stopping' && session.stop(),
    d: details.toggle,
    m: mirrored.toggle,
  });
  const start = (wanted: Start) => {
    setSample(wanted.sample);
    void session.start(wanted);
  };
  return (
    <>
      <h1>{t('view.live')}</h1>
      {state.error && <Wrong trouble={state.error} onClose={() => session.dismiss()} />}
      {!running && <BeforeStart again={state.phase === 'stopped' && state.error === null} onStart={start} />}
      {(running || state.utterances.length > 0 || state.recording) && (
        <div className="live">
          {running && (
            <div className="look">
              <Stage state={state} sample={sample} />
              <Controls state={state} session={session} />
            </div>
          )}
          {running && <Answer state={state} />}
          <Said state={state} session={session} running={running} />
        </div>
      )}
      <Announcer state={state} />
    </>
  );
}
