import { useState } from 'react';
import { getBundles } from '../api/client';
import type { Recognition, Utterance } from '../api/types';
import { answer } from '../lib/emotions';
import { clock, percent } from '../lib/format';
import { href } from '../lib/route';
import { opened } from '../viewer/opened';
import type { LiveState } from './state';

/** The words: the ones that are being said, and behind them every utterance, the last one first. */
export function Said({ state, running }: { state: LiveState; running: boolean }) {
  const partial = running && state.phase === 'live' ? state.update?.text : null;
  return (
    <section className="said" aria-labelledby="said">
      <div className="headline">
        <h2 id="said">Said</h2>
        {state.utterances.length > 0 && <OpenButton utterances={state.utterances} />}
      </div>
      {running && (
        <p className="partial">
          {partial ? (
            <>
              {state.update?.speaker && <b>{state.update.speaker}: </b>}
              {partial}
            </>
          ) : (
            <span className="note">
              {state.transcribe
                ? 'Words appear here while somebody speaks.'
                : 'Words are not looked for in this session.'}
            </span>
          )}
        </p>
      )}
      <ol className="lines" reversed>
        {[...state.utterances].reverse().map((one, i) => (
          <Line key={state.utterances.length - i} utterance={one} />
        ))}
      </ol>
      {state.notes.length > 0 && (
        <ul className="reasons">
          {state.notes.map(note => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ utterance }: { utterance: Utterance }) {
  return (
    <li className={`${utterance.emotion}${utterance.abstained ? ' unsure' : ''}`}>
      <span className="when">{clock(utterance.start_ms)}</span>
      <span className="what">
        <span className="dot" />
        {answer(utterance)} <span className="number">{percent(utterance.confidence)}</span>
      </span>
      <span className="words">
        {utterance.speaker && <b>{utterance.speaker}: </b>}
        {utterance.text ?? <i>no words</i>}
      </span>
    </li>
  );
}

function OpenButton({ utterances }: { utterances: Utterance[] }) {
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    opened.set({ result: await asResult(utterances), media: null, id: null });
    location.hash = href('viewer');
  };
  return (
    <button type="button" className="quiet" disabled={busy} onClick={() => void open()}>
      Open in the viewer
    </button>
  );
}

/** A session's utterances as a result; its recording was not kept. */
async function asResult(utterances: Utterance[]): Promise<Recognition> {
  const [bundle] = await getBundles().catch(() => []);
  return {
    schema: 'affekt.recognition/1',
    bundle: bundle
      ? { name: bundle.name, version: bundle.version, hash: bundle.hash }
      : { name: 'unknown', version: '', hash: '' },
    input: { file: 'live session', duration_ms: Math.max(0, ...utterances.map(one => one.end_ms)) },
    utterances,
    warnings: [],
  };
}
