/* XOR, 2-2-1, full batch, written for nothing else: parameters in locals, the four samples side by side. */
#include <math.h>

#ifdef TANH
#define ACTIVATION(z) tanh(z)
#define SLOPE(a) (1.0 - (a) * (a))
#else
#define ACTIVATION(z) (1.0 / (1.0 + exp(-(z))))
#define SLOPE(a) ((a) * (1.0 - (a)))
#endif
#define EACH for (int s = 0; s < 4; s++)

double train(double *p, const double *x, const double *y, long steps, double rate) {
    double u = p[0], v = p[1], b = p[2], w = p[3], q = p[4], c = p[5], m = p[6], n = p[7], d = p[8], cost = 0.0, r = rate / 4.0;
    double x0[4], x1[4], t[4];
    EACH { x0[s] = x[2 * s]; x1[s] = x[2 * s + 1]; t[s] = y[s]; }
    for (long step = 0; step < steps; step++) {
        double h[4], g[4], o[4], dh[4], dg[4], dd[4], e[4];
        EACH h[s] = ACTIVATION(u * x0[s] + v * x1[s] + b);
        EACH g[s] = ACTIVATION(w * x0[s] + q * x1[s] + c);
        EACH o[s] = ACTIVATION(m * h[s] + n * g[s] + d);
        EACH e[s] = o[s] - t[s];
        EACH dd[s] = 2.0 * e[s] * SLOPE(o[s]);
        EACH dh[s] = dd[s] * m * SLOPE(h[s]);
        EACH dg[s] = dd[s] * n * SLOPE(g[s]);
        double su = 0, sv = 0, sb = 0, sw = 0, sq = 0, sc = 0, sm = 0, sn = 0, sd = 0;
        cost = 0.0;
        EACH {
            cost += e[s] * e[s];
            su += dh[s] * x0[s]; sv += dh[s] * x1[s]; sb += dh[s];
            sw += dg[s] * x0[s]; sq += dg[s] * x1[s]; sc += dg[s];
            sm += dd[s] * h[s]; sn += dd[s] * g[s]; sd += dd[s];
        }
        u -= r * su; v -= r * sv; b -= r * sb; w -= r * sw; q -= r * sq; c -= r * sc; m -= r * sm; n -= r * sn; d -= r * sd;
    }
    p[0] = u; p[1] = v; p[2] = b; p[3] = w; p[4] = q; p[5] = c; p[6] = m; p[7] = n; p[8] = d;
    return cost / 4.0;
}
