import { useEffect, useRef, useState } from 'react';
import { percent } from '../lib/format';
import { shaped } from '../ui/shaped';
import type { LiveState } from './state';

/** The picture with the faces' boxes on it. */
export function Stage({ state }: { state: LiveState }) {
  const video = useRef<HTMLVideoElement>(null);
  const [shape, setShape] = useState(4 / 3);
  const [mirrored, setMirrored] = useState(true);
  useEffect(() => {
    if (video.current) video.current.srcObject = state.stream;
  }, [state.stream]);
  if (!state.sources.video)
    return (
      <div className="stage bare">
        <p>Sound only</p>
      </div>
    );
  const faces = state.phase === 'live' ? (state.update?.faces ?? []) : [];
  return (
    <div className="stage">
      <div className={`frame${mirrored ? ' mirrored' : ''}`} style={shaped(shape)}>
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          aria-label={`Camera picture, ${faces.length === 1 ? 'one face' : `${faces.length || 'no'} faces`}`}
          onLoadedMetadata={event => setShape(event.currentTarget.videoWidth / event.currentTarget.videoHeight)}
        />
        {faces.map((face, i) => (
          <span
            key={i}
            className={`face ${state.update?.emotion ?? 'neutral'}`}
            title={`face ${percent(face.score)}`}
            style={{
              left: `${100 * face.x}%`,
              top: `${100 * face.y}%`,
              width: `${100 * face.width}%`,
              height: `${100 * face.height}%`,
            }}
          />
        ))}
      </div>
      {state.phase === 'paused' && <p className="over">Paused: nothing is sent</p>}
      {state.phase === 'starting' && <p className="over">Waiting for the devices</p>}
      <label className="mirror">
        <input type="checkbox" checked={mirrored} onChange={event => setMirrored(event.target.checked)} /> Mirror
      </label>
    </div>
  );
}
