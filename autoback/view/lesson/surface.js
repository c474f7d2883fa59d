// Colours for numbers, and the decision surface on a canvas: blue for one answer, orange for the other, paper between.

const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hex = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));

class Palette {
  constructor() { this.read(); }

  read() {
    this.low = hex(theme("--low"));
    this.middle = hex(theme("--middle"));
    this.high = hex(theme("--high"));
  }

  // The colour of t from -1 (low) over 0 to 1 (high), as [red, green, blue].
  at(t) {
    const end = t < 0 ? this.low : this.high, share = Math.min(1, Math.abs(t)) ** 0.8;
    return this.middle.map((from, i) => Math.round(from + (end[i] - from) * share));
  }

  css(t) { return `rgb(${this.at(t).join(" ")})`; }
}

// Paints numbers row by row as colours, stretched smoothly over the canvas. scale(x) is between -1 and 1.
function paint(canvas, numbers, n, palette, scale) {
  const small = (canvas.small ??= document.createElement("canvas"));
  small.width = small.height = n;
  const image = new ImageData(n, n);
  for (let i = 0; i < n * n; i++) {
    const [red, green, blue] = palette.at(scale(numbers[i]));
    image.data.set([red, green, blue, 255], 4 * i);
  }
  small.getContext("2d").putImageData(image, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}

// The line where scale(number) is 0, cell by cell, by linear interpolation along the edges of each cell.
function boundary(context, numbers, n, size, scale) {
  const at = (row, column) => scale(numbers[row * n + column]), place = (i) => ((i + 0.5) / n) * size;
  context.beginPath();
  for (let row = 0; row + 1 < n; row++)
    for (let column = 0; column + 1 < n; column++) {
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
