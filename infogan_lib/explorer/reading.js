// What Q reads in a picture: a bar for each category, and a dot for each continuous code.
const shownReadings = new WeakMap(); // for each place its elements, which are made once and then only changed

// `given`: the column and the codes that the picture was drawn from, or null for a picture that nobody gave codes.
function showReading(place, reading, model, given) {
  let shown = shownReadings.get(place);
  if (shown?.model !== model || !place.contains(shown.root)) shown = makeReading(place, model, given);
  if (codes.categorical.length) {
    const probabilities = columnsOf(model).map(({ category }) => reading.categorical[0][category]);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const text = `Q believes: ${columnsOf(model)[best].name} (${Math.round(100 * probabilities[best])} %)`;
    shown.bars.setAttribute("aria-label", text);
    shown.belief.textContent = text;
    probabilities.forEach((p, i) => {
      shown.columns[i].className = given?.column === i ? "given" : "";
      shown.columns[i].firstChild.style.setProperty("--p", p);
    });
  }
  const at = (value) => `${50 + 50 * clamp(value, -range, range) / range}%`;
  reading.mean.forEach((mean, i) => {
    const { name } = axes[i], { mark, dot, text } = shown.lines[i];
    if (given) mark.style.left = at(given.values[i]);
    dot.style.left = at(mean);
    text.textContent = `${name}: ${given ? `given ${number(given.values[i])}, ` : ""}Q reads ${number(mean)}`;
  });
}

function makeReading(place, model, given) {
  place.replaceChildren();
  const root = make("div", place), shown = { model, root, columns: [], lines: [] };
  if (codes.categorical.length) {
    shown.bars = make("div", root, { className: "bars" }, { role: "img" });
    shown.bars.style.setProperty("--columns", columns);
    shown.columns = columnsOf(model).map(({ name }) => {
      const bar = make("div", shown.bars);
      make("i", bar);
      make("span", bar, { textContent: name.replace("no. ", "") });
      return bar;
    });
    shown.belief = make("div", root);
  }
  shown.lines = axes.map(() => {
    const line = make("div", root, { className: "line" }, { "aria-hidden": "true" });
    make("i", line);
    return { mark: given && make("u", line), dot: make("b", line), text: make("div", root) };
  });
  shownReadings.set(place, shown);
  return shown;
}

// Q's answer to the newest picture; pictures that come while Q is busy are passed over, but for the last.
function makeReader(show) {
  let busy = false, next = null;
  return async function readNext(question) {
    next = question;
    if (busy) return;
    busy = true;
    while (next) {
      const now = next;
      next = null;
      const { reading } = await askLarge({ kind: "read", network: models[now.model].name, image: now.image });
      show(reading, now);
    }
    busy = false;
  };
}
