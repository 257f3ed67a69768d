import { Resampler, toPcm16 } from './resampler';
import { messageSamples, soundRate } from './protocol';

// The worklet's own world, which TypeScript's DOM library does not describe.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const quantum = 128;

/** Mixes the microphone down to one channel at 16 kHz and hands it on in messages of equal length. */
class Capture extends AudioWorkletProcessor {
  private readonly resampler = new Resampler(sampleRate, soundRate);
  private waiting = new Float32Array(messageSamples);
  private filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    // A microphone that is gone is silent, so that what was said before ends.
    const first = channels[0] ?? new Float32Array(quantum);
    let mono = first;
    if (channels.length > 1) {
      mono = new Float32Array(first.length);
      for (const channel of channels) for (let i = 0; i < mono.length; i++) mono[i]! += channel[i]! / channels.length;
    }
    for (const sample of this.resampler.process(mono)) {
      this.waiting[this.filled++] = sample;
      if (this.filled < messageSamples) continue;
      const pcm = toPcm16(this.waiting);
      this.port.postMessage(pcm, [pcm.buffer]);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor('affekt-capture', Capture);
