// Puts the page together. All parts follow the state, which the address can give and keeps.

const readPicture = makeReader((reading, { model, given }) => {
  if (model === state.model) showReading(find("reading"), reading, model, given);
});
let address = null; // waits a little, because browsers allow only so many changes of the address

function makePicture() {
  Object.assign(find("picture"), { width: shape[2], height: shape[1] });
  large.add(() => ({ model: state.model, places: [{}] }), (images, model) => {
    paint(find("picture"), images);
    if (models[model].reader) readPicture({ image: images, model, given: state });
  });
  followers.push(() => {
    const { label, reader } = models[state.model];
    const parts = several ? [label] : [];
    if (codes.categorical.length) parts.push(`category ${columnsOf(state.model)[state.column].name}`);
    parts.push(...axes.map(({ name }, i) => `${name} ${number(state.values[i])}`));
    find("caption").textContent = parts.join(", ");
    find("picture").setAttribute("aria-label", `Generated picture: ${parts.join(", ")}`);
    if (!reader) find("reading").textContent = "A plain GAN trains no Q, so nothing is read here.";
  });
}

function makeTable() {
  const rows = models.flatMap(({ label, effects }) =>
    Object.entries(effects).map(([code, strengths]) => [several ? `${label}, ${code}` : code, strengths]));
  const names = Object.keys(rows[0][1]).toSorted();
  const head = make("tr", find("measured").querySelector("thead"));
  ["code", ...names].forEach((name) => make("th", head, { textContent: name, scope: "col" }));
  for (const [title, strengths] of rows) {
    const row = make("tr", find("measured").querySelector("tbody")), best = Math.max(...Object.values(strengths));
    make("th", row, { textContent: title, scope: "row" });
    for (const name of names) {
      make("td", row, { textContent: strengths[name].toFixed(2), className: strengths[name] === best ? "strong" : "" });
    }
  }
}

function keepAddress() {
  clearTimeout(address);
  address = setTimeout(() => history.replaceState(null, "", toAddress()), 300);
}

function begin() {
  const { categorical } = codes, measured = models.some(({ effects }) => Object.keys(effects).length);
  const parts = { all: categorical.length, plane: axes.length > 1, sweep: axes.length, draw: data.samples, training: data.training,
    measured, reading: models.some(({ reader }) => reader) };
  for (const [id, shown] of Object.entries(parts)) find(id).hidden = !shown;
  document.documentElement.style.setProperty("--shape", `${shape[2]} / ${shape[1]}`);
  find("all-title").textContent = data.heading;
  find("all-text").textContent = data.introduction;
  find("note").textContent = data.note;
  find("measured-how").textContent = data.measuredHow;
  makePicture();
  if (parts.all) makeGallery();
  axes.forEach(makeAxis);
  if (parts.plane) {
    makePad();
    makeMap();
  }
  if (parts.sweep) makeStrips();
  makeCategories();
  makeWalk();
  makeButtons();
  if (parts.draw) makePaper();
  if (parts.training) makeMoments(data.training);
  if (parts.measured) makeTable();
  followers.push(refresh, keepAddress);
  window.addEventListener("hashchange", () => location.hash !== toAddress() && change(fromAddress(location.hash)));
  find("needs").hidden = true;
  find("explorer").hidden = false;
  change(fromAddress(location.hash), false);
}

begin();
