// The workers, and what they are asked for: which pictures the page shows, and when each is drawn again.

function startWorker(networks) {
  const source = URL.createObjectURL(new Blob([find("worker").textContent], { type: "text/javascript" }));
  const worker = new Worker(source), waiting = new Map();
  let asked = 0;
  worker.addEventListener("message", ({ data: { id, step, ...result } }) => {
    const { done, showStep } = waiting.get(id);
    if (step) return showStep(step);
    waiting.delete(id);
    done(result);
  });
  const ask = (request, showStep = null) => new Promise((done) => {
    waiting.set(++asked, { done, showStep });
    worker.postMessage({ id: asked, ...request });
  });
  ask({ kind: "prepare", shape, codes, networks });
  return ask;
}

const named = (part) => Object.fromEntries(models.flatMap((m) => (m[part] ? [[m.name, m[part]]] : [])));
const askGenerator = startWorker(named("generator"));
const askReader = data.models.some((m) => m.reader) ? startWorker(named("reader")) : null;
const SLICE = 4; // images that are drawn at once; after them the large picture may have its turn
const jobs = [];
let busy = false;
let turn = 0; // the job that was drawn last, the large picture aside
let large = false; // whether the large picture was drawn last

// A part of the page that shows pictures, drawn again when what `request` gives has changed: a model, and a place for
// each picture, which says what differs from the present state. The first job is the large picture.
function job(request, show) {
  jobs.push({ request, show, asked: null, waiting: false, current: null });
}

function refresh() {
  for (const one of jobs) {
    const { model, places } = one.request();
    const vectors = Float32Array.from(places.flatMap((place) => vectorOf({ model, ...place })));
    if (one.asked?.model === model && one.asked.vectors.every((v, i) => v === vectors[i])) continue;
    Object.assign(one, { asked: { model, vectors, n: places.length }, waiting: true });
  }
  if (!busy) drawAll();
}

// The large picture has its turn between two slices of the others, so that it stays smooth.
function nextJob() {
  if (jobs[0].waiting && !large) return 0;
  if (jobs[turn].current) return turn; // what was begun is finished, or else dragging would starve it
  for (let i = 0; i < jobs.length - 1; i++) {
    const other = 1 + (turn + i) % (jobs.length - 1);
    if (jobs[other].waiting) return (turn = other);
  }
  return jobs[0].waiting ? 0 : -1;
}

async function drawAll() {
  busy = true;
  for (let i = nextJob(); i >= 0; i = nextJob()) {
    large = i === 0;
    await drawSlice(jobs[i]);
  }
  busy = false;
}

async function drawSlice(one) {
  if (!one.current) Object.assign(one, { current: { ...one.asked, done: 0, images: [] }, waiting: false });
  const { model, vectors, n, done, images } = one.current, size = vectors.length / n, end = Math.min(n, done + SLICE);
  const request = { kind: "draw", network: models[model].name, vectors: vectors.slice(done * size, end * size), n: end - done };
  images.push(...(await askGenerator(request)).images);
  one.current.done = end;
  if (end < n) return;
  one.current = null;
  one.show(images, model);
}

// Image i of several (channels × height × width each, in [−1, 1]) onto a canvas, at (x, y).
function paint(canvas, images, i = 0, x = 0, y = 0) {
  const [channels, height, width] = shape, pixels = height * width, from = i * channels * pixels;
  const picture = new ImageData(width, height);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < 3; c++) {
      picture.data[4 * p + c] = 127.5 * (images[from + (channels === 3 ? c * pixels : 0) + p] + 1);
    }
    picture.data[4 * p + 3] = 255;
  }
  canvas.getContext("2d").putImageData(picture, x, y);
}

function make(tag, parent, properties = {}, attributes = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return parent.appendChild(element);
}

// An empty canvas for columns × rows images
function makeCanvas(parent, columns = 1, rows = 1, attributes = {}) {
  return make("canvas", parent, { width: columns * shape[2], height: rows * shape[1] }, attributes);
}
