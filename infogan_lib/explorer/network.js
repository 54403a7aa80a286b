// The networks of one model, computed in the browser. A batch of n images is a Store: channels × n × pixels, where a
// vector is channels of one pixel each. Convolutions have 4×4 kernels, as in the paper's appendix C.
"use strict";

class Store {
  constructor(channels, n, height, width) {
    Object.assign(this, { channels, n, height, width });
    this.columns = n * height * width;
    this.data = new Float32Array(channels * this.columns);
  }
}

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

let halves = null; // the value of each of the 65,536 float16 numbers

function halfValues() {
  halves = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31, fraction = bits & 1023;
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14;
    halves[bits] = bits >> 15 ? -size : size;
  }
  return halves;
}

function unpack(packed) {
  if (packed.float16 !== undefined) {
    const table = halves ?? halfValues();
    return Float32Array.from(new Uint16Array(bytesOf(packed.float16).buffer), (bits) => table[bits]);
  }
  const values = new Int8Array(bytesOf(packed.int8).buffer), scales = new Float32Array(bytesOf(packed.scale).buffer);
  const nibbles = packed.nibbles === undefined ? null : bytesOf(packed.nibbles);
  const result = new Float32Array(values.length), columns = values.length / scales.length;
  for (let row = 0, i = 0; row < scales.length; row++) {
    for (const end = i + columns; i < end; i++) {
      const integer = nibbles ? 16 * values[i] + (nibbles[i >> 1] >> (4 * (i & 1)) & 15) : values[i];
      result[i] = integer * scales[row];
    }
  }
  return result;
}

// The layers that `layers.py` wrote, ready to compute.
const prepare = (layers) => layers.map((layer) =>
  layer.weight ? { ...layer, weight: unpack(layer.weight), bias: unpack(layer.bias) } : layer);

// y = A x for A (rows × inner) and x (inner × columns). Eight sums at a time stay in the processor's registers: two rows
// by four columns, and in the columns that are left, four rows (or the last one, again).
function product(a, rows, inner, x, columns, y) {
  const wide = columns - columns % 4;
  for (let row = 0; row < rows; row += 2) {
    blocksOfTwoRows(a, row, Math.min(row + 1, rows - 1), inner, x, columns, wide, y);
  }
  for (let j = wide; j < columns; j++) columnOfProduct(a, rows, inner, x, columns, j, y);
}

function blocksOfTwoRows(a, first, second, inner, x, columns, wide, y) {
  const p = first * inner, q = second * inner, above = first * columns, below = second * columns;
  for (let j = 0; j < wide; j += 4) {
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
    for (let k = 0, i = j; k < inner; k++, i += columns) {
      const s = a[p + k], t = a[q + k], x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
      s0 += s * x0; s1 += s * x1; s2 += s * x2; s3 += s * x3;
      t0 += t * x0; t1 += t * x1; t2 += t * x2; t3 += t * x3;
    }
    y[above + j] = s0; y[above + j + 1] = s1; y[above + j + 2] = s2; y[above + j + 3] = s3;
    y[below + j] = t0; y[below + j + 1] = t1; y[below + j + 2] = t2; y[below + j + 3] = t3;
  }
}

function columnOfProduct(a, rows, inner, x, columns, j, y) {
  for (let row = 0; row < rows; row += 4) {
    const last = rows - 1, r0 = row, r1 = Math.min(row + 1, last), r2 = Math.min(row + 2, last), r3 = Math.min(row + 3, last);
    const p0 = r0 * inner, p1 = r1 * inner, p2 = r2 * inner, p3 = r3 * inner;
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (let k = 0, i = j; k < inner; k++, i += columns) {
      s0 += a[p0 + k] * x[i]; s1 += a[p1 + k] * x[i]; s2 += a[p2 + k] * x[i]; s3 += a[p3 + k] * x[i];
    }
    y[r0 * columns + j] = s0; y[r1 * columns + j] = s1; y[r2 * columns + j] = s2; y[r3 * columns + j] = s3;
  }
}

function transposed(a, rows, columns) {
  const result = new Float32Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = a[i * columns + j];
  return result;
}

const matrixSize = ({ kind, inputs, outputs }) =>
  kind === "deconv" ? [16 * outputs, inputs] : [outputs, kind === "conv" ? 16 * inputs : inputs];

function transposedWeight(layer) { // kept, because a fit needs it at every step
  return (layer.transposed ??= transposed(layer.weight, ...matrixSize(layer)));
}

