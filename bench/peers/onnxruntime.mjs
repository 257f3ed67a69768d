// ONNX Runtime as a rival of `affekt bench encoders`: answers one line of JSON for each line that it reads.
//
// usage: node onnxruntime.mjs FOLDER THREADS FILE
// FOLDER is as export_onnx.py leaves it; FILE is model.onnx or model.int8.onnx. The requests are those of eager.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as ort from "onnxruntime-node";

const [folder, threads, fileName] = process.argv.slice(2);
const inputs = readSafetensors(join(folder, "inputs.safetensors"));
const sessions = new Map();

/** Tensors by name; the format is a length, a JSON header and the bytes. */
function readSafetensors(path) {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(JSON.parse(bytes.toString("utf8", 8, start)))) {
    if (name === "__metadata__") continue;
    const own = Uint8Array.from(bytes.subarray(start + begin, start + end)).buffer;
    tensors.set(name, dtype === "I64"
      ? new ort.Tensor("int64", new BigInt64Array(own), shape)
      : new ort.Tensor("float32", new Float32Array(own), shape));
  }
  return tensors;
}

function feeds(work) {
  const all = [];
  for (let i = 0, given; (given = inputs.get(`${work}.${i}`)) !== undefined; i++) {
    all.push(given.type === "int64"
      ? { ids: given, mask: new ort.Tensor("int64", new BigInt64Array(given.size).fill(1n), given.dims) }
      : { sounds: given });
  }
  return all;
}

async function session(encoder) {
  if (!sessions.has(encoder)) {
    sessions.set(encoder, await ort.InferenceSession.create(join(folder, encoder, fileName), {
      intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: "sequential", graphOptimizationLevel: "all",
    }));
  }
  return sessions.get(encoder);
}

async function answer({ encoder, work, runs, output }) {
  const network = await session(encoder);
  const given = feeds(work);
  if (output !== undefined) {
    const { states } = await network.run(given[0]);
    writeFileSync(output, Buffer.from(states.data.buffer, states.data.byteOffset, states.data.byteLength));
  }
  const ms = [];
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    for (const one of given) await network.run(one);
    ms.push(performance.now() - begin);
  }
  return { ms };
}

const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
console.log(JSON.stringify({ version: `onnxruntime-node ${version}` }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}
