// Python's random.Random(seed): the Mersenne Twister, so that a seed gives the same digits here and there.
// Source: Matsumoto & Nishimura, Mersenne Twister, ACM TOMACS 8 (1998); the order of the draws is CPython's.

class Random {
  // seed: a whole number from 0 to 2^53
  constructor(seed) {
    const key = [seed >>> 0, Math.floor(seed / 2 ** 32)].slice(0, seed < 2 ** 32 ? 1 : 2), state = (this.state = new Uint32Array(624));
    state[0] = 19650218;
    for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    let i = 1;
    const next = () => { if (++i === 624) { state[0] = state[623]; i = 1; } };
    const mixed = (factor) => state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), factor);
    for (let k = 0; k < 624; k++) { state[i] = mixed(1664525) + key[k % key.length] + (k % key.length); next(); }
    for (let k = 0; k < 623; k++) { state[i] = mixed(1566083941) - i; next(); }
    state[0] = 0x80000000;
    this.place = 624;
    this.spare = null;
  }

  // 32 random bits.
  word() {
    const { state } = this;
    if (this.place === 624) {
      for (let k = 0; k < 624; k++) {
        const y = (state[k] & 0x80000000) | (state[(k + 1) % 624] & 0x7fffffff);
        state[k] = state[(k + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.place = 0;
    }
    let y = state[this.place++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  // A number in [0, 1).
  random() { return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992; }

  // A normal number of mean 0 and deviation 1; they come in pairs.
  gauss() {
    const { spare } = this;
    this.spare = null;
    if (spare !== null) return spare;
    const angle = 2 * Math.PI * this.random(), radius = Math.sqrt(-2 * Math.log(1 - this.random()));
    this.spare = Math.sin(angle) * radius;
    return Math.cos(angle) * radius;
  }

  // A whole number from 0 to n - 1.
  below(n) {
    const bits = 32 - Math.clz32(n);
    for (;;) { const drawn = this.word() >>> (32 - bits); if (drawn < n) return drawn; }
  }

  // Shuffles in place.
  shuffle(array) {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.below(i + 1), kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
    return array;
  }
}
