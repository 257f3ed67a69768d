// Writes what face-api's own runtime (TensorFlow.js on the processor) gives for its tiny face detector: for a synthetic
// picture the cells' 25 numbers, and for one frame of a clip the boxes with their scores. No picture goes into the file.
//
//   npm i --ignore-scripts @vladmandic/face-api@1.7.15 @tensorflow/tfjs-node@npm:@tensorflow/tfjs@4.22.0
//   node make_faces.mjs ../shared/data/clips/meld_train_dia1_utt0.mp4 faces.json
//
// The alias gives the package TensorFlow.js without its native part, which is fetched from elsewhere. Node finds both in
// node_modules of a folder above this file, or through NODE_PATH.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [clip, out] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const faceapi = require('@vladmandic/face-api');
const models = join(dirname(require.resolve('@vladmandic/face-api')), '../model');
const tf = faceapi.tf;
await tf.setBackend('cpu');
await tf.ready();

const manifest = JSON.parse(readFileSync(join(models, 'tiny_face_detector_model-weights_manifest.json')));
const bytes = readFileSync(join(models, 'tiny_face_detector_model.bin'));
const weights = tf.io.decodeWeights(
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), manifest[0].weights);
const net = new faceapi.TinyFaceDetector();
net.loadFromWeightMap(weights);

// The same formula stands in FaceDetectorTests.cs.
const SIDE = 96;
const synthetic = new Uint8Array(SIDE * SIDE * 3);
for (let i = 0; i < synthetic.length; i++) synthetic[i] = (i * 7 + (i >> 6) * 13 + (i % 5) * 31) & 255;
const cells = await net.forward(tf.tensor3d(Array.from(synthetic), [SIDE, SIDE, 3]), SIDE);

// The same command stands in FaceDetectorTests.cs.
const WIDTH = 640, HEIGHT = 360;
const rgb = execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-ss', '1.2', '-i', clip, '-frames:v', '1',
  '-vf', `scale=${WIDTH}:${HEIGHT}:flags=bilinear+accurate_rnd+bitexact,format=rgb24`, '-f', 'rawvideo', 'pipe:1'],
  { maxBuffer: 1 << 24 });
const found = await net.locateFaces(
  tf.tensor3d(Array.from(rgb), [HEIGHT, WIDTH, 3]), new faceapi.TinyFaceDetectorOptions({ inputSize: WIDTH, scoreThreshold: 0.3 }));
const faces = found.map(face => [
  face.relativeBox.x, face.relativeBox.y, face.relativeBox.width, face.relativeBox.height, face.score]);

writeFileSync(out, JSON.stringify({
  runtime: 'face-api 1.7.15, TensorFlow.js 4.22.0',
  synthetic: { side: SIDE, shape: cells.shape, values: Array.from(cells.dataSync()).map(x => Number(x.toPrecision(7))) },
  clip: { width: WIDTH, height: HEIGHT, threshold: 0.3, faces },
}) + '\n');
console.log(JSON.stringify(faces), cells.shape);
