// Drawing with white ink on a black canvas, by mouse, finger or pen. In the page and in notebooks.

const PEN = 22; // pixels of 280, about as thick as MNIST's strokes once the digit is scaled

function clearCanvas(canvas) {
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  ink.fillStyle = "#000";
  ink.fillRect(0, 0, canvas.width, canvas.height);
}

// Calls `changed()` after each piece of a stroke.
function makePen(canvas, changed) {
  const ink = canvas.getContext("2d", { willReadFrequently: true });
  let from = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((v) => v * canvas.width / box.width);
  };
  const line = (event) => {
    const to = place(event);
    ink.strokeStyle = "#fff";
    ink.lineWidth = PEN;
    ink.lineCap = ink.lineJoin = "round";
    ink.beginPath();
    ink.moveTo(...from);
    ink.lineTo(to[0] + 0.01, to[1]); // a line without length would leave no dot
    ink.stroke();
    from = to;
    changed();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    from = place(event);
    line(event);
  });
  canvas.addEventListener("pointermove", (event) => from && line(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { from = null; });
}

// The drawing as MNIST would have it (`asMnist`): 28 × 28 pixels in [−1, 1], or null without ink
function pictureOf(canvas) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return asMnist(Float32Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] / 255), canvas.width);
}
