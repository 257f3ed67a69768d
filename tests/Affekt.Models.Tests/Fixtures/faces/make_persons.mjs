// Writes what face-api's own runtime (TensorFlow.js on the processor) gives for its landmarks of 68 points and for its face
// descriptor, on synthetic pictures of the networks' own sizes.
//
//   npm i --ignore-scripts @vladmandic/face-api@1.7.15 @tensorflow/tfjs-node@npm:@tensorflow/tfjs@4.22.0
//   node make_persons.mjs persons.json
//
// See make_faces.mjs for the alias, and for where Node looks for both.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [out] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const faceapi = require('@vladmandic/face-api');
const models = join(dirname(require.resolve('@vladmandic/face-api')), '../model');
const tf = faceapi.tf;
await tf.setBackend('cpu');
await tf.ready();

function weights(name) {
  const manifest = JSON.parse(readFileSync(join(models, `${name}_model-weights_manifest.json`)));
  const bytes = readFileSync(join(models, `${name}_model.bin`));
  return tf.io.decodeWeights(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), manifest[0].weights);
}

// The same formula stands in FaceReaderTests.cs.
function picture(side) {
  const rgb = new Uint8Array(side * side * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = (i * 7 + (i >> 6) * 13 + (i % 5) * 31) & 255;
  return tf.tensor3d(Array.from(rgb), [side, side, 3]);
}

const landmarks = new faceapi.FaceLandmark68Net();
landmarks.loadFromWeightMap(weights('face_landmark_68'));
const descriptor = new faceapi.FaceRecognitionNet();
descriptor.loadFromWeightMap(weights('face_recognition'));
const round = tensor => Array.from(tensor.dataSync()).map(x => Number(x.toPrecision(7)));
writeFileSync(out, JSON.stringify({
  runtime: 'face-api 1.7.15, TensorFlow.js 4.22.0',
  points: round(await landmarks.forward(picture(112))),
  descriptor: round(await descriptor.forward(picture(150))),
}) + '\n');
