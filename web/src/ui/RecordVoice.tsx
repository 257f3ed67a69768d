import { useEffect, useRef, useState } from 'react';
import { type Trouble, troubleOf } from '../api/problem';
import { t } from '../i18n';
import { rememberedDevices } from '../live/DevicePicker';
import { type Opened, openMedia } from '../live/media';
import { Recorder } from '../live/recorder';
import { Wrong } from './Notice';

interface Taking {
  opened: Opened;
  recorder: Recorder;
}

/** A recording of how a voice usually sounds, made here and now. */
export function RecordVoice({ onFile }: { onFile: (file: File) => void }) {
  const [taking, setTaking] = useState<Taking | null>(null);
  const [seconds, setSeconds] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const current = useRef<Taking | null>(null);
  current.current = taking;
  // Leaving closes the microphone; what was recorded until then is of no use.
  useEffect(() => () => current.current?.opened.stream.getTracks().forEach(track => track.stop()), []);
  useEffect(() => {
    if (!taking) return;
    setSeconds(0);
    const timer = setInterval(() => setSeconds(one => one + 1), 1000);
    return () => clearInterval(timer);
  }, [taking]);

  const start = async () => {
    setTrouble(null);
    try {
      const opened = await openMedia({ audio: true, video: false }, rememberedDevices());
      const recorder = Recorder.start(opened.stream);
      if (recorder) setTaking({ opened, recorder });
      else {
        opened.stream.getTracks().forEach(track => track.stop());
        setTrouble({ text: t('voice.noRecorder'), detail: null });
      }
    } catch (error) {
      setTrouble(troubleOf(error));
    }
  };
  const stop = async ({ opened, recorder }: Taking) => {
    setTaking(null);
    const file = await recorder.stop(t('voice.file'));
    opened.stream.getTracks().forEach(track => track.stop());
    onFile(file);
  };
  return (
    <>
      {taking ? (
        <button type="button" className="main" onClick={() => void stop(taking)}>
          {t('voice.enough', { n: seconds })}
        </button>
      ) : (
        <button type="button" onClick={() => void start()}>
          {t('voice.record')}
        </button>
      )}
      {trouble && <Wrong trouble={trouble} onClose={() => setTrouble(null)} />}
    </>
  );
}
