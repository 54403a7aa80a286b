// The sheet in a notebook; `touch.Sheet` is its other half.

function render({ model, el }) {
  el.classList.add("infogan-touch");
  const make = (tag, properties) => el.appendChild(Object.assign(document.createElement(tag), properties));
  const canvas = make("canvas", { width: 280, height: 280, role: "img", ariaLabel: "The sheet to draw on" });
  const clear = make("button", { textContent: "Clear", type: "button" });
  const send = () => {
    const picture = pictureOf(canvas);
    model.set("picture", new DataView(Uint8Array.from(picture ?? [], (v) => Math.round(127.5 * (v + 1))).buffer));
    model.save_changes();
  };
  makePen(canvas, send);
  clearCanvas(canvas);
  clear.addEventListener("click", () => {
    clearCanvas(canvas);
    send();
  });
}

export default { render };
