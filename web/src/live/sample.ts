import { t } from '../i18n';
import type { Opened } from './media';

/** The sample lies beside the page. */
export const sampleName = 'sample.mp4';

export function sampleAddress(): string {
  return new URL(sampleName, document.baseURI.replace(/[?#].*$/, '')).href;
}

export async function sampleFile(): Promise<File> {
  const answer = await fetch(sampleAddress()).catch(() => null);
  if (!answer?.ok) throw new Error(t('live.noSample'));
  return new File([await answer.blob()], sampleName, { type: 'video/mp4' });
}

// Silence behind the sample's end, in which its last utterance ends.
const restMs = 1500;
const frameMs = 40;

/** The sample as if it were before camera and microphone; it is heard, too. */
export async function openSample(onEnd: () => void): Promise<Opened> {
  const video = document.createElement('video');
  video.src = sampleAddress();
  video.playsInline = true;
  await new Promise<void>((resolve, reject) => {
    video.onloadeddata = () => resolve();
    video.onerror = () => reject(new Error(t('live.noSample'), { cause: video.error }));
  });
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const brush = canvas.getContext('2d')!;
  const draw = () => brush.drawImage(video, 0, 0);
  draw();
  const context = new AudioContext();
  const sound = context.createMediaElementSource(video);
  const heard = context.createMediaStreamDestination();
  sound.connect(heard);
  sound.connect(context.destination);
  // A canvas that does not change sends nothing: it is drawn again for as long as the session lasts.
  const timer = setInterval(draw, frameMs);
  let rest: ReturnType<typeof setTimeout> | undefined;
  video.onended = () => (rest = setTimeout(onEnd, restMs));
  await context.resume();
  await video.play();
  return {
    stream: new MediaStream([...canvas.captureStream(1000 / frameMs).getTracks(), ...heard.stream.getTracks()]),
    close: () => {
      clearInterval(timer);
      clearTimeout(rest);
      video.onended = null;
      video.pause();
      void context.close();
    },
  };
}
