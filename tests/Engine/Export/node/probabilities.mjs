// usage: node probabilities.mjs MODEL INPUT DIMS OUTPUT
// Runs MODEL on the little-endian float32 numbers in the file INPUT, shaped DIMS (as 2,3,224,224), and writes the output
// `probabilities` as little-endian float32 numbers to the file OUTPUT.
import { readFileSync, writeFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [model, input, dims, output] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(input));
const session = await InferenceSession.create(model);
const images = new Tensor('float32', new Float32Array(bytes.buffer), dims.split(',').map(Number));
const { probabilities } = await session.run({ [session.inputNames[0]]: images });
writeFileSync(output, new Uint8Array(probabilities.data.buffer, probabilities.data.byteOffset, probabilities.data.byteLength));
