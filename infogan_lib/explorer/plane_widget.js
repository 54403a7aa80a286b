// The plane in a notebook; `touch.Plane` is its other half.

function render({ model, el }) {
  el.classList.add("infogan-touch");
  const make = (tag, parent, properties = {}) =>
    parent.appendChild(Object.assign(document.createElement(tag), properties));
  const box = make("div", el, { className: "plane" }), [right, up] = model.get("names");
  const pad = make("div", box, { className: "pad", tabIndex: 0, role: "slider" });
  const map = make("img", pad, { alt: "", draggable: false });
  make("i", pad, { className: "trained" });
  const dot = make("i", pad, { className: "dot" });
  make("span", box, { className: "across", textContent: `${right} →` });
  make("span", box, { className: "up", textContent: `${up} →` });
  const show = () => showPlane(pad, dot, model.get("range"), model.get("point"), [right, up]);
  makePlane(pad, model.get("range"), () => model.get("point"), (a, b) => {
    model.set("point", [a, b]);
    model.save_changes();
  });
  const showMap = () => {
    URL.revokeObjectURL(map.src);
    map.src = URL.createObjectURL(new Blob([model.get("map")], { type: "image/png" }));
  };
  model.on("change:point", show);
  model.on("change:map", showMap);
  show();
  showMap();
  return () => {
    URL.revokeObjectURL(map.src);
    model.off("change:point", show);
    model.off("change:map", showMap);
  };
}

export default { render };
