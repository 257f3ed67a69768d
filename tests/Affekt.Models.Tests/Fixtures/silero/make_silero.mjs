// Writes what ONNX Runtime gives for Silero VAD 5: of each clip the probability of speech in every chunk of 512 samples,
// run one after the other as the package does. No sound goes into the file.
//
//   npm i onnxruntime-node@1.20.1 --ignore-scripts
//   npm pack @ricky0123/vad-web@0.0.31          (dist/silero_vad_v5.onnx)
//   node make_silero.mjs silero_vad_v5.onnx ../shared/data silero.json
//
// Node finds onnxruntime-node in node_modules of a folder above this file, or through NODE_PATH.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-node');
const [model, data, out] = process.argv.slice(2);
const CHUNK = 512, CONTEXT = 64;

// The same formula stands in SyntheticSound.cs.
function synthetic() {
  const samples = new Float32Array(35200);
  let state = 12345;
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const t = i / 16000;
    const loudness = t < 0.9 ? 0.3 : t < 1.3 ? 0.0042 : t < 1.7 ? 0.0067 : 0.1;
    const sweep = Math.sin(2 * Math.PI * (120 * t + 400 * t * t));
    samples[i] = loudness * (sweep + 0.2 * (state / 2147483648 - 1));
  }
  return samples;
}

// As the product decodes: one channel, gaps filled, the mix no louder than full scale.
function decode(file) {
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', file,
    '-af', 'aresample=16000:async=1:first_pts=0:rematrix_maxval=1', '-ac', '1', '-ar', '16000', '-f', 'f32le', 'pipe:1'],
    { maxBuffer: 1 << 28 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const clips = {
  synthetic: synthetic(),
  'clips/meld_test_dia0_utt0.wav': decode(join(data, 'clips/meld_test_dia0_utt0.wav')),
  'ravdess/03-01-05-01-01-01-01.flac': decode(join(data, 'ravdess/03-01-05-01-01-01-01.flac')),
};
const session = await ort.InferenceSession.create(model);
const rate = new ort.Tensor('int64', BigInt64Array.from([16000n]), []);
const probabilities = {};
for (const [clip, samples] of Object.entries(clips)) {
  let state = new ort.Tensor('float32', new Float32Array(2 * 128), [2, 1, 128]);
  let before = new Float32Array(CONTEXT);
  probabilities[clip] = [];
  for (let at = 0; at + CHUNK <= samples.length; at += CHUNK) {
    const input = new Float32Array(CONTEXT + CHUNK);
    input.set(before);
    input.set(samples.subarray(at, at + CHUNK), CONTEXT);
    before = input.slice(CHUNK);
    const result = await session.run({ input: new ort.Tensor('float32', input, [1, input.length]), state, sr: rate });
    state = result.stateN;
    probabilities[clip].push(Number(result.output.data[0].toFixed(6)));
  }
  console.log(clip, probabilities[clip].length, 'chunks');
}

writeFileSync(out, JSON.stringify(probabilities) + '\n');
