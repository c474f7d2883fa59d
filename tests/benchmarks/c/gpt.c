/* A step of a one-layer GPT with Adam on one name, written by hand: forward, backward, update.

   The network of gpt.py: vocabulary 27, width 16, 4 heads, context 16, 4,192 parameters.
   Loops run along rows of weights as one would write them; sizes are constants, so gcc unrolls and vectorises
   what the order of additions allows. With -ffast-math it may change that order. */

#include <math.h>
#include <string.h>

enum { V = 27, D = 16, H = 4, K = 4, F = 64, T = 16 };
enum { WTE = 0, WPE = WTE + V * D, WQ = WPE + T * D, WK = WQ + D * D, WV = WK + D * D, WO = WV + D * D,
       W1 = WO + D * D, W2 = W1 + F * D, WL = W2 + D * F, N = WL + V * D };

/* y = W x, W of m rows */
static void linear(const double *restrict w, const double *restrict x, double *restrict y, int m, int n) {
    for (int i = 0; i < m; i++) {
        double s = 0.0;
        for (int j = 0; j < n; j++) s += w[i * n + j] * x[j];
        y[i] = s;
    }
}

/* dx += W' dy, dW += dy x' */
static void linear_back(const double *restrict w, const double *restrict x, const double *restrict dy, double *restrict dx,
                        double *restrict dw, int m, int n) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            dx[j] += w[i * n + j] * dy[i];
            dw[i * n + j] += dy[i] * x[j];
        }
}

static double norm(const double *restrict x, double *restrict y) {
    double s = 0.0;
    for (int j = 0; j < D; j++) s += x[j] * x[j];
    double scale = 1.0 / sqrt(s / D + 1e-5);
    for (int j = 0; j < D; j++) y[j] = x[j] * scale;
    return scale;
}

/* dx += through y = x scale, scale = (x.x/D + eps)^-1/2 */
static void norm_back(const double *restrict x, double scale, const double *restrict dy, double *restrict dx) {
    double s = 0.0;
    for (int j = 0; j < D; j++) s += dy[j] * x[j];
    s *= -scale * scale * scale / D;
    for (int j = 0; j < D; j++) dx[j] += dy[j] * scale + s * x[j];
}

static double x0[T][D], x1[T][D], x2[T][D], q[T][D], k[T][D], v[T][D], at[T][H][T], a[T][D], o[T][D], x3[T][D], x4[T][D],
    u[T][F], r[T][F], d2[T][D], x5[T][D], p[T][V], s1[T], s2[T], s3[T];
static double g[N], dq[T][D], dk[T][D], dv[T][D], dx2[T][D], dx3[T][D], da[D], du[F], dx4[D], dx5[D], dz[V], dx1[T][D];