// Calls visit(big, small) for the runs of pixels that a tap (ky, kx) of a kernel joins in one image: the pixel at (y, x)
// of the small image meets (stride·y + ky − 1, stride·x + kx − 1) of the big one. Pixels outside of it are padding.
function eachRow(ky, kx, stride, small, big, visit) {
  const first = Math.max(0, Math.ceil((1 - kx) / stride));
  const last = Math.min(small.width - 1, Math.floor((big.width - kx) / stride));
  for (let y = 0; y < small.height; y++) {
    const above = stride * y + ky - 1;
    if (above < 0 || above >= big.height) continue;
    visit(above * big.width + stride * first + kx - 1, y * small.width + first, last - first + 1);
  }
}

// big (channels) → (16 · channels) × the small image's pixels: for each tap, the pixels that it meets.
function gather(big, small, stride) {
  const taps = new Store(16 * big.channels, big.n, small.height, small.width);
  join(big, taps, stride, (bigData, i, tapData, j, count) => {
    for (let k = 0; k < count; k++, i += stride, j++) tapData[j] = bigData[i];
  });
  return taps;
}

// The way back: adds each tap to the pixel that it meets.
function scatter(taps, big, stride) {
  join(big, taps, stride, (bigData, i, tapData, j, count) => {
    for (let k = 0; k < count; k++, i += stride, j++) bigData[i] += tapData[j];
  });
  return big;
}

function join(big, taps, stride, move) {
  const bigPixels = big.height * big.width, pixels = taps.height * taps.width;
  for (let row = 0; row < taps.channels; row++) {
    const channel = row >> 4, ky = (row >> 2) & 3, kx = row & 3;
    eachRow(ky, kx, stride, taps, big, (bigAt, tapAt, count) => {
      for (let image = 0; image < big.n; image++) {
        const i = (channel * big.n + image) * bigPixels + bigAt, j = (row * big.n + image) * pixels + tapAt;
        move(big.data, i, taps.data, j, count);
      }
    });
  }
}

function addBias(store, bias) {
  for (let c = 0, i = 0; c < store.channels; c++) {
    for (const end = i + store.columns; i < end; i++) store.data[i] += bias[c];
  }
  return store;
}

function multiply(matrix, [rows, inner], x, target) {
  product(matrix, rows, inner, x.data, x.columns, target.data);
  return target;
}

const same = (x) => new Store(x.channels, x.n, x.height, x.width);

function mapped(x, change) {
  const y = same(x);
  for (let i = 0; i < y.data.length; i++) y.data[i] = change(x.data[i]);
  return y;
}

function unflatten(x, [channels, height, width]) {
  const y = new Store(channels, x.n, height, width), pixels = height * width;
  for (let row = 0; row < x.channels; row++) {
    const channel = Math.floor(row / pixels), pixel = row % pixels;
    for (let image = 0; image < x.n; image++) {
      y.data[(channel * x.n + image) * pixels + pixel] = x.data[row * x.n + image];
    }
  }
  return y;
}

function flatten(x) {
  const pixels = x.height * x.width, y = new Store(x.channels * pixels, x.n, 1, 1);
  for (let row = 0; row < y.channels; row++) {
    const channel = Math.floor(row / pixels), pixel = row % pixels;
    for (let image = 0; image < x.n; image++) {
      y.data[row * x.n + image] = x.data[(channel * x.n + image) * pixels + pixel];
    }
  }
  return y;
}

const FORWARD = {
  dense: (layer, x) =>
    addBias(multiply(layer.weight, matrixSize(layer), x, new Store(layer.outputs, x.n, 1, 1)), layer.bias),
  conv(layer, x) {
    const y = new Store(layer.outputs, x.n, x.height / layer.stride, x.width / layer.stride);
    return addBias(multiply(layer.weight, matrixSize(layer), gather(x, y, layer.stride), y), layer.bias);
  },
  deconv(layer, x) {
    const taps = multiply(layer.weight, matrixSize(layer), x, new Store(16 * layer.outputs, x.n, x.height, x.width));
    const y = new Store(layer.outputs, x.n, x.height * layer.stride, x.width * layer.stride);
    return addBias(scatter(taps, y, layer.stride), layer.bias);
  },
  leaky: ({ slope }, x) => mapped(x, (v) => (v > 0 ? v : slope * v)),
  tanh: (_, x) => mapped(x, Math.tanh),
  sigmoid: (_, x) => mapped(x, (v) => Math.tanh(v / 2)), // 2σ(v) − 1
  unit: (_, x) => mapped(x, (v) => (v + 1) / 2),
  unflatten: ({ shape }, x) => unflatten(x, shape),
  flatten: (_, x) => flatten(x),
};

