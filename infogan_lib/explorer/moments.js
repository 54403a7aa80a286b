// The look into training: pictures of the same codes at some moments, and the bounds beside them.

const CURVES = { width: 560, height: 170, left: 34, bottom: 20 };

async function makeMoments(training) {
  const { updates, values, digits, bounds, curve_step: every, picture } = training;
  const pictures = new Image(), canvas = find("moment"), slider = find("update");
  pictures.src = `data:image/png;base64,${picture}`;
  await pictures.decode();
  const height = pictures.height / updates.length;
  Object.assign(canvas, { width: pictures.width, height });
  slider.max = updates.length - 1;
  find("training-text").textContent = `The first model, trained once more. Rows: c1 at ${values.map((v) => number(v, 1)).join(", ")}; `
    + `columns: the categories that became ${digits.map((d) => d ?? "no digit").join(", ")}. z stays the same.`;
  const line = drawCurves(bounds, every, updates.at(-1));
  const show = () => {
    const i = Number(slider.value), update = updates[i];
    canvas.getContext("2d").drawImage(pictures, 0, -i * height);
    canvas.setAttribute("aria-label", `What G draws after ${update} updates`);
    document.querySelector("output[for=update]").textContent = `${update} updates: ${boundsAt(bounds, every, update)}`;
    line(update);
  };
  slider.addEventListener("input", show);
  slider.value = updates.length - 1;
  show();
}

const boundsAt = (bounds, every, update) => Object.entries(bounds)
  .map(([name, curve]) => `${name} ${number(curve[clamp(Math.round(update / every) - 1, 0, curve.length - 1)])}`)
  .join(", ");

// The bounds L_I in nats against updates → a function that moves the line at the present moment
function drawCurves(bounds, every, total) {
  const { width, height, left, bottom } = CURVES, all = Object.values(bounds).flat();
  const low = Math.min(-1, ...all.map((v) => Math.max(v, -3))), high = Math.max(...all);
  const x = (update) => left + (width - left) * update / total;
  const y = (nats) => (height - bottom) * (high - Math.max(nats, low)) / (high - low);
  const svg = drawSvg("svg", find("curves"), { viewBox: `0 0 ${width} ${height + 16}`, role: "img",
    "aria-label": "The bound of each code in nats during training" });
  for (let nats = Math.ceil(low); nats <= high; nats++) {
    drawSvg("line", svg, { x1: left, x2: width, y1: y(nats), y2: y(nats), stroke: "var(--soft)" });
    drawSvg("text", svg, { x: left - 6, y: y(nats) + 4, "text-anchor": "end" }).textContent = number(nats, 0);
  }
  for (let update = 0; update <= total; update += 1000) {
    drawSvg("text", svg, { x: x(update), y: height, "text-anchor": update < total ? "middle" : "end" }).textContent = update;
  }
  drawSvg("text", svg, { x: left, y: height + 14 }).textContent = "updates; the bounds L_I in nats: ";
  let end = left + 190;
  for (const [name, curve] of Object.entries(bounds)) {
    const colour = `var(--${name === "c1" || name === "c2" ? name : "text"})`;
    const points = curve.map((nats, i) => `${x((i + 0.5) * every).toFixed(1)},${y(nats).toFixed(1)}`).join(" ");
    drawSvg("polyline", svg, { points, fill: "none", stroke: colour, "stroke-width": 2 });
    drawSvg("line", svg, { x1: end, x2: end + 16, y1: height + 10, y2: height + 10, stroke: colour, "stroke-width": 3 });
    drawSvg("text", svg, { x: end + 20, y: height + 14 }).textContent = name;
    end += 44 + 8 * name.length;
  }
  const now = drawSvg("line", svg, { y1: 0, y2: height - bottom, stroke: "currentColor", "stroke-dasharray": "3 3" });
  return (update) => ["x1", "x2"].forEach((end) => now.setAttribute(end, x(update)));
}

function drawSvg(tag, parent, attributes) {
  const element = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
