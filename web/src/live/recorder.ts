const kinds: [string, string][] = [
  ['video/webm;codecs=vp8,opus', 'webm'],
  ['video/webm', 'webm'],
  ['video/mp4', 'mp4'],
];
const soundKinds: [string, string][] = [
  ['audio/webm;codecs=opus', 'webm'],
  ['audio/mp4', 'm4a'],
];

/** Keeps what camera and microphone bring, in this browser. */
export class Recorder {
  private readonly recorder: MediaRecorder;
  private readonly pieces: Blob[] = [];
  private readonly ended: Promise<void>;

  private constructor(
    stream: MediaStream,
    private readonly type: string,
    private readonly ending: string,
  ) {
    this.recorder = new MediaRecorder(stream, { mimeType: type });
    this.recorder.ondataavailable = event => this.pieces.push(event.data);
    this.ended = new Promise(resolve => (this.recorder.onstop = () => resolve()));
    this.recorder.start(1000);
  }

  /** Starts to record; null where the browser cannot. */
  static start(stream: MediaStream): Recorder | null {
    if (typeof MediaRecorder === 'undefined') return null;
    const known = stream.getVideoTracks().length > 0 ? kinds : soundKinds;
    const found = known.find(([type]) => MediaRecorder.isTypeSupported(type));
    return found ? new Recorder(stream, found[0], found[1]) : null;
  }

  /** Ends it; before the stream's tracks end. */
  async stop(name: string): Promise<File> {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
    await this.ended;
    return new File(this.pieces, `${name}.${this.ending}`, { type: this.type.replace(/;.*/, '') });
  }
}
