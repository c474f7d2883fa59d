/* Python's syntax for rows: + - * / ** - abs() and the comparisons. */

#include "value.h"

static PyObject *binary(const Row *row, PyObject *a, PyObject *b)
{
    Value *inputs[2] = {(Value *)a, (Value *)b};
    if (is_plain(a) && is_plain(b))
        return (PyObject *)record(row, inputs, 2);
    int known = to_operand(a, &inputs[0]);
    if (known <= 0)
        return known < 0 ? NULL : Py_NewRef(Py_NotImplemented);
    known = to_operand(b, &inputs[1]);
    if (known <= 0) {
        Py_DECREF(inputs[0]);
        return known < 0 ? NULL : Py_NewRef(Py_NotImplemented);
    }
    return (PyObject *)record_taken(row, inputs, 2);
}

static PyObject *value_add(PyObject *a, PyObject *b) { return binary(row_add, a, b); }
static PyObject *value_sub(PyObject *a, PyObject *b) { return binary(row_sub, a, b); }
static PyObject *value_mul(PyObject *a, PyObject *b) { return binary(row_mul, a, b); }
static PyObject *value_div(PyObject *a, PyObject *b) { return binary(row_div, a, b); }

/* A constant exponent is a row of its own, because pow has a logarithm in its derivative. */
static PyObject *value_pow(PyObject *base, PyObject *exponent, PyObject *modulus)
{
    if (modulus != Py_None)
        return Py_NewRef(Py_NotImplemented);
    return binary(is_value(exponent) ? row_pow : row_power, base, exponent);
}

static PyObject *value_neg(PyObject *self) { return (PyObject *)record(row_neg, (Value **)&self, 1); }
static PyObject *value_abs(PyObject *self) { return (PyObject *)record(row_abs, (Value **)&self, 1); }
static PyObject *value_pos(PyObject *self) { return Py_NewRef(self); }

static int value_bool(PyObject *self)
{
    int recording = is_recording();
    if (recording == 0)
        return ((Value *)self)->data != 0.0;
    PyObject *refused = recording < 0 ? NULL : defined("__bool__", self, NULL);
    Py_XDECREF(refused);
    return -1;
}

/* The number of a Value or a float; 0 for anything else. */
static int number(PyObject *o, double *data)
{
    if (is_value(o))
        *data = ((Value *)o)->data;
    else if (PyFloat_CheckExact(o))
        *data = PyFloat_AS_DOUBLE(o);
    else
        return 0;
    return 1;
}

static PyObject *value_compare(PyObject *self, PyObject *other, int op)
{
    static const char *const methods[] = {"__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"};
    double a, b;
    int recording = is_recording();
    if (recording < 0)
        return NULL;
    if (!recording && number(self, &a) && number(other, &b))
        Py_RETURN_RICHCOMPARE(a, b, op);
    return defined(methods[op], self, other); /* a recorded 0 or 1, another kind of number, or NotImplemented */
}

static Py_hash_t value_hash(PyObject *self) { return PyBaseObject_Type.tp_hash(self); }

PyType_Slot operator_slots[] = {
    {Py_nb_add, value_add},
    {Py_nb_subtract, value_sub},
    {Py_nb_multiply, value_mul},
    {Py_nb_true_divide, value_div},
    {Py_nb_power, value_pow},
    {Py_nb_negative, value_neg},
    {Py_nb_positive, value_pos},
    {Py_nb_absolute, value_abs},
    {Py_nb_bool, value_bool},
    {Py_tp_richcompare, value_compare},
    {Py_tp_hash, value_hash},
    {0, NULL},
};
