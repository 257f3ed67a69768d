import worklet from './capture.worklet.ts?worker&url';
import { t } from '../i18n';

/** What the person wants to be looked at and listened to. */
export interface Sources {
  audio: boolean;
  video: boolean;
}

/** Which of several devices, by the browser's names for them; null for its own choice. */
export interface Chosen {
  camera: string | null;
  microphone: string | null;
}

/** What a session hears and sees, and how that ends. */
export interface Opened {
  stream: MediaStream;
  /** Lets go of what the stream is made of, beside its tracks. */
  close: () => void;
}

/** The picture is sent so wide at most; the face detector needs no more. */
const pictureWidth = 640;

/** Some seven pictures a second. */
const pictureEveryMs = 150;

/** Opens camera and microphone; throws an error whose message is for the person. */
export async function openMedia({ audio, video }: Sources, { camera, microphone }: Chosen): Promise<Opened> {
  if (!navigator.mediaDevices) throw new Error(t('device.insecure'));
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      // What the browser would do to please a listener changes what an expression sounds like.
      audio: audio && {
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
        channelCount: 1,
        ...(microphone === null ? {} : { deviceId: { ideal: microphone } }),
      },
      video: video && {
        width: { ideal: pictureWidth },
        frameRate: { ideal: 15 },
        ...(camera === null ? {} : { deviceId: { ideal: camera } }),
      },
    });
    return { stream, close: () => undefined };
  } catch (error) {
    throw new Error(reason(error, { audio, video }), { cause: error });
  }
}

export function reason(error: unknown, { audio, video }: Sources): string {
  const device = t(audio && video ? 'device.either' : video ? 'live.cameraAlone' : 'live.microphoneAlone');
  switch ((error as DOMException).name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return t('device.notFound', { device });
    case 'NotAllowedError':
    case 'SecurityError':
      return t('device.denied', { device });
    case 'NotReadableError':
    case 'AbortError':
      return t('device.busy', { device });
    default:
      return t('device.other', { device });
  }
}

/** Takes JPEG pictures from a stream until it is stopped. */
export class PictureTaker {
  private readonly video = document.createElement('video');
  private readonly canvas = document.createElement('canvas');
  private readonly track: MediaStreamTrack | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private busy = false;
  private quality = 0.8;

  /** The most bytes that the server takes. */
  mostBytes = Infinity;

  constructor(
    stream: MediaStream,
    private readonly take: (jpeg: Uint8Array, takenAt: number) => void,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.srcObject = stream;
    this.track = stream.getVideoTracks()[0];
  }

  async start(): Promise<void> {
    await this.video.play();
    this.timer = setInterval(() => void this.picture(), pictureEveryMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.video.srcObject = null;
  }

  private async picture(): Promise<void> {
    const { videoWidth, videoHeight } = this.video;
    // A picture that is still being packed means that the machine has no time for the next; of a camera that is gone the last one stays.
    if (this.busy || videoWidth === 0 || this.track?.readyState !== 'live' || this.track.muted) return;
    this.busy = true;
    try {
      const takenAt = performance.now();
      const width = Math.min(pictureWidth, videoWidth);
      this.canvas.width = width;
      this.canvas.height = Math.round((videoHeight * width) / videoWidth);
      this.canvas.getContext('2d')!.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
      const blob = await new Promise<Blob | null>(done => this.canvas.toBlob(done, 'image/jpeg', this.quality));
      if (!blob) return;
      if (blob.size > this.mostBytes) {
        this.quality = Math.max(0.3, this.quality - 0.1);
        return;
      }
      this.take(new Uint8Array(await blob.arrayBuffer()), takenAt);
    } finally {
      this.busy = false;
    }
  }
}

/** Takes sound at 16 kHz from a stream, 100 ms at a time, until it is stopped. */
export class SoundTaker {
  private readonly context = new AudioContext();

  constructor(
    private readonly stream: MediaStream,
    private readonly take: (pcm: Int16Array) => void,
  ) {}

  async start(): Promise<void> {
    if (!isSecureContext) throw new Error(t('device.insecure'));
    await this.context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(this.context, 'affekt-capture');
    node.port.onmessage = event => this.take(event.data as Int16Array);
    // Connected to the loudspeaker, which it gives nothing but silence, so that every browser runs it.
    this.context.createMediaStreamSource(this.stream).connect(node).connect(this.context.destination);
    await this.context.resume();
    // A call, or another program that takes the sound, may halt it.
    this.context.onstatechange = () => {
      if (this.context.state !== 'closed' && this.context.state !== 'running') void this.context.resume();
    };
  }

  stop(): void {
    void this.context.close();
  }
}
