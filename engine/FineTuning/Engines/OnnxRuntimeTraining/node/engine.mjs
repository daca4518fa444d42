// Runs artifacts on ONNX Runtime Training (npm's onnxruntime-web 1.19.2, WebAssembly) for the process that started it.
// arguments: the folder of the package. A message in either direction is a whole number of blocks and then each block, its
// length in bytes before it; numbers are 32 bits, little-endian. The first block of a request names the command.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// The protocol owns standard output; what the package prints goes beside it.
console.log = console.info = console.debug = console.warn = console.error;

const dist = join(process.argv.at(-1), 'dist');
const ort = await import(pathToFileURL(join(dist, 'ort.training.wasm.mjs')).href);
const wasm = readFileSync(join(dist, 'ort-training-wasm-simd-threaded.wasm'));
ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length);

// The package frees addresses of the stack after it has copied parameters, and so breaks its heap; here that is left out.
const { default: start } = await import(pathToFileURL(join(dist, 'ort-training-wasm-simd-threaded.mjs')).href);
globalThis.startWithSoundHeap = async (settings) => {
  const module = await start(settings);
  // The first call of either puts the final function in its place.
  module.stackAlloc(0);
  module._free(0);
  const { stackAlloc, _free } = module;
  const stack = new Set();
  module.stackAlloc = (size) => { const address = stackAlloc(size); stack.add(address); return address; };
  module._free = (address) => { if (!stack.has(address)) _free(address); };
  return module;
};
ort.env.wasm.wasmPaths = { mjs: 'data:text/javascript,export default globalThis.startWithSoundHeap;' };

let session, inputs, outputs;
const floats = (bytes) => new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
const bytes = (data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

function feeds([count, ...blocks]) {
  const n = count.readInt32LE(0);
  return Object.fromEntries(inputs.map(({ name, dims }, i) => [name, new ort.Tensor('float32', floats(blocks[i]), [n, ...dims])]));
}

const commands = {
  async create([description, checkpointState, trainModel, evalModel, optimizerModel]) {
    ({ inputs, outputs } = JSON.parse(description.toString()));
    session = await ort.TrainingSession.create({ checkpointState, trainModel, evalModel, optimizerModel });
    return [];
  },
  async train(blocks) {
    const results = await session.runTrainStep(feeds(blocks));
    return outputs.map((name) => bytes(results[name].data));
  },
  // The package names results of the evaluation by the training model's outputs, which begin with the same two.
  async evaluate(blocks) {
    const results = await session.runEvalStep(feeds(blocks));
    return outputs.slice(0, 2).map((name) => bytes(results[name].data));
  },
  async parameters() {
    return [bytes((await session.getContiguousParameters(false)).data)];
  },
  // Rate and share are the last two trainable numbers, where the optimizer's graph takes them from there.
  async update([steering]) {
    if (steering) {
      const all = (await session.getContiguousParameters(true)).data.slice();
      all.set(floats(steering), all.length - 2);
      await session.loadParametersBuffer(new Uint8Array(all.buffer), true);
    }
    await session.runOptimizerStep();
    await session.lazyResetGrad();
    return [];
  },
};

function send(blocks) {
  const length = (n) => { const b = Buffer.alloc(4); b.writeInt32LE(n); return b; };
  const all = Buffer.concat([length(blocks.length), ...blocks.flatMap((b) => [length(b.length), b])]);
  return new Promise((done) => process.stdout.write(all, done));
}

// Bytes of standard input, as many as are asked for; null at its end.
const source = process.stdin[Symbol.asyncIterator]();
let pending = Buffer.alloc(0);
async function take(count) {
  const parts = [pending];
  let have = pending.length;
  while (have < count) {
    const { value, done } = await source.next();
    if (done) return null;
    parts.push(value);
    have += value.length;
  }
  const all = Buffer.concat(parts);
  pending = all.subarray(count);
  return all.subarray(0, count);
}

async function receive() {
  const count = await take(4);
  if (count === null) return null;
  const blocks = [];
  for (let i = 0; i < count.readInt32LE(0); i++) {
    const length = await take(4);
    blocks.push(await take(length.readInt32LE(0)));
  }
  return blocks;
}

// An exception of C++ arrives as a bare number, without its words.
const words = (error) => (typeof error === 'number'
  ? 'it threw an exception that WebAssembly does not put into words, as for an operator that release 1.19.2 does not have'
  : String(error?.message ?? error));

// The answer begins with a block that is empty, or that says what went wrong.
for (let request; (request = await receive()) !== null;) {
  const [command, ...blocks] = request;
  try {
    const answer = await commands[command.toString()](blocks);
    await send([Buffer.alloc(0), ...answer]);
  } catch (error) {
    await send([Buffer.from(words(error))]);
  }
}
process.exit(0);
