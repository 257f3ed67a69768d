import { useEffect, useState } from 'react';
import { useStore } from '../lib/store';
import { Notice } from '../ui/Notice';
import { Announcer } from './Announcer';
import { Answer } from './Answer';
import { BeforeStart } from './BeforeStart';
import { Controls } from './Controls';
import { Said } from './Said';
import { LiveSession } from './session';
import { Stage } from './Stage';

export function LiveView() {
  const [session] = useState(() => new LiveSession());
  const state = useStore(session.state);
  // Leaving the view closes camera and microphone.
  useEffect(() => () => session.abandon(), [session]);
  const running = state.phase !== 'idle' && state.phase !== 'stopped';
  return (
    <>
      <h1>Live</h1>
      {state.error && (
        <Notice kind="error" onClose={() => session.dismiss()}>
          {state.error}
        </Notice>
      )}
      {!running && (
        <BeforeStart
          again={state.phase === 'stopped' && state.error === null}
          onStart={(sources, speaker, transcribe) => void session.start(sources, speaker, transcribe)}
        />
      )}
      {(running || state.utterances.length > 0) && (
        <div className="live">
          {running && (
            <div className="look">
              <Stage state={state} />
              <Controls state={state} session={session} />
            </div>
          )}
          {running && <Answer state={state} />}
          <Said state={state} running={running} />
        </div>
      )}
      <Announcer state={state} />
    </>
  );
}
