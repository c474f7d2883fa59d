/* A graph whose leaves have changed: `Value.refresh` and `Value.is_stale` of ../value.py. */

#include "value.h"

/* The inner nodes below a root, each after its inputs; 0, or -1 with an exception. */
static int inner_nodes(PyObject *self, Order *inner)
{
    Value *root = (Value *)self;
    Order leaves;
    order_init(inner);
    order_init(&leaves);
    int failed = walk(&root, 1, inner, &leaves, 0);
    order_free(&leaves);
    return failed;
}

/* One node's numbers as they were: data, grad, whether it had one, and its partials. */
static double *keep(double *to, Value *node)
{
    *to++ = node->data;
    *to++ = node->grad;
    *to++ = node->has_grad;
    memcpy(to, partials_of(node), node->n * sizeof(double));
    return to + node->n;
}

static const double *put_back(const double *from, Value *node)
{
    node->data = *from++;
    node->grad = *from++;
    node->has_grad = *from++ != 0.0;
    memcpy(partials_of(node), from, node->n * sizeof(double));
    return from + node->n;
}

PyObject *value_refresh(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    Order inner;
    double *before = NULL;
    int failed = inner_nodes(self, &inner);
    if (!failed) {
        size_t size = 1;
        for (Py_ssize_t k = 0; k < inner.n; k++)
            size += 3 + inner.nodes[k]->n;
        before = PyMem_Malloc(size * sizeof(double));
        if ((failed = before == NULL))
            PyErr_NoMemory();
    }
    double *to = before;
    Py_ssize_t done = 0;
    for (; done < inner.n && !failed; done++) {
        Value *node = inner.nodes[done];
        to = keep(to, node);
        failed = ((done & 0xffff) == 0xffff && PyErr_CheckSignals() < 0) ||
                 compute(node->row, inputs_of(node), node->n, &node->data, partials_of(node)) < 0;
        node->has_grad = 0; /* it belonged to the old numbers */
    }
    if (failed && before != NULL) { /* the graph is as it was */
        const double *from = before;
        for (Py_ssize_t k = 0; k < done; k++)
            from = put_back(from, inner.nodes[k]);
    }
    PyMem_Free(before);
    order_free(&inner);
    return failed ? NULL : Py_NewRef(Py_None);
}

PyObject *value_is_stale(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    Order inner;
    double few[64], *partials = few, data;
    Py_ssize_t room = 64;
    int stale = inner_nodes(self, &inner) < 0 ? -1 : 0;
    for (Py_ssize_t k = 0; k < inner.n && stale == 0; k++) {
        Value *node = inner.nodes[k];
        if (node->n > room) {
            double *more = PyMem_Realloc(partials == few ? NULL : partials, node->n * sizeof(double));
            if (more == NULL) {
                PyErr_NoMemory();
                stale = -1;
                break;
            }
            partials = more;
            room = node->n;
        }
        if ((k & 0xffff) == 0xffff && PyErr_CheckSignals() < 0)
            stale = -1;
        else if (compute(node->row, inputs_of(node), node->n, &data, partials) < 0) {
            stale = PyErr_ExceptionMatches(PyExc_ArithmeticError) ? 1 : -1;
            if (stale == 1)
                PyErr_Clear();
        } else
            stale = data != node->data;
        for (uint32_t j = 0; j < node->n && stale == 0; j++)
            stale = partials[j] != partials_of(node)[j];
    }
    if (partials != few)
        PyMem_Free(partials);
    order_free(&inner);
    return stale < 0 ? NULL : PyBool_FromLong(stale);
}
