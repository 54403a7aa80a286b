// What turns a drawing into a picture like MNIST's.

const SIDE = 28, BOX = 20; // pixels of a digit of MNIST, and of the box that its ink was scaled into
const CENTRE = 14.5; // where MNIST's centres of mass lie on average: they were moved by whole pixels to 14…15

// MNIST's makers scaled each digit to fit a box of 20 × 20 pixels and put its centre of mass in the middle of 28 × 28.
// Ink (side × side, 0 for none to 1) → 28 × 28 pixels in [−1, 1], or null without ink.
function asMnist(ink, side) {
  let left = side, right = -1, top = side, bottom = -1, mass = 0, x = 0, y = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const v = ink[row * side + column];
      if (v < 0.05) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
      mass += v;
      x += v * (column + 0.5);
      y += v * (row + 0.5);
    }
  }
  if (!mass) return null;
  const pixel = Math.max(right - left + 1, bottom - top + 1) / BOX; // of the result, in pixels of the drawing
  const picture = new Float32Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const left = x / mass + (column - CENTRE) * pixel, top = y / mass + (row - CENTRE) * pixel;
      picture[row * SIDE + column] = 2 * meanInk(ink, side, left, top, pixel) - 1;
    }
  }
  return picture;
}

// The mean of a square of ink whose upper left corner is at (x, y). Outside the drawing there is none.
function meanInk(ink, side, x, y, size) {
  const samples = Math.max(2, Math.ceil(size));
  let total = 0;
  for (let i = 0; i < samples; i++) {
    const row = Math.floor(y + (i + 0.5) / samples * size);
    if (row < 0 || row >= side) continue;
    for (let j = 0; j < samples; j++) {
      const column = Math.floor(x + (j + 0.5) / samples * size);
      if (column >= 0 && column < side) total += ink[row * side + column];
    }
  }
  return total / samples ** 2;
}
