import { describe, expect, it } from 'vitest';
import { Resampler, toPcm16 } from '../src/live/resampler';

const tone = (hertz: number, rate: number, seconds: number) =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));

const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

describe('Resampler', () => {
  it.each([48_000, 44_100, 96_000, 22_050, 16_000, 8000])('keeps a tone of 440 Hz from %i Hz as it is', rate => {
    const output = new Resampler(rate, 16_000).process(tone(440, rate, 0.5)).subarray(200, 7000);
    const expected = tone(440, 16_000, 0.5).subarray(200, 7000);
    const worst = output.reduce((most, one, i) => Math.max(most, Math.abs(one - expected[i]!)), 0);
    expect(worst).toBeLessThan(2e-3);
  });

  it('takes away what 16 kHz cannot carry', () => {
    const output = new Resampler(48_000, 16_000).process(tone(11_000, 48_000, 0.5));
    expect(loudness(output.subarray(200))).toBeLessThan(1e-3);
  });

  it('gives the same whatever the pieces', () => {
    const input = tone(700, 44_100, 0.3);
    const whole = new Resampler(44_100, 16_000).process(input);
    const inPieces = new Resampler(44_100, 16_000);
    const parts: number[] = [];
    for (let at = 0; at < input.length; at += 128) parts.push(...inPieces.process(input.subarray(at, at + 128)));
    expect(parts).toEqual([...whole]);
  });

  it('brings one second for one second', () => {
    const resampler = new Resampler(44_100, 16_000);
    let many = 0;
    for (let i = 0; i < 441; i++) many += resampler.process(new Float32Array(1000)).length;
    expect(Math.abs(many - 160_000)).toBeLessThan(20);
  });

  it('clips what is too loud', () => {
    expect([...toPcm16(Float32Array.of(0, 1, -1, 2, -2))]).toEqual([0, 32767, -32768, 32767, -32768]);
  });
});
