import { type Ref, useEffect, useState } from 'react';
import type { PictureFaces } from '../api/types';
import { t } from '../i18n';
import { FileButton } from '../ui/FileButton';
import { shaped } from '../ui/shaped';

interface Props {
  ref: Ref<HTMLVideoElement>;
  media: File | null;
  faces: PictureFaces[];
  onTime: (ms: number) => void;
  onFiles: (files: File[]) => void;
}

/** The recording, played from this browser's own copy: the server hands none out. */
export function Player({ ref, media, faces, onTime, onFiles }: Props) {
  const [url, setUrl] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  const [at, setAt] = useState(0);
  const [shape, setShape] = useState<number | null>(null);
  useEffect(() => {
    if (!media) return;
    const made = URL.createObjectURL(media);
    setUrl(made);
    setBroken(false);
    return () => {
      setUrl(null);
      URL.revokeObjectURL(made);
    };
  }, [media]);
  if (!media || !url || broken) {
    return (
      <div className="player absent">
        <p>{t(broken ? 'viewer.broken' : 'viewer.absent')}</p>
        <FileButton accept="audio/*,video/*,.mkv" onFiles={onFiles}>
          {t(broken ? 'viewer.addCopy' : 'viewer.addRecording')}
        </FileButton>
      </div>
    );
  }
  const boxes = nearest(faces, at)?.boxes ?? [];
  return (
    <div className={`player${shape === 0 ? ' sound' : ''}`}>
      <div className="frame" style={shape ? shaped(shape) : {}}>
        {media.type.startsWith('image/') ? (
          <img
            src={url}
            alt={t('viewer.recording')}
            onError={() => setBroken(true)}
            onLoad={event => setShape(event.currentTarget.naturalWidth / event.currentTarget.naturalHeight)}
          />
        ) : (
          <video
            ref={ref}
            src={url}
            controls
            preload="metadata"
            aria-label={t('viewer.recording')}
            onError={() => setBroken(true)}
            onLoadedMetadata={event => {
              const { videoWidth, videoHeight, duration } = event.currentTarget;
              // What a browser has recorded states no length; it is found by going to the end once.
              if (duration === Infinity) event.currentTarget.currentTime = Number.MAX_SAFE_INTEGER;
              setShape(videoWidth > 0 ? videoWidth / videoHeight : 0);
            }}
            onDurationChange={event => {
              if (event.currentTarget.currentTime > 0 && event.currentTarget.paused)
                event.currentTarget.currentTime = 0;
            }}
            onTimeUpdate={event => {
              setAt(1000 * event.currentTarget.currentTime);
              onTime(1000 * event.currentTarget.currentTime);
            }}
          />
        )}
        {boxes.map((box, i) => (
          <span
            key={i}
            className="face"
            style={{
              left: `${100 * box.left}%`,
              top: `${100 * box.top}%`,
              width: `${100 * box.width}%`,
              height: `${100 * box.height}%`,
            }}
          />
        ))}
      </div>
    </div>
  );
}

// Faces are known for a few pictures of an utterance only; farther off they would lie beside the face.
const farthestMs = 300;

function nearest(faces: PictureFaces[], ms: number): PictureFaces | undefined {
  const found = faces.reduce<PictureFaces | undefined>(
    (best, one) => (!best || Math.abs(one.time_ms - ms) < Math.abs(best.time_ms - ms) ? one : best),
    undefined,
  );
  return found && Math.abs(found.time_ms - ms) <= farthestMs ? found : undefined;
}
