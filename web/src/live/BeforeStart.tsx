import { useState } from 'react';
import type { Sources } from './media';

interface Props {
  again: boolean;
  onStart: (sources: Sources, speaker: string, transcribe: boolean) => void;
}

/** What is going to happen, before the browser asks for the camera. */
export function BeforeStart({ again, onStart }: Props) {
  const [sources, setSources] = useState<Sources>({ audio: true, video: true });
  const [speaker, setSpeaker] = useState('');
  const [transcribe, setTranscribe] = useState(true);
  const nothing = !sources.audio && !sources.video;
  const opens = sources.audio && sources.video ? 'camera and microphone' : sources.video ? 'camera' : 'microphone';
  return (
    <section className="before" aria-labelledby="before">
      <div className="terms">
        <h2 id="before">{again ? 'Start another session' : 'Before anything is opened'}</h2>
        <dl>
          <dt>What is computed</dt>
          <dd>
            From sound, words and picture: how probable each of seven expressed emotions is, where faces are, and what
            is said. Nobody is recognised or identified.
          </dd>
          <dt>Where it goes</dt>
          <dd>
            To the Affekt server that this page comes from; when that runs on this machine, nothing leaves it. Sound and
            pictures are not kept.
          </dd>
          <dt>What an expressed emotion is</dt>
          <dd>
            What annotators would say that a face, a voice and words show. It is not what the person feels, and the
            answer is often wrong: read it as a measurement with an error.
          </dd>
          <dt>Where it is forbidden</dt>
          <dd>
            In the European Union, inferring emotions of people at work and in education (AI Act, Article 5(1)(f)),
            except for medical or safety reasons. Elsewhere other laws may apply. Ask everyone who is seen or heard
            first.
          </dd>
        </dl>
      </div>
      <form
        onSubmit={event => {
          event.preventDefault();
          onStart(sources, speaker, transcribe && sources.audio);
        }}>
        <fieldset>
          <legend>Use</legend>
          <label>
            <input
              type="checkbox"
              checked={sources.video}
              onChange={event => setSources({ ...sources, video: event.target.checked })}
            />{' '}
            Camera
          </label>
          <label>
            <input
              type="checkbox"
              checked={sources.audio}
              onChange={event => setSources({ ...sources, audio: event.target.checked })}
            />{' '}
            Microphone
          </label>
          <label>
            <input
              type="checkbox"
              checked={transcribe && sources.audio}
              disabled={!sources.audio}
              onChange={event => setTranscribe(event.target.checked)}
            />{' '}
            Find words (English)
          </label>
        </fieldset>
        <label className="field">
          Who speaks <span className="note">(optional)</span>
          <input
            type="text"
            value={speaker}
            maxLength={60}
            autoComplete="off"
            onChange={event => setSpeaker(event.target.value)}
          />
        </label>
        <button type="submit" className="main" disabled={nothing}>
          {nothing ? 'Choose camera or microphone' : `Open ${opens}`}
        </button>
      </form>
    </section>
  );
}
