// A Web Worker: it keeps some networks, and answers one request at a time, so that the page stays smooth.

const FIT_STEPS = 100, FIT_RATE = 0.15, SHOW_EVERY = 5; // Adam's steps and step size; steps between two pictures
const networks = new Map();
let facts = null; // the shape of an image, and the codes

function answer({ kind, ...request }) {
  if (kind === "prepare") {
    facts = { shape: request.shape, codes: request.codes };
    for (const [name, { generator, reader }] of Object.entries(request.networks)) {
      networks.set(name, { generator: prepare(generator), reader: reader && prepare(reader) });
    }
    return {};
  }
  const { generator, reader } = networks.get(request.network);
  if (kind === "draw") return { images: generate(generator, request.vectors, request.n) };
  if (kind === "read") return { reading: read(reader, request.image, facts.shape, facts.codes) };
  const steps = fit(generator, request.start, facts.codes.noise, request.target, FIT_STEPS, FIT_RATE);
  let before = null, last = null, done = 0;
  for (const { error, image, vector } of steps) {
    before ??= error;
    last = { error, image, vector: Float32Array.from(vector) };
    if (done++ % SHOW_EVERY === 0) postMessage({ id: request.id, step: { image, error } });
  }
  return { fitted: { ...last, before } };
}

onmessage = ({ data }) => postMessage({ id: data.id, ...answer(data) });
