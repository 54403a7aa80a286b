// Many pictures of the same codes and z: all categories of all models, the plane of two codes, and the sweeps.

const MAP = 5, SWEEP = 11; // pictures along a side of the plane, and in a sweep
const several = models.length > 1;
const columns = columnsOf(0).length;
const along = (count) => Array.from({ length: count }, (_, i) => range * (2 * i / (count - 1) - 1));
let swept = 0; // the continuous code that was moved last: the strips show its sweep

const withValues = (...pairs) => ({ values: state.values.map((v, i) => pairs.find(([axis]) => axis === i)?.[1] ?? v) });

function makeGallery() {
  find("gallery").style.setProperty("--columns", columns);
  models.forEach(({ name, label, about }, model) => {
    const row = make("fieldset", find("gallery"), { className: "model" });
    const legend = make("legend", row);
    make("strong", legend, { textContent: label });
    if (about) make("span", legend, { textContent: `: ${about}`, className: "faint" });
    const tiles = make("div", row, { className: "tiles" });
    const canvases = columnsOf(model).map((column, i) => {
      const tile = make("label", tiles);
      const choice = make("input", tile, { type: "radio", name: "tile", id: `tile-${name}-${i}` });
      choice.setAttribute("aria-label", `${label}, category ${column.name}`);
      choice.addEventListener("change", () => change({ model, column: i }));
      const canvas = makeCanvas(tile, 1, 1, { "aria-hidden": "true" });
      make("span", tile, { textContent: column.name, ariaHidden: "true" });
      return canvas;
    });
    around.add(() => ({ model, places: columnsOf(model).map((_, column) => ({ column })) }),
      (images) => canvases.forEach((canvas, i) => paint(canvas, images, i)));
  });
  followers.push(() => { find(`tile-${models[state.model].name}-${state.column}`).checked = true; });
}

// Behind the pad lies what the model draws at some points of the plane. c2 grows upwards.
function makeMap() {
  Object.assign(find("map"), { width: MAP * shape[2], height: MAP * shape[1] });
  const points = along(MAP).toReversed().flatMap((b) => along(MAP).map((a) => [a, b]));
  around.add(() => ({ model: state.model, places: points.map(([a, b]) => withValues([plane[0], a], [plane[1], b])) }),
    (images) => points.forEach((_, i) =>
      paint(find("map"), images, i, i % MAP * shape[2], Math.floor(i / MAP) * shape[1])));
}

function makeStrips() {
  const marks = models.map(({ label }, model) => {
    const row = make("div", find("strips"), { className: "strip" });
    if (several) make("span", row, { textContent: label });
    const canvas = makeCanvas(row, SWEEP, 1, { role: "img", "aria-label": `Sweep of ${label}` });
    around.add(() => ({ model, places: along(SWEEP).map((v) => withValues([swept, v])) }),
      (images) => along(SWEEP).forEach((_, i) => paint(canvas, images, i, i * shape[2])));
    const mark = make("i", row);
    mark.style.width = `${100 / SWEEP}%`;
    mark.style.aspectRatio = shape[2] / shape[1];
    return mark;
  });
  followers.push(() => {
    find("sweep-title").textContent = `The sweep of ${axes[swept].name} from −${range} to ${range}`
      + (several ? ", side by side" : "");
    const place = ((state.values[swept] / range + 1) / 2 * (SWEEP - 1) + 0.5) / SWEEP;
    marks.forEach((mark) => { mark.style.left = `${100 * place}%`; });
  });
}
