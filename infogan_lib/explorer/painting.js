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

// One worker draws the large picture and reads, so that these follow a drag. The other draws all that is around it.
const networksWith = (...parts) =>
  Object.fromEntries(models.map((model) => [model.name, Object.fromEntries(parts.map((part) => [part, model[part]]))]));
const askLarge = startWorker(networksWith("generator", "reader")), askAround = startWorker(networksWith("generator"));
const SLICE = 10; // images that a worker draws at once; after them another part of the page has its turn
const large = makeQueue(askLarge), around = makeQueue(askAround);

function refresh() {
  large.refresh();
  around.refresh();
}

// The parts of the page that a worker draws. A part is drawn again when what its `request` gives has changed: a model, and
// a place for each picture, which says what differs from the present state.
function makeQueue(ask) {
  const jobs = [];
  let busy = false, turn = 0; // the job that was drawn last

  function nextJob() {
    if (jobs[turn]?.current) return turn; // what was begun is finished, or else dragging would starve it
    for (let i = 1; i <= jobs.length; i++) {
      const other = (turn + i) % jobs.length;
      if (jobs[other].waiting) return (turn = other);
    }
    return -1;
  }

  async function drawAll() {
    busy = true;
    for (let i = nextJob(); i >= 0; i = nextJob()) await drawSlice(jobs[i]);
    busy = false;
  }

  async function drawSlice(one) {
    if (!one.current) Object.assign(one, { current: { ...one.asked, done: 0, images: [] }, waiting: false });
    const { model, vectors, n, done, images } = one.current, size = vectors.length / n, end = Math.min(n, done + SLICE);
    const given = { vectors: vectors.slice(done * size, end * size), n: end - done };
    images.push(...(await ask({ kind: "draw", network: models[model].name, ...given })).images);
    one.current.done = end;
    if (end < n) return;
    one.current = null;
    one.show(images, model);
  }

  return {
    add(request, show) {
      jobs.push({ request, show, asked: null, waiting: false, current: null });
    },
    refresh() {
      for (const one of jobs) {
        const { model, places } = one.request();
        const vectors = Float32Array.from(places.flatMap((place) => vectorOf({ model, ...place })));
        if (one.asked?.model === model && one.asked.vectors.every((v, i) => v === vectors[i])) continue;
        Object.assign(one, { asked: { model, vectors, n: places.length }, waiting: true });
      }
      if (!busy) drawAll();
    },
  };
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
