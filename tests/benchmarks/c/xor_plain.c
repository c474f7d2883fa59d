/* XOR, 2-2-1, full batch: a small network library as usually written, any sizes, one sample at a time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int in, out; double *w, *b, *gw, *gb, *a, *d; } Layer;

#ifdef TANH
static double activation(double z) { return tanh(z); }
static double slope(double a) { return 1.0 - a * a; }
#else
static double activation(double z) { return 1.0 / (1.0 + exp(-z)); }
static double slope(double a) { return a * (1.0 - a); }
#endif

static Layer layer(int in, int out, const double **p) {
    Layer l = {in, out};
    l.w = calloc(in * out, 8); l.b = calloc(out, 8); l.gw = calloc(in * out, 8); l.gb = calloc(out, 8);
    l.a = calloc(out, 8); l.d = calloc(out, 8);
    for (int j = 0; j < out; j++) {
        memcpy(l.w + j * in, *p, in * 8); *p += in;
        l.b[j] = *(*p)++;
    }
    return l;
}

double train(double *parameters, const double *x, const double *y, long samples, const int *sizes, int layers, long steps, double rate) {
    const double *p = parameters;
    Layer *net = malloc(layers * sizeof(Layer));
    double cost = 0.0;
    for (int l = 0; l < layers; l++) net[l] = layer(sizes[l], sizes[l + 1], &p);
    for (long step = 0; step < steps; step++) {
        cost = 0.0;
        for (int l = 0; l < layers; l++) {
            memset(net[l].gw, 0, net[l].in * net[l].out * 8);
            memset(net[l].gb, 0, net[l].out * 8);
        }
        for (long s = 0; s < samples; s++) {
            const double *in = x + s * sizes[0];
            for (int l = 0; l < layers; l++) {
                for (int j = 0; j < net[l].out; j++) {
                    double z = net[l].b[j];
                    for (int k = 0; k < net[l].in; k++) z += net[l].w[j * net[l].in + k] * in[k];
                    net[l].a[j] = activation(z);
                }
                in = net[l].a;
            }
            Layer *last = &net[layers - 1];
            for (int j = 0; j < last->out; j++) {
                double a = last->a[j], e = a - y[s * last->out + j];
                cost += e * e;
                last->d[j] = 2.0 * e * slope(a);
            }
            for (int l = layers - 1; l >= 0; l--) {
                const double *below = l ? net[l - 1].a : x + s * sizes[0];
                if (l) for (int k = 0; k < net[l].in; k++) {
                    double sum = 0.0;
                    for (int j = 0; j < net[l].out; j++) sum += net[l].w[j * net[l].in + k] * net[l].d[j];
                    net[l - 1].d[k] = sum * slope(below[k]);
                }
                for (int j = 0; j < net[l].out; j++) {
                    for (int k = 0; k < net[l].in; k++) net[l].gw[j * net[l].in + k] += net[l].d[j] * below[k];
                    net[l].gb[j] += net[l].d[j];
                }
            }
        }
        for (int l = 0; l < layers; l++) {
            for (int i = 0; i < net[l].in * net[l].out; i++) net[l].w[i] -= rate * net[l].gw[i] / samples;
            for (int j = 0; j < net[l].out; j++) net[l].b[j] -= rate * net[l].gb[j] / samples;
        }
    }
    double *q = parameters;
    for (int l = 0; l < layers; l++)
        for (int j = 0; j < net[l].out; j++) {
            memcpy(q, net[l].w + j * net[l].in, net[l].in * 8); q += net[l].in;
            *q++ = net[l].b[j];
        }
    for (int l = 0; l < layers; l++) {
        free(net[l].w); free(net[l].b); free(net[l].gw); free(net[l].gb); free(net[l].a); free(net[l].d);
    }
    free(net);
    return cost / samples;
}
