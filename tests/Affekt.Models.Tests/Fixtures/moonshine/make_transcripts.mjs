// Writes what ONNX Runtime gives for Moonshine-tiny as a whole: of each clip the tokens that a greedy decoder without a
// cache chooses, and of each step's logits every 4001st. No sound goes into the file.
//
//   npm i onnxruntime-node@1.20.1 --ignore-scripts
//   npm pack @usefulsensors/moonshine-js@0.1.2          (dist/model/tiny/float)
//   node make_transcripts.mjs dist/model/tiny/float ../shared/data transcripts.json
//
// Node finds onnxruntime-node in node_modules of a folder above this file, or through NODE_PATH.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-node');
const [model, data, out] = process.argv.slice(2);
const LAYERS = 6, HEADS = 8, SIZE = 36, TOKENS = 32768, STEP = 4001, BEGIN = 1, END = 2;

// As the product decodes: one channel, gaps filled, the mix no louder than full scale.
function decode(file) {
  const bytes = execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', file,
    '-af', 'aresample=16000:async=1:first_pts=0:rematrix_maxval=1', '-ac', '1', '-ar', '16000', '-f', 'f32le', 'pipe:1'],
    { maxBuffer: 1 << 28 });
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const clips = ['clips/meld_train_dia1_utt0.mp4', 'clips/meld_test_dia0_utt0.wav', 'ravdess/03-01-05-01-01-01-01.flac',
  'ravdess/03-01-03-01-02-01-18.flac'];
const options = { intraOpNumThreads: 1 };
const encoder = await ort.InferenceSession.create(join(model, 'encoder_model.onnx'), options);
const decoder = await ort.InferenceSession.create(join(model, 'decoder_model_merged.onnx'), options);
const none = new ort.Tensor('float32', new Float32Array(0), [0, HEADS, 1, SIZE]);
const results = {};
for (const clip of clips) {
  const samples = decode(join(data, clip));
  const encoded = await encoder.run({ input_values: new ort.Tensor('float32', samples, [1, samples.length]) });
  const states = encoded[encoder.outputNames[0]];
  const most = Math.floor(6.5 * samples.length / 16000);
  const tokens = [], logits = [];
  while (tokens.length < most) {
    const ids = BigInt64Array.from([BEGIN, ...tokens].map(BigInt));
    const feeds = {
      input_ids: new ort.Tensor('int64', ids, [1, ids.length]),
      encoder_hidden_states: states,
      use_cache_branch: new ort.Tensor('bool', [false], [1]),
    };
    for (const name of decoder.inputNames.filter(input => input.startsWith('past_key_values'))) feeds[name] = none;
    const { logits: all } = await decoder.run(feeds);
    const last = all.data.slice((ids.length - 1) * TOKENS);
    let best = 0;
    for (let i = 1; i < TOKENS; i++) if (last[i] > last[best]) best = i;
    logits.push(Array.from({ length: Math.ceil(TOKENS / STEP) }, (_, i) => Number(last[i * STEP].toFixed(4))));
    if (best === END) break;
    tokens.push(best);
  }
  results[clip] = { tokens, logits };
  console.log(clip, tokens.length, 'tokens');
}

writeFileSync(out, JSON.stringify(results) + '\n');