// The gradient of a loss with respect to a layer's input x, from that with respect to its output y. G's layers only.
const BACKWARD = {
  dense: (layer, x, y, gradient) => multiply(transposedWeight(layer), matrixSize(layer).toReversed(), gradient, same(x)),
  conv(layer, x, y, gradient) {
    const taps = new Store(16 * layer.inputs, x.n, y.height, y.width);
    return scatter(multiply(transposedWeight(layer), matrixSize(layer).toReversed(), gradient, taps), same(x), layer.stride);
  },
  deconv: (layer, x, y, gradient) =>
    multiply(transposedWeight(layer), matrixSize(layer).toReversed(), gather(gradient, x, layer.stride), same(x)),
  leaky({ slope }, x, y, gradient) {
    const result = same(x);
    for (let i = 0; i < x.data.length; i++) result.data[i] = gradient.data[i] * (x.data[i] > 0 ? 1 : slope);
    return result;
  },
  tanh: (_, x, y, gradient) => throughTanh(y, gradient, 1),
  sigmoid: (_, x, y, gradient) => throughTanh(y, gradient, 1 / 2),
  unflatten: (_, x, y, gradient) => flatten(gradient),
};

function throughTanh(y, gradient, inner) {
  const result = same(y);
  for (let i = 0; i < y.data.length; i++) result.data[i] = gradient.data[i] * (1 - y.data[i] ** 2) * inner;
  return result;
}

// The outputs of all layers; the last one is the network's.
function forward(layers, input) {
  const outputs = [];
  let x = input;
  for (const layer of layers) outputs.push((x = FORWARD[layer.kind](layer, x)));
  return outputs;
}

// n vectors, one after the other → n images, one after the other, each channels × height × width in [−1, 1].
function generate(layers, vectors, n) {
  const size = vectors.length / n, input = new Store(size, n, 1, 1);
  for (let i = 0; i < n; i++) for (let k = 0; k < size; k++) input.data[k * n + i] = vectors[i * size + k];
  const { data, channels, height, width } = forward(layers, input).at(-1);
  if (n === 1 || channels === 1) return data;
  const pixels = height * width, images = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < n; i++) {
      images.set(data.subarray((c * n + i) * pixels, (c * n + i + 1) * pixels), (i * channels + c) * pixels);
    }
  }
  return images;
}

// What Q reads in one image → { categorical: probabilities of each code, mean: of each continuous code }
function read(layers, image, [channels, height, width], codes) {
  const input = new Store(channels, 1, height, width);
  input.data.set(image);
  const outputs = Array.from(forward(layers, input).at(-1).data);
  const categorical = codes.categorical.map((k) => softmax(outputs.splice(0, k)));
  return { categorical, mean: outputs.slice(0, codes.continuous) };
}

function softmax(logits) {
  const top = Math.max(...logits), powers = logits.map((v) => Math.exp(v - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
}

// The mean squared error of G(vector) to an image, and its gradient with respect to the vector.
function errorAndGradient(layers, vector, target) {
  const input = new Store(vector.length, 1, 1, 1);
  input.data.set(vector);
  const outputs = forward(layers, input), drawn = outputs.at(-1);
  let gradient = same(drawn), error = 0;
  for (let i = 0; i < target.length; i++) {
    const difference = drawn.data[i] - target[i];
    error += difference ** 2 / target.length;
    gradient.data[i] = 2 * difference / target.length;
  }
  for (let i = layers.length - 1; i >= 0; i--) {
    gradient = BACKWARD[layers[i].kind](layers[i], i ? outputs[i - 1] : input, outputs[i], gradient);
  }
  return { error, gradient: gradient.data, image: drawn.data };
}

// Adam (Kingma & Ba 2015) on the first `free` entries of a vector, which are kept in [−1, 1], where the prior draws them.
// Yields { error, image, vector } after each step.
function* fit(layers, start, free, target, steps, rate) {
  const vector = Float32Array.from(start), mean = new Float32Array(free), square = new Float32Array(free);
  for (let t = 1; t <= steps; t++) {
    const { error, gradient, image } = errorAndGradient(layers, vector, target);
    yield { error, image, vector };
    for (let i = 0; i < free; i++) {
      mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
      square[i] = 0.99 * square[i] + 0.01 * gradient[i] ** 2;
      const step = mean[i] / (1 - 0.9 ** t) / (Math.sqrt(square[i] / (1 - 0.99 ** t)) + 1e-8);
      vector[i] = Math.min(1, Math.max(-1, vector[i] - rate * step));
    }
  }
}
