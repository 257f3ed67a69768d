import { useState } from 'react';
import { getBundles } from '../api/client';
import type { Moment, Person, Recognition, Utterance } from '../api/types';
import { t } from '../i18n';
import { answer, paintOf } from '../lib/emotions';
import { clock, percent } from '../lib/format';
import { summarized } from '../lib/people';
import { href } from '../lib/route';
import { saveFile } from '../lib/save';
import { Words } from '../ui/Words';
import { opened } from '../viewer/opened';
import { Names } from './Names';
import { Notes } from './Notes';
import type { LiveSession } from './session';
import type { LiveState } from './state';

/** The words: the ones that are being said, and after them every utterance, the last one first. */
export function Said({ state, session, running }: { state: LiveState; session: LiveSession; running: boolean }) {
  const partial = running && state.phase === 'live' ? state.update?.text : null;
  return (
    <section className="said" aria-labelledby="said">
      <div className="headline">
        <h2 id="said">{t('live.said')}</h2>
        <Keep state={state} session={session} running={running} />
      </div>
      {running && (
        <p className="partial" dir="auto">
          {partial ? (
            <>
              {state.update?.speaker && <b>{state.update.speaker}: </b>}
              {partial}
            </>
          ) : (
            <span className="note">{t(state.transcribe ? 'live.wordsHere' : 'live.noWordsHere')}</span>
          )}
        </p>
      )}
      {running && <Names state={state} session={session} />}
      <ol className="lines" reversed tabIndex={0} aria-labelledby="said">
        {[...state.utterances].reverse().map((one, i) => (
          <Line key={state.utterances.length - i} utterance={one} />
        ))}
      </ol>
      {!running && <Notes notes={state.notes} />}
    </section>
  );
}

function Line({ utterance }: { utterance: Utterance }) {
  return (
    <li className={`${paintOf(utterance.emotion, utterance.probabilities)}${utterance.abstained ? ' unsure' : ''}`}>
      <span className="when">{clock(utterance.start_ms)}</span>
      <span className="what">
        <span className="dot" />
        {answer(utterance)} <span className="number">{percent(utterance.confidence)}</span>
      </span>
      <Words utterance={utterance} />
    </li>
  );
}

/** What can be done with the session: replayed, where it was recorded and has ended; read; saved. */
function Keep({ state, session, running }: { state: LiveState; session: LiveSession; running: boolean }) {
  const [busy, setBusy] = useState(false);
  const { recording, utterances, moments, persons } = state;
  if (utterances.length === 0 && !recording) return null;
  const open = async () => {
    setBusy(true);
    opened.set({ result: await asResult(utterances, moments, persons), media: recording, id: null });
    location.hash = href('viewer');
  };
  return (
    <div className="buttons">
      {recording && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            saveFile(recording);
            session.saved();
          }}>
          {t('live.saveRecording')}
        </button>
      )}
      <button
        type="button"
        className={recording ? 'main' : 'quiet'}
        disabled={busy || (state.records && !running && !recording)}
        onClick={() => void open()}>
        {t(recording ? 'live.replay' : 'live.openViewer')}
      </button>
    </div>
  );
}

/** A session's utterances and running answers as a result, with what they tell of each person. */
async function asResult(utterances: Utterance[], moments: Moment[], persons: Person[]): Promise<Recognition> {
  const [bundle] = await getBundles().catch(() => []);
  const last = Math.max(moments.at(-1)?.at_ms ?? 0, ...utterances.map(one => one.end_ms));
  return summarized({
    schema: 'affekt.recognition/2',
    bundle: bundle
      ? { name: bundle.name, version: bundle.version, hash: bundle.hash }
      : { name: 'unknown', version: '', hash: '' },
    input: { file: t('live.session'), duration_ms: last },
    utterances,
    persons,
    warnings: [],
    moments,
  });
}
