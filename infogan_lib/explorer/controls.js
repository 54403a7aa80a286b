// What moves the codes and the style: the pad, the sliders, and the buttons.

const PERIOD = 6000; // milliseconds that playing takes from one end to the other and back
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const plane = [0, 1]; // the codes that the pad moves: to the right, and upwards
let playing = null; // { code, since }; the code is an axis or "walk"
let moved = axes.length ? 0 : "walk"; // what was moved last, and so what Play plays

function setValue(axis, value, undoable) {
  [moved, swept] = [axis, axis];
  change(withValues([axis, clamp(value, -range, range)]), undoable);
}

// A drag is one step to undo: it begins with the pointer or the first key, and ends with the change event.
function makeSlider(slider, move) {
  let dragging = false;
  slider.addEventListener("input", () => {
    stop();
    move(Number(slider.value), !dragging);
    dragging = true;
  });
  slider.addEventListener("change", () => { dragging = false; });
}

function makeAxis({ name, effect }, axis) {
  const row = make("div", find("sliders"), { className: "row" });
  make("label", row, { htmlFor: name, textContent: effect ? `${name}: ${effect}` : name });
  const shown = make("output", row);
  const slider = make("input", row, { type: "range", id: name, min: -range, max: range, step: 0.05, value: 0 });
  slider.setAttribute("aria-describedby", "note");
  makeScale(make("div", row, { className: "scale" }));
  makeSlider(slider, (value, undoable) => setValue(axis, value, undoable));
  followers.push(() => {
    slider.value = state.values[axis];
    shown.textContent = number(state.values[axis]);
  });
}

function makeScale(scale) { // numbers under a slider, and a bar that marks what training drew
  scale.setAttribute("aria-hidden", "true");
  Object.assign(make("i", scale).style, { left: `${50 - 50 / range}%`, width: `${100 / range}%` });
  for (let value = -range; value <= range; value++) {
    make("b", scale, { textContent: number(value, 0) }).style.left = `${50 + 50 * value / range}%`;
  }
}

function makePad() {
  const pad = find("pad"), dot = find("dot");
  const select = (place, slot, other) => {
    if (axes.length < 3) return make("span", place, { textContent: `${axes[plane[slot]].name} →` });
    const choice = make("select", place, { ariaLabel: other });
    axes.forEach(({ name }, i) => make("option", choice, { value: i, textContent: `${name} →`, selected: i === plane[slot] }));
    choice.addEventListener("change", () => {
      plane[slot] = Number(choice.value);
      change({}, false);
    });
  };
  select(find("across"), 0, "code to the right");
  select(find("up"), 1, "code upwards");
  const put = (a, b, undoable) => {
    stop();
    if (![plane[0], plane[1]].includes(moved)) [moved, swept] = [plane[0], plane[0]];
    change(withValues([plane[0], a], [plane[1], b]), undoable);
  };
  makePlane(pad, range, () => plane.map((axis) => state.values[axis]), put);
  followers.push(() => showPlane(pad, dot, range, plane.map((axis) => state.values[axis]), plane.map((axis) => axes[axis].name)));
}

function makeCategories() { // of the codes after the first, whose categories the gallery shows
  codes.categorical.slice(1).forEach((k, i) => {
    const row = make("div", find("categories"), { className: "row" }), id = `category${i + 2}`;
    const { name, effect } = data.categories[i + 1];
    make("label", row, { htmlFor: id, textContent: effect ? `${name}: ${effect}` : name });
    const choice = make("select", row, { id });
    for (let category = 0; category < k; category++) make("option", choice, { value: category, textContent: category });
    choice.addEventListener("change", () => change({ others: state.others.with(i, Number(choice.value)) }));
    followers.push(() => { choice.value = state.others[i]; });
  });
}

function makeWalk() {
  makeSlider(find("walk"), (walk, undoable) => {
    moved = "walk";
    change({ walk }, undoable);
  });
  followers.push(() => {
    const name = (style) => (typeof style === "number" ? style : "your drawing");
    find("walk").value = state.walk;
    document.querySelector("output[for=walk]").textContent = state.walk === 0 ? `z ${name(state.from)}`
      : `${number(state.walk)} of the way from ${name(state.from)} to ${name(state.to)}`;
  });
}

function newStyle() {
  stop();
  const draw = () => 1 + Math.floor(Math.random() * 999_999);
  change({ from: draw(), to: draw(), walk: 0 });
}

// Reduced motion: it jumps twice a second instead of gliding.
function step(now) {
  if (!playing) return;
  const passed = calm.matches ? Math.floor(now / 500) * 500 - playing.since : now - playing.since;
  const phase = ((passed / PERIOD) % 1 + 1) % 1, share = 1 - Math.abs(2 * phase - 1);
  change(playing.code === "walk" ? { walk: share } : withValues([playing.code, range * (2 * share - 1)]), false);
  requestAnimationFrame(step);
}

function togglePlay() {
  if (playing) return stop();
  remember();
  const share = moved === "walk" ? state.walk : (state.values[moved] / range + 1) / 2;
  playing = { code: moved, since: performance.now() - PERIOD * share / 2 };
  showPlaying();
  requestAnimationFrame(step);
}

function stop() {
  playing = null;
  showPlaying();
}

function showPlaying() {
  const name = moved === "walk" ? "the walk" : axes[moved].name;
  find("play").textContent = `${playing ? "Stop" : "Play"} ${name}`;
  find("play").setAttribute("aria-pressed", String(Boolean(playing)));
}

function tell(text) {
  find("status").textContent = text;
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    tell("The link is copied. Whoever opens it sees this picture.");
  } catch {
    tell("This browser didn't let the page copy. The link is in the address line.");
  }
}

function savePicture() {
  const scale = Math.max(1, Math.floor(280 / shape[2])), large = document.createElement("canvas");
  Object.assign(large, { width: scale * shape[2], height: scale * shape[1] });
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(find("picture"), 0, 0, large.width, large.height);
  const link = make("a", document.body, { download: "infogan.png", href: large.toDataURL("image/png"), hidden: true });
  link.click();
  link.remove();
  tell("Saved as infogan.png.");
}

function makeButtons() {
  find("style").addEventListener("click", newStyle);
  find("play").addEventListener("click", togglePlay);
  find("undo").addEventListener("click", () => { stop(); undo(); });
  find("reset").addEventListener("click", () => { stop(); change(initial()); tell("Back at the start."); });
  find("copy").addEventListener("click", copyLink);
  find("save").addEventListener("click", savePicture);
  followers.push(() => { find("undo").disabled = !past.length; }, showPlaying);
}
