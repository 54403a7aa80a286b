// The sheet to draw on, what Q reads there, and the z that draws the reader's own digit.

const paper = find("paper");
let drawn = null; // the drawing as 28 × 28 pixels in [−1, 1], or null
let sampled = 0; // the real digit that was shown last
let reader = null; // the model whose Q reads the drawing

function clearPaper() {
  clearCanvas(paper);
  readPaper();
}

function readPaper() {
  drawn = pictureOf(paper);
  showDrawn();
}

function showDrawn() {
  find("mine").disabled = !drawn;
  find("mine-result").hidden = true;
  find("mine-text").textContent = "";
  if (drawn) return readDrawing({ image: drawn, model: reader() });
  find("belief").textContent = "An empty sheet says nothing. Draw a digit, or take one of MNIST's.";
}

const readDrawing = makeReader((reading, { image, model }) => {
  if (image !== drawn) return; // the sheet has changed
  showReading(find("belief"), reading, model, null);
  const small = find("belief").querySelector("canvas");
  paint(small ?? makeCanvas(find("belief"), 1, 1, { role: "img", "aria-label": "What Q sees" }), image);
});

// Real digits of MNIST, which nobody can draw with a mouse
function takeSample() {
  const bytes = Uint8Array.from(atob(data.samples), (c) => c.charCodeAt(0)), count = bytes.length / SIDE ** 2;
  const digit = bytes.subarray(sampled % count * SIDE ** 2, (sampled % count + 1) * SIDE ** 2);
  sampled += 1;
  drawn = Float32Array.from(digit, (v) => v / 127.5 - 1);
  const small = document.createElement("canvas");
  Object.assign(small, { width: SIDE, height: SIDE });
  paint(small, drawn);
  paper.getContext("2d").drawImage(small, 0, 0, paper.width, paper.height);
  showDrawn();
}

async function makeItMine() {
  const target = drawn, model = reader(), { name } = models[model];
  find("mine").disabled = true;
  find("mine-text").textContent = "Looking for your z …";
  const { reading } = await askLarge({ kind: "read", network: name, image: target });
  const chances = columnsOf(model).map(({ category }) => reading.categorical[0][category]);
  const place = {
    model, column: chances.indexOf(Math.max(...chances)), from: Array(codes.noise).fill(0), walk: 0,
    values: reading.mean.map((mean) => clamp(mean, -range, range)),
  };
  const [, mine, lost] = showTrio(target);
  const show = ({ image }) => {
    paint(mine, image);
    paint(lost, image.map((v, i) => Math.abs(v - target[i]) - 1));
  };
  const request = { kind: "fit", network: name, start: Float32Array.from(vectorOf(place)), target };
  const { fitted } = await askAround(request, show);
  show(fitted);
  find("mine").disabled = !drawn;
  if (drawn !== target) return; // the reader draws again
  change({ ...place, from: Array.from(fitted.vector.subarray(0, codes.noise)) });
  const error = (value) => number(value, 3);
  find("mine-text").textContent = `Done: the squared error of a pixel fell from ${error(fitted.before)} to `
    + `${error(fitted.error)}. Now move the codes: it is your digit that leans. Beyond ±1.5 it frays.`;
}

function showTrio(target) {
  find("mine-result").hidden = false;
  find("mine-result").replaceChildren();
  const canvases = ["your digit", "what G keeps of it", "what is lost"].map((text) => {
    const figure = make("figure", find("mine-result"));
    const canvas = makeCanvas(figure, 1, 1, { role: "img", "aria-label": text });
    make("figcaption", figure, { textContent: text });
    return canvas;
  });
  paint(canvases[0], target);
  return canvases;
}

function makePaper() {
  reader = () => (models[state.model].reader ? state.model : models.findIndex((m) => m.reader));
  makePen(paper, readPaper);
  find("clear").addEventListener("click", clearPaper);
  find("sample").addEventListener("click", takeSample);
  find("mine").addEventListener("click", makeItMine);
  clearPaper();
  let read = reader();
  followers.push(() => {
    find("draw-title").textContent = several ? `Draw a digit: the Q of “${models[reader()].label}” reads it` : "Draw a digit";
    if (drawn && reader() !== read) readDrawing({ image: drawn, model: reader() });
    read = reader();
  });
}
