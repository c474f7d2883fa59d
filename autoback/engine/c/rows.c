/* The rows, compiled: what rows.h, written from the table when the extension is built, makes known to the others. */

#include "value.h"
#include "formula.h"

/* Where Python's math module would raise, the row gives no answer: Python then evaluates it under IEEE rules. */
static inline double sure(double result, int *trap)
{
    *trap |= result * 0.0 != 0.0;
    return result;
}

static inline double ratio(double x, double y, int *trap)
{
    *trap |= y == 0.0;
    return x / y;
}

#include "rows.h"

Row *const compiled_rows = table;
const Py_ssize_t compiled_count = sizeof table / sizeof table[0];
const char *const compiled_text = described, *const compiled_sources = sources;

/* The rows that Python's own syntax stands for. */
const Row *const row_add = &table[ADD_ROW], *const row_sub = &table[SUB_ROW], *const row_mul = &table[MUL_ROW],
          *const row_div = &table[DIV_ROW], *const row_neg = &table[NEG_ROW], *const row_abs = &table[ABS_ROW],
          *const row_power = &table[POWER_ROW], *const row_pow = &table[POW_ROW], *const row_greater = &table[GREATER_ROW],
          *const row_greater_equal = &table[GREATER_EQUAL_ROW], *const row_equal = &table[EQUAL_ROW];
