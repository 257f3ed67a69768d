import { useEffect, useRef, useState } from 'react';
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
import { session, type Start } from './session';
import { Stage } from './Stage';

export function LiveView() {
  const [sample, setSample] = useState(false);
  const state = useStore(session.state);
  // Leaving the view closes camera and microphone; what was said and recorded stays for whoever comes back.
  useEffect(() => () => session.abandon(), []);
  const running = state.phase !== 'idle' && state.phase !== 'stopped';
  const head = useRef<HTMLHeadingElement>(null);
  const was = useRef(running);
  useEffect(() => {
    // The button that began or ended it is gone: without a mouse one goes on from the view's start.
    if (was.current !== running && document.activeElement === document.body)
      head.current?.focus({ preventScroll: true });
    was.current = running;
  }, [running]);
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
      <h1 ref={head} tabIndex={-1}>
        {t('view.live')}
      </h1>
      {state.error && <Wrong trouble={state.error} onClose={() => session.dismiss()} />}
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
      {!running && <BeforeStart again={state.phase === 'stopped' && state.error === null} onStart={start} />}
      <Announcer state={state} />
    </>
  );
}
