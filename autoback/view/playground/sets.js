// The classic sets of points, drawn as autoback.nn.datasets draws them: [x1, x2, class] each, the same for the same seed.

const curves = (n, noise, random, point) => Array.from({ length: n }, (_, k) => {
  const curve = k % 2, [x, y] = point(curve, k >> 1, (n - curve + 1) >> 1);
  return noise ? [x + noise * random.gauss(), y + noise * random.gauss(), curve] : [x, y, curve];
});
const along = (step, count) => (count > 1 ? step / (count - 1) : 0);

const SETS = {
  xor: { classes: 2, points: () => [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]] },
  moons: {
    classes: 2, noise: 0.1,
    points: (n, noise, random) => curves(n, noise, random, (moon, step, count) => {
      const angle = Math.PI * along(step, count), [x, y] = [Math.cos(angle), Math.sin(angle)];
      return moon ? [1 - x, 0.5 - y] : [x, y];
    }),
  },
  circles: {
    classes: 2, noise: 0.05,
    points: (n, noise, random) => curves(n, noise, random, (ring, step, count) => {
      const angle = 2 * Math.PI * step / count, radius = ring ? 0.5 : 1;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }),
  },
  spirals: {
    classes: 2, noise: 0,
    points: (n, noise, random) => curves(n, noise, random, (arm, step, count) => {
      const angle = 2 * Math.PI * along(step, count), radius = 1 - along(step, count) * 96 / 104, side = arm ? -1 : 1;
      return [side * radius * Math.sin(angle), side * radius * Math.cos(angle)];
    }),
  },
  "yin-yang": {
    classes: 3, noise: 0,
    points: (n, noise, random) => {
      const points = [];
      while (points.length < n) {
        const x = 2 * random.random() - 1, y = 2 * random.random() - 1, wanted = points.length % 3;
        const right = Math.sqrt((x - 0.5) * (x - 0.5) + y * y), left = Math.sqrt((x + 0.5) * (x + 0.5) + y * y);
        const yin = right <= 0.2 || (0.2 < left && left <= 0.5) || (y > 0 && right > 0.5);
        const found = right < 0.2 || left < 0.2 ? 2 : yin ? 0 : 1;
        if (found === wanted && x * x + y * y <= 1) points.push(noise ? [x + noise * random.gauss(), y + noise * random.gauss(), found] : [x, y, found]);
      }
      return points;
    },
  },
};

// The first weights of a network as MLP(..., seed=seed) has them: xavier, layer by layer, biases 0.
function firstParameters(sizes, seed) {
  const random = new Random(seed), numbers = [];
  for (let l = 1; l < sizes.length; l++) {
    const limit = Math.sqrt(6 / (sizes[l - 1] + sizes[l]));
    for (let i = 0; i < sizes[l] * sizes[l - 1]; i++) numbers.push(limit * (2 * random.random() - 1));
    for (let j = 0; j < sizes[l]; j++) numbers.push(0);
  }
  return Float64Array.from(numbers);
}

// Python's round: a half goes to the even neighbour.
const rounded = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

// Which of n samples are trained with and which are held out, as Dataset.split has them; none held out where a side would be empty.
function split(n, share, seed) {
  const order = Array.from({ length: n }, (_, k) => k), held = share > 0 ? rounded(share * n) : 0;
  if (!(held > 0 && held < n)) return { train: order, held: [] };
  new Random(seed).shuffle(order);
  return { train: order.slice(held), held: order.slice(0, held) };
}
