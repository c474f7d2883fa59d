/* What the functions of a formula are in C: the same as in Python's `math` module, to the last bit.

   libm is called through pointers that the compiler has to read, as CPython calls it. A compiler that
   saw the call would replace pow(x, 2) by x * x, or a sine and a cosine by one sincos, and the last
   bit could differ. */

#ifndef AUTOBACK_FORMULA_H
#define AUTOBACK_FORMULA_H

#include <float.h>
#include <math.h>

#if defined(__clang__) || defined(_MSC_VER)
#pragma STDC FP_CONTRACT OFF /* x * y + z is rounded twice; gcc needs -ffp-contract=off where it has such an instruction */
#endif
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "this processor's arithmetic keeps more digits than a double; the numbers would differ from Python's"
#endif

static double (*const volatile autoback_exp)(double) = exp;
static double (*const volatile autoback_log)(double) = log;
static double (*const volatile autoback_sqrt)(double) = sqrt;
static double (*const volatile autoback_sin)(double) = sin;
static double (*const volatile autoback_cos)(double) = cos;
static double (*const volatile autoback_tan)(double) = tan;
static double (*const volatile autoback_atan)(double) = atan;
static double (*const volatile autoback_tanh)(double) = tanh;
static double (*const volatile autoback_log1p)(double) = log1p;
static double (*const volatile autoback_expm1)(double) = expm1;
static double (*const volatile autoback_asinh)(double) = asinh;
static double (*const volatile autoback_acosh)(double) = acosh;
static double (*const volatile autoback_atanh)(double) = atanh;
static double (*const volatile autoback_log2)(double) = log2;
static double (*const volatile autoback_log10)(double) = log10;
static double (*const volatile autoback_erf)(double) = erf;
static double (*const volatile autoback_erfc)(double) = erfc;
static double (*const volatile autoback_pow)(double, double) = pow;

static inline double autoback_floor(double x) { return floor(x) + 0.0; } /* as in Python, a zero has no sign */
static inline double autoback_abs(double x) { return fabs(x); }

/* Of two equal numbers, as 0.0 and -0.0, Python's max and min give the first. */
static inline double autoback_maximum(double x, double y) { return y > x ? y : x; }
static inline double autoback_minimum(double x, double y) { return y < x ? y : x; }

#endif