static double gradient(const double *restrict w, const long *restrict tokens, long n) {
    double cost = 0.0;
    memset(g, 0, sizeof g);
    for (int t = 0; t < n; t++) {
        for (int j = 0; j < D; j++) x0[t][j] = w[WTE + tokens[t] * D + j] + w[WPE + t * D + j];
        s1[t] = norm(x0[t], x1[t]);
        s2[t] = norm(x1[t], x2[t]);
        linear(w + WQ, x2[t], q[t], D, D);
        linear(w + WK, x2[t], k[t], D, D);
        linear(w + WV, x2[t], v[t], D, D);
        for (int h = 0; h < H; h++) {
            double sum = 0.0;
            for (int s = 0; s <= t; s++) {
                double z = 0.0;
                for (int j = 0; j < K; j++) z += q[t][h * K + j] * k[s][h * K + j];
                sum += at[t][h][s] = exp(z * 0.5);
            }
            for (int s = 0; s <= t; s++) at[t][h][s] /= sum;
            for (int j = 0; j < K; j++) {
                double z = 0.0;
                for (int s = 0; s <= t; s++) z += at[t][h][s] * v[s][h * K + j];
                a[t][h * K + j] = z;
            }
        }
        linear(w + WO, a[t], o[t], D, D);
        for (int j = 0; j < D; j++) x3[t][j] = o[t][j] + x1[t][j];
        s3[t] = norm(x3[t], x4[t]);
        linear(w + W1, x4[t], u[t], F, D);
        for (int j = 0; j < F; j++) r[t][j] = u[t][j] > 0.0 ? u[t][j] : 0.0;
        linear(w + W2, r[t], d2[t], D, F);
        for (int j = 0; j < D; j++) x5[t][j] = d2[t][j] + x3[t][j];
        linear(w + WL, x5[t], p[t], V, D);
        double sum = 0.0;
        for (int j = 0; j < V; j++) sum += p[t][j] = exp(p[t][j]);
        for (int j = 0; j < V; j++) p[t][j] /= sum;
        cost -= log(p[t][tokens[t + 1]]);
    }
    memset(dk, 0, sizeof dk), memset(dv, 0, sizeof dv), memset(dx1, 0, sizeof dx1);
    for (int t = n - 1; t >= 0; t--) {
        for (int j = 0; j < V; j++) dz[j] = (p[t][j] - (j == tokens[t + 1])) / n;
        memset(dx5, 0, sizeof dx5), memset(du, 0, sizeof du), memset(dx4, 0, sizeof dx4), memset(da, 0, sizeof da);
        linear_back(w + WL, x5[t], dz, dx5, g + WL, V, D);
        linear_back(w + W2, r[t], dx5, du, g + W2, D, F);
        for (int j = 0; j < F; j++) du[j] = u[t][j] > 0.0 ? du[j] : 0.0;
        linear_back(w + W1, x4[t], du, dx4, g + W1, F, D);
        norm_back(x3[t], s3[t], dx4, dx5); /* the skip connection adds to the same sum */
        linear_back(w + WO, a[t], dx5, da, g + WO, D, D);
        memset(dq[t], 0, sizeof dq[t]);
        for (int h = 0; h < H; h++) {
            double ds[T], sum = 0.0;
            for (int s = 0; s <= t; s++) {
                ds[s] = 0.0;
                for (int j = 0; j < K; j++) {
                    ds[s] += da[h * K + j] * v[s][h * K + j];
                    dv[s][h * K + j] += at[t][h][s] * da[h * K + j];
                }
                sum += ds[s] * at[t][h][s];
            }
            for (int s = 0; s <= t; s++) {
                double z = at[t][h][s] * (ds[s] - sum) * 0.5;
                for (int j = 0; j < K; j++) {
                    dq[t][h * K + j] += z * k[s][h * K + j];
                    dk[s][h * K + j] += z * q[t][h * K + j];
                }
            }
        }
        for (int j = 0; j < D; j++) dx1[t][j] += dx5[j];
    }
    for (int t = n - 1; t >= 0; t--) {
        double d[D] = {0}, e[D] = {0};
        linear_back(w + WQ, x2[t], dq[t], d, g + WQ, D, D);
        linear_back(w + WK, x2[t], dk[t], d, g + WK, D, D);
        linear_back(w + WV, x2[t], dv[t], d, g + WV, D, D);
        norm_back(x1[t], s2[t], d, dx1[t]);
        norm_back(x0[t], s1[t], dx1[t], e);
        for (int j = 0; j < D; j++) {
            g[WTE + tokens[t] * D + j] += e[j];
            g[WPE + t * D + j] += e[j];
        }
    }
    return cost / n;
}

/* `steps` steps on the same name; returns the last cost. tokens: n + 1 of them; m, s: Adam's moments. */
double train(double *restrict w, double *restrict m, double *restrict s, const long *restrict tokens, long n, long first, long steps,
             double rate) {
    double cost = 0.0;
    for (long step = first; step < first + steps; step++) {
        cost = gradient(w, tokens, n);
        double c1 = 1.0 - pow(0.9, step), c2 = 1.0 - pow(0.95, step);
        for (int i = 0; i < N; i++) {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            s[i] = 0.95 * s[i] + 0.05 * g[i] * g[i];
            w[i] -= rate * (m[i] / c1) / (sqrt(s[i] / c2) + 1e-8);
        }
    }
    return cost;
}
