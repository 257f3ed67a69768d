// Writes what ONNX Runtime gives for Moonshine-tiny's encoder: of each clip's states after layers 1, 2 and 3 every
// seventh frame and every ninth feature, and the number of frames. No sound goes into the file.
//
//   npm i onnxruntime-node@1.20.1 --ignore-scripts
//   npm pack @usefulsensors/moonshine-js@0.1.2          (dist/model/tiny/float/encoder_model.onnx)
//   python3 add_taps.py encoder_model.onnx tapped.onnx
//   node make_moonshine.mjs tapped.onnx ../shared/data moonshine.safetensors
//
// Node finds onnxruntime-node in node_modules of a folder above this file, or through NODE_PATH.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-node');
const [model, data, out] = process.argv.slice(2);
const FRAME_STEP = 7, FEATURE_STEP = 9, WIDTH = 288;

// The same formula stands in SyntheticSound.cs and make_audio_features.py.
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
  'clips/meld_train_dia1_utt0.mp4': decode(join(data, 'clips/meld_train_dia1_utt0.mp4')),
  'ravdess/03-01-05-01-01-01-01.flac': decode(join(data, 'ravdess/03-01-05-01-01-01-01.flac')),
};
const session = await ort.InferenceSession.create(model);
const header = {}, parts = [];
let offset = 0;
function add(name, dtype, shape, bytes) {
  header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
  parts.push(bytes);
  offset += bytes.length;
}

for (const [clip, samples] of Object.entries(clips)) {
  const result = await session.run({ input_values: new ort.Tensor('float32', samples, [1, samples.length]) });
  for (let layer = 0; layer < 3; layer++) {
    const { data: states, dims } = result[`/layers.${layer}/Add_1_output_0`];
    const kept = [];
    for (let t = 0; t < dims[1]; t += FRAME_STEP)
      for (let d = 0; d < WIDTH; d += FEATURE_STEP) kept.push(states[t * WIDTH + d]);
    add(`${clip}/layer${layer}`, 'F32', [Math.ceil(dims[1] / FRAME_STEP), WIDTH / FEATURE_STEP], Buffer.from(new Float32Array(kept).buffer));
    if (layer === 0) add(`${clip}/frames`, 'I64', [1], Buffer.from(new BigInt64Array([BigInt(dims[1])]).buffer));
  }
  console.log(clip, samples.length, 'samples');
}

let text = JSON.stringify(header);
text += ' '.repeat((8 - text.length % 8) % 8);
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(text.length));
writeFileSync(out, Buffer.concat([length, Buffer.from(text), ...parts]));
