// What the reader has chosen: the model, the codes and the style z. It can be undone, and it stands in the address.

const find = (id) => document.getElementById(id);
const number = (value, digits = 2) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const data = JSON.parse(find("data").textContent);
const { shape, range, codes, axes, models } = data;

// A style is the number of a random z, or a z that was fitted to a drawing. Walking leads from one style to another.
const initial = () => ({
  model: 0, column: 0, values: axes.map(() => 0), others: codes.categorical.slice(1).map(() => 0), from: 1, to: 2, walk: 0,
});
let state = initial();
const past = []; // the states that can be undone
const followers = []; // functions that show a changed state
let frame = null;

function change(part, undoable = true) {
  if (undoable) remember();
  state = { ...state, ...part };
  frame ??= requestAnimationFrame(() => {
    frame = null;
    followers.forEach((follow) => follow());
  });
}

// A drag is undone at once, so it is remembered where it begins.
function remember() {
  if (past.at(-1) !== state) past.push(state);
  if (past.length > 100) past.shift();
}

function undo() {
  const last = past.pop();
  if (last) change(last, false);
}

const noises = new Map(); // of the styles that were asked for, because each change of a code asks many times

function noiseOf(style) {
  if (typeof style !== "number") return style;
  if (!noises.has(style)) noises.set(style, randomNoise(style));
  return noises.get(style);
}

// The same numbers in every browser (mulberry32), uniform on [−1, 1] as the prior of z
function randomNoise(seed) {
  return Array.from({ length: codes.noise }, () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

const columnsOf = (model) => models[model].columns;

// What G reads: z, one-hot categories, continuous codes. `place` may say otherwise than the state.
function vectorOf(place = {}) {
  const at = { ...state, ...place };
  const from = noiseOf(at.from), to = at.walk ? noiseOf(at.to) : from;
  const z = from.map((v, i) => v + at.walk * (to[i] - v));
  const chosen = codes.categorical.length ? [columnsOf(at.model)[at.column].category, ...at.others] : [];
  const oneHot = codes.categorical.flatMap((k, i) => Array.from({ length: k }, (_, j) => Number(j === chosen[i])));
  return [...z, ...oneHot, ...at.values];
}

// A model is known by its name and a column by its digit, so that an address means the same in a newer page.
function toAddress() {
  const parts = new URLSearchParams();
  if (models.length > 1) parts.set("model", models[state.model].name);
  if (codes.categorical.length) parts.set("digit", columnsOf(state.model)[state.column].name);
  axes.forEach(({ name }, i) => parts.set(name, Number(state.values[i].toFixed(3))));
  state.others.forEach((k, i) => parts.set(`category${i + 2}`, k));
  parts.set("style", styleToText(state.from));
  if (state.walk) {
    parts.set("to", styleToText(state.to));
    parts.set("walk", state.walk);
  }
  return `#${parts}`;
}

function fromAddress(address) {
  const parts = new URLSearchParams(address.slice(1)), start = initial();
  const real = (name, low, high) => clamp(Number(parts.get(name)) || 0, low, high);
  start.model = Math.max(0, models.findIndex(({ name }) => name === parts.get("model")));
  start.column = Math.max(0, columnsOf(start.model).findIndex(({ name }) => name === parts.get("digit")));
  start.values = axes.map(({ name }) => real(name, -range, range));
  start.others = start.others.map((_, i) => Math.round(real(`category${i + 2}`, 0, codes.categorical[i + 1] - 1)));
  start.from = styleFromText(parts.get("style")) ?? start.from;
  start.to = styleFromText(parts.get("to")) ?? start.to;
  start.walk = real("walk", 0, 1);
  return start;
}

// A fitted z takes one byte for each of its values.
const styleToText = (style) => typeof style === "number" ? String(style)
  : `z${btoa(String.fromCharCode(...style.map((v) => Math.round(v * 127) + 128))).replaceAll("+", "-").replaceAll("/", "_")}`;

function styleFromText(text) {
  if (/^\d{1,9}$/.test(text ?? "")) return Number(text);
  if (!/^z[\w=-]+$/.test(text ?? "")) return null;
  try {
    const bytes = atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/"));
    const z = Array.from(bytes, (byte) => clamp((byte.charCodeAt(0) - 128) / 127, -1, 1));
    return z.length === codes.noise ? z : null;
  } catch {
    return null; // not base64
  }
}
