/* n-h-m, tanh and sigmoid, batches in a given order: plain scalar C, one sample at a time, sizes known to the compiler. */
#include <math.h>
#include <string.h>

static double w1[H][N], b1[H], w2[M][H], b2[M], g1[H][N], c1[H], g2[M][H], c2[M];

double train(double *p, const double *x, const double *y, const long *order, long samples, long batch, long epochs, double rate) {
    const double *q = p;
    double total = 0.0;
    for (int j = 0; j < H; j++) { memcpy(w1[j], q, sizeof w1[j]); q += N; b1[j] = *q++; }
    for (int j = 0; j < M; j++) { memcpy(w2[j], q, sizeof w2[j]); q += H; b2[j] = *q++; }
    for (long epoch = 0; epoch < epochs; epoch++) {
        total = 0.0;
        for (long first = 0; first < samples; first += batch) {
            long count = samples - first < batch ? samples - first : batch;
            memset(g1, 0, sizeof g1); memset(c1, 0, sizeof c1); memset(g2, 0, sizeof g2); memset(c2, 0, sizeof c2);
            for (long s = first; s < first + count; s++) {
                const double *in = x + order[epoch * samples + s] * N, *t = y + order[epoch * samples + s] * M;
                double a[H], o[M], da[H], d[M];
                for (int j = 0; j < H; j++) {
                    double z = b1[j];
                    for (int k = 0; k < N; k++) z += w1[j][k] * in[k];
                    a[j] = tanh(z);
                }
                for (int j = 0; j < M; j++) {
                    double z = b2[j];
                    for (int k = 0; k < H; k++) z += w2[j][k] * a[k];
                    o[j] = 1.0 / (1.0 + exp(-z));
                    total += (o[j] - t[j]) * (o[j] - t[j]);
                    d[j] = 2.0 * (o[j] - t[j]) * o[j] * (1.0 - o[j]);
                }
                for (int k = 0; k < H; k++) {
                    double sum = 0.0;
                    for (int j = 0; j < M; j++) sum += w2[j][k] * d[j];
                    da[k] = sum * (1.0 - a[k] * a[k]);
                }
                for (int j = 0; j < M; j++) { for (int k = 0; k < H; k++) g2[j][k] += d[j] * a[k]; c2[j] += d[j]; }
                for (int j = 0; j < H; j++) { for (int k = 0; k < N; k++) g1[j][k] += da[j] * in[k]; c1[j] += da[j]; }
            }
            double r = rate / count;
            for (int j = 0; j < H; j++) { for (int k = 0; k < N; k++) w1[j][k] -= r * g1[j][k]; b1[j] -= r * c1[j]; }
            for (int j = 0; j < M; j++) { for (int k = 0; k < H; k++) w2[j][k] -= r * g2[j][k]; b2[j] -= r * c2[j]; }
        }
    }
    double *out = p;
    for (int j = 0; j < H; j++) { memcpy(out, w1[j], sizeof w1[j]); out += N; *out++ = b1[j]; }
    for (int j = 0; j < M; j++) { memcpy(out, w2[j], sizeof w2[j]); out += H; *out++ = b2[j]; }
    return total / samples;
}
