// A square in which two values from −range to range are dragged; the second one grows upwards. In the page and in notebooks.

const PLANE_STEP = 0.1; // of an arrow key

// `get` tells the two values, and `put(a, b, begins)` takes new ones; `begins` is false while a drag goes on.
function makePlane(pad, range, get, put) {
  const inside = (value) => Math.min(range, Math.max(-range, value));
  const move = (a, b, begins) => put(inside(a), inside(b), begins);
  const follow = (event, begins) => {
    const box = pad.getBoundingClientRect();
    const share = (position, start, size) => range * (2 * (position - start) / size - 1);
    move(share(event.clientX, box.left, box.width), -share(event.clientY, box.top, box.height), begins);
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    follow(event, true);
  });
  pad.addEventListener("pointermove", (event) => event.buttons && follow(event, false));
  pad.addEventListener("keydown", (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    const [a, b] = get();
    if (x || y) move(a + x * PLANE_STEP, b + y * PLANE_STEP, true);
    else if (event.key === "Home") move(0, 0, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function showPlane(pad, dot, range, [a, b], [right, up]) {
  const number = (value) => value.toFixed(2).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
  Object.assign(dot.style, { left: `${50 + 50 * a / range}%`, top: `${50 - 50 * b / range}%` });
  const said = { label: `${right} to the right, ${up} upwards`, valuenow: a, valuemin: -range, valuemax: range,
    valuetext: `${right} ${number(a)}, ${up} ${number(b)}` };
  for (const [name, value] of Object.entries(said)) pad.setAttribute(`aria-${name}`, value);
}
