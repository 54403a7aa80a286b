// The workers, and what they are asked for: which pictures the page shows, and when each is drawn again.
"use strict";

function startWorker(networks) {
  const source = URL.createObjectURL(new Blob([find("worker").textContent], { type: "text/javascript" }));
  const worker = new Worker(source), waiting = new Map();
  let asked = 0;
  worker.onmessage = ({ data: { id, step, ...result } }) => {
    const { done, showStep } = waiting.get(id);
    if (step) return showStep(step);
    waiting.delete(id);
    done(result);
  };
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
const jobs = [];
let busy = false;
let turn = 0; // the job that was drawn last, the large picture aside
let large = false; // whether the large picture was drawn last

// A part of the page that shows pictures, drawn again when what `request` gives has changed: a model, and a place for
// each picture, which says what differs from the present state. The first job is the large picture.
function job(request, show) {
  jobs.push({ request, show, wanted: null, drawn: null });
}

function refresh() {
  for (const one of jobs) {
    const { model, places } = one.request();
    const vectors = Float32Array.from(places.flatMap((place) => vectorOf({ model, ...place })));
    const shown = one.drawn?.model === model && one.drawn.vectors.every((v, i) => v === vectors[i]);
    one.wanted = shown ? null : { model, vectors, n: places.length };
  }
  if (!busy) drawAll();
}

// Between two other parts the large picture gets its turn, so that it stays smooth.
function nextJob() {
  if (jobs[0].wanted && !large) return 0;
  for (let i = 0; i < jobs.length - 1; i++) {
    const other = 1 + (turn + i) % (jobs.length - 1);
    if (jobs[other].wanted) return (turn = other);
  }
  return jobs[0].wanted ? 0 : -1;
}

async function drawAll() {
  busy = true;
  for (let i = nextJob(); i >= 0; i = nextJob()) {
    large = i === 0;
    const one = jobs[i], { model, vectors, n } = one.wanted;
    one.drawn = one.wanted;
    one.wanted = null;
    const { images } = await askGenerator({ kind: "draw", network: models[model].name, vectors, n });
    one.show(images, model);
  }
  busy = false;
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
