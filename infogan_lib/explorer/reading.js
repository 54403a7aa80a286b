// What Q reads in a picture: a bar for each category, and a dot for each continuous code.
// `given`: the column and the codes that the picture was drawn from, or null for a picture that nobody gave codes.

function showReading(place, reading, model, given) {
  place.replaceChildren();
  if (codes.categorical.length) {
    const probabilities = columnsOf(model).map(({ category }) => reading.categorical[0][category]);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const text = `Q believes: ${columnsOf(model)[best].name} (${Math.round(100 * probabilities[best])} %)`;
    const bars = make("div", place, { className: "bars" }, { role: "img", "aria-label": text });
    bars.style.setProperty("--columns", columns);
    probabilities.forEach((p, i) => {
      const bar = make("div", bars, { className: given?.column === i ? "given" : "" });
      make("i", bar).style.setProperty("--p", p);
      make("span", bar, { textContent: columnsOf(model)[i].name.replace("no. ", "") });
    });
    make("div", place, { textContent: text });
  }
  reading.mean.forEach((mean, i) => {
    const { name } = axes[i], said = given ? `${name}: given ${number(given.values[i])}, Q reads ` : `${name}: Q reads `;
    const line = make("div", place, { className: "line" }, { "aria-hidden": "true" });
    const at = (value) => `${50 + 50 * clamp(value, -range, range) / range}%`;
    make("i", line);
    if (given) make("u", line).style.left = at(given.values[i]);
    make("b", line).style.left = at(mean);
    make("div", place, { textContent: said + number(mean) });
  });
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
      const { reading } = await askReader({ kind: "read", network: models[now.model].name, image: now.image });
      show(reading, now);
    }
    busy = false;
  };
}
