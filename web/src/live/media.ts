import worklet from './capture.worklet.ts?worker&url';

/** What the person wants to be looked at and listened to. */
export interface Sources {
  audio: boolean;
  video: boolean;
}

/** The picture is sent so wide at most; the face detector needs no more. */
const pictureWidth = 640;

/** Some seven pictures a second. */
const pictureEveryMs = 150;

/** Opens camera and microphone; throws an error whose message is for the person. */
export async function openMedia({ audio, video }: Sources): Promise<MediaStream> {
  if (!navigator.mediaDevices) {
    throw new Error(
      'The browser gives camera and microphone only to pages of this machine (127.0.0.1, localhost) or over https.',
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      // What the browser would do to please a listener changes what an expression sounds like.
      audio: audio && { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 },
      video: video && { width: { ideal: pictureWidth }, frameRate: { ideal: 15 } },
    });
  } catch (error) {
    throw new Error(reason(error, { audio, video }), { cause: error });
  }
}

export function reason(error: unknown, { audio, video }: Sources): string {
  const what = audio && video ? 'camera or microphone' : video ? 'camera' : 'microphone';
  switch ((error as DOMException).name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${what} was found. Connect one, or go on with what is there.`;
    case 'NotAllowedError':
    case 'SecurityError':
      return `The browser was not allowed to open the ${what}. The address bar's site settings change that.`;
    case 'NotReadableError':
    case 'AbortError':
      return `The ${what} could not be opened; another program may be using it.`;
    default:
      return `The ${what} could not be opened: ${(error as Error).message}`;
  }
}

/** Takes JPEG pictures from a stream until it is stopped. */
export class PictureTaker {
  private readonly video = document.createElement('video');
  private readonly canvas = document.createElement('canvas');
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
    // A picture that is still being packed means that the machine has no time for the next.
    if (this.busy || videoWidth === 0) return;
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
    await this.context.audioWorklet.addModule(worklet);
    const node = new AudioWorkletNode(this.context, 'affekt-capture');
    node.port.onmessage = event => this.take(event.data as Int16Array);
    // Connected to the loudspeaker, which it gives nothing but silence, so that every browser runs it.
    this.context.createMediaStreamSource(this.stream).connect(node).connect(this.context.destination);
    await this.context.resume();
  }

  stop(): void {
    void this.context.close();
  }
}
