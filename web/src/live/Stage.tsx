import { useEffect, useRef, useState } from 'react';
import type { Person } from '../api/types';
import { t } from '../i18n';
import { count, percent } from '../lib/format';
import { paintOf } from '../lib/emotions';
import { useStore } from '../lib/store';
import { mirrored as mirror } from '../ui/flag';
import { shaped } from '../ui/shaped';
import type { LiveState } from './state';

/** The picture with the faces' boxes on it. */
export function Stage({ state, sample }: { state: LiveState; sample: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const [shape, setShape] = useState(4 / 3);
  const mirrored = useStore(mirror) && !sample;
  useEffect(() => {
    if (video.current) video.current.srcObject = state.stream;
  }, [state.stream]);
  const take = ({ currentTarget: { videoWidth, videoHeight } }: { currentTarget: HTMLVideoElement }) =>
    videoHeight > 0 && setShape(videoWidth / videoHeight);
  if (!state.sources.video)
    return (
      <div className="stage bare">
        <p>{t('live.soundOnly')}</p>
        {state.records && state.stream && <Recording />}
      </div>
    );
  const faces = state.phase === 'live' && !state.blind ? (state.update?.faces ?? []) : [];
  const over = { paused: 'live.pausedStage', starting: 'live.opening', enrolling: 'live.enrolling' } as const;
  const text = over[state.phase as keyof typeof over] ?? (state.blind ? 'live.blind' : null);
  return (
    <div className="stage">
      <div className={`frame${mirrored ? ' mirrored' : ''}`} style={shaped(shape)}>
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          aria-label={t('live.pictureLabel', {
            faces: faces.length > 0 ? count(faces.length, 'face') : t('live.noFaces'),
          })}
          onLoadedMetadata={take}
          onResize={take}
        />
        {faces.map((face, i) => (
          <span
            key={i}
            className={`face ${state.update?.emotion ? paintOf(state.update.emotion, state.update.probabilities) : 'neutral'}`}
            title={t('live.face', { score: percent(face.score) })}
            style={{
              left: `${100 * face.x}%`,
              top: `${100 * face.y}%`,
              width: `${100 * face.width}%`,
              height: `${100 * face.height}%`,
            }}>
            <Name persons={state.persons} id={face.person ?? null} />
          </span>
        ))}
      </div>
      {text && <p className="over">{t(text)}</p>}
      {state.records && state.stream && <Recording />}
      {!sample && (
        <label className="mirror">
          <input type="checkbox" checked={mirrored} onChange={event => mirror.choose(event.target.checked)} />{' '}
          {t('live.mirror')}
        </label>
      )}
    </div>
  );
}

function Name({ persons, id }: { persons: Person[]; id: string | null }) {
  const name = id === null ? undefined : persons.find(one => one.id === id)?.name;
  return name ? <span className="name">{name}</span> : null;
}

function Recording() {
  return (
    <span className="recording">
      <span className="dot" />
      {t('live.recording')}
    </span>
  );
}
