/**
 * Brings sound of any rate to another, piece by piece, as if it were one: a windowed sinc, cut off below half of the lower
 * rate, so that what the lower rate cannot carry does not fold back into speech.
 */
export class Resampler {
  private readonly phases: Float32Array[];
  private readonly half: number;
  private readonly step: number;
  private readonly phaseCount: number;
  // The last inputs that coming outputs still need; the first half-width is the silence before the start.
  private held: Float32Array;
  // The next output's place, in phases from the start of what is held.
  private position: number;

  constructor(
    readonly from: number,
    readonly to: number,
    zeroCrossings = 12,
  ) {
    const divisor = greatestCommonDivisor(from, to);
    this.phaseCount = to / divisor;
    this.step = from / divisor;
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(zeroCrossings / cutoff);
    this.phases = Array.from({ length: this.phaseCount }, (_, phase) =>
      taps(phase / this.phaseCount, this.half, cutoff),
    );
    this.held = new Float32Array(this.half - 1);
    this.position = (this.half - 1) * this.phaseCount;
  }

  /** What can be said of the output once this is known. It lags by the half-width, some 2 ms at 48 kHz. */
  process(input: Float32Array): Float32Array {
    const all = new Float32Array(this.held.length + input.length);
    all.set(this.held);
    all.set(input, this.held.length);
    const last = (all.length - this.half) * this.phaseCount;
    const many = Math.max(0, Math.ceil((last - this.position) / this.step));
    const output = new Float32Array(many);
    for (let i = 0; i < many; i++) {
      const whole = Math.floor(this.position / this.phaseCount);
      const filter = this.phases[this.position % this.phaseCount]!;
      const first = whole - this.half + 1;
      let sum = 0;
      for (let k = 0; k < filter.length; k++) sum += filter[k]! * all[first + k]!;
      output[i] = sum;
      this.position += this.step;
    }
    const keep = Math.min(all.length, Math.floor(this.position / this.phaseCount) - this.half + 1);
    this.held = all.slice(keep);
    this.position -= keep * this.phaseCount;
    return output;
  }
}

// The filter for an output that lies `fraction` behind an input: 2 x half taps, summing to 1.
function taps(fraction: number, half: number, cutoff: number): Float32Array {
  const filter = new Float32Array(2 * half);
  let sum = 0;
  for (let k = 0; k < filter.length; k++) {
    const x = k - (half - 1) - fraction;
    const inside = x / half;
    const window =
      Math.abs(inside) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * inside) + 0.08 * Math.cos(2 * Math.PI * inside);
    const angle = Math.PI * x * cutoff;
    filter[k] = window * (angle === 0 ? 1 : Math.sin(angle) / angle);
    sum += filter[k]!;
  }
  return filter.map(tap => tap / sum);
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** Samples in [-1, 1] as 16-bit numbers; what is louder is clipped. */
export function toPcm16(samples: Float32Array): Int16Array {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const clipped = Math.max(-1, Math.min(1, samples[i]!));
    pcm[i] = Math.round(clipped < 0 ? clipped * 32768 : clipped * 32767);
  }
  return pcm;
}
