// Colours for numbers, and numbers on a canvas: blue for one answer, orange for the other, paper between; a third class has a colour of its own.

const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hex = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

class Palette {
  constructor() { this.read(); }

  read() {
    const { low, middle, high, third } = Object.fromEntries(["low", "middle", "high", "third"].map((name) => [name, hex(theme(`--${name}`))]));
    this.ends = [low, high, third];
    Object.assign(this, { ink: theme("--ink"), card: theme("--card") });
    this.ramps = this.ends.map((end) => Uint32Array.from({ length: 256 }, (_, k) => {
      const share = (k / 255) ** 0.8, [red, green, blue] = middle.map((from, i) => Math.round(from + (end[i] - from) * share));
      return (255 << 24) | (blue << 16) | (green << 8) | red;
    }));
  }

  // The colour of a class, 0 to 2, or of both sides, at a strength from 0 to 1, as a pixel.
  of(kind, strength) { return this.ramps[kind][strength >= 1 ? 255 : strength > 0 ? Math.round(255 * strength) : 0]; }

  // The colour of t from -1 (low) over 0 to 1 (high).
  at(t) { return t < 0 ? this.of(0, -t) : this.of(1, t); }

  // The same for CSS.
  shade(t) { const pixel = this.at(t); return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`; }

  // The full colour of a class, for CSS.
  css(kind) { return `rgb(${this.ends[kind].join(" ")})`; }
}

// Paints n by n pixels, row by row, stretched smoothly over the canvas. pixel(i) is a colour of the palette.
function paint(canvas, n, pixel) {
  const small = (canvas.small ??= document.createElement("canvas"));
  if (small.width !== n) {
    small.width = small.height = n;
    canvas.image = new ImageData(n, n);
    canvas.pixels = new Uint32Array(canvas.image.data.buffer);
  }
  for (let i = 0; i < n * n; i++) canvas.pixels[i] = pixel(i);
  small.getContext("2d").putImageData(canvas.image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

// The line where a number is 0, cell by cell, by linear interpolation along the edges of each cell.
function boundary(context, n, size, number) {
  const signs = Float64Array.from({ length: n * n }, (_, i) => number(i)), at = (row, column) => signs[row * n + column], place = (i) => ((i + 0.5) / n) * size;
  context.beginPath();
  for (let row = 0; row + 1 < n; row++)
    for (let column = 0; column + 1 < n; column++) {
      const below = at(row, column) < 0;
      if (below === at(row, column + 1) < 0 && below === at(row + 1, column) < 0 && below === at(row + 1, column + 1) < 0) continue;
      const corners = [[row, column], [row, column + 1], [row + 1, column + 1], [row + 1, column]];
      const cuts = corners.flatMap(([r, c], i) => {
        const [s, d] = corners[(i + 1) % 4], a = at(r, c), b = at(s, d);
        if (a < 0 === b < 0) return [];
        const t = a / (a - b);
        return [[place(c + t * (d - c)), place(r + t * (s - r))]];
      });
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        context.moveTo(...cuts[i]);
        context.lineTo(...cuts[i + 1]);
      }
    }
  context.stroke();
}

// The mark of a class: a square, a disc, a triangle; so that a class is told by its shape too.
function badge(context, kind, x, y, radius) {
  context.beginPath();
  if (kind === 0) context.rect(x - 0.88 * radius, y - 0.88 * radius, 1.76 * radius, 1.76 * radius);
  else if (kind === 1) context.arc(x, y, radius, 0, 2 * Math.PI);
  else { context.moveTo(x, y - 1.25 * radius); context.lineTo(x + 1.15 * radius, y + 0.8 * radius); context.lineTo(x - 1.15 * radius, y + 0.8 * radius); context.closePath(); }
}
