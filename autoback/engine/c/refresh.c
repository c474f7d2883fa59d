/* A graph whose leaves have changed: `Value.refresh` and `Value.is_stale` of ../value.py. */

#include "value.h"

/* The inner nodes below a root, each after its inputs; 0, or -1 with an exception. */
static int inner_nodes(PyObject *self, Order *inner)
{
    Value *root = (Value *)self;
    Order leaves;
    order_init(inner);
    order_init(&leaves);
    int failed = walk(&root, 1, inner, &leaves, NULL);
    order_free(&leaves);
    return failed;
}

/* A node's numbers: data, grad, whether it has one, and its partials. */
static Py_ssize_t size_of(const Value *node) { return 3 + (Py_ssize_t)node->n; }

/* Exchange the numbers of a node with those that lie there. */
static void exchange(double *with, Value *node)
{
    double data = node->data, grad = node->grad, has_grad = node->has_grad, *partials = partials_of(node);
    node->data = with[0];
    node->grad = with[1];
    node->has_grad = with[2] != 0.0;
    with[0] = data;
    with[1] = grad;
    with[2] = has_grad;
    for (uint32_t k = 0; k < node->n; k++) {
        double partial = partials[k];
        partials[k] = with[3 + k];
        with[3 + k] = partial;
    }
}

PyObject *value_refresh(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    Order inner;
    double *numbers = NULL; /* of each node the new ones, and once it has them the old ones */
    int failed = inner_nodes(self, &inner);
    if (!failed) {
        Py_ssize_t size = 1;
        for (Py_ssize_t k = 0; k < inner.n; k++)
            size += size_of(inner.nodes[k]);
        numbers = PyMem_Malloc((size_t)size * sizeof(double));
        if ((failed = numbers == NULL))
            PyErr_NoMemory();
    }
    double *at = numbers;
    Py_ssize_t done = 0;
    for (; done < inner.n && !failed; done++) {
        Value *node = inner.nodes[done];
        if (((done & 0xffff) == 0xffff && PyErr_CheckSignals() < 0) || compute_again(node, at, at + 3) < 0) {
            failed = 1;
            break;
        }
        at[1] = at[2] = 0.0; /* its gradient belonged to the old numbers */
        exchange(at, node);
        at += size_of(node);
    }
    if (failed && numbers != NULL) { /* the graph is as it was */
        at = numbers;
        for (Py_ssize_t k = 0; k < done; k++) {
            exchange(at, inner.nodes[k]);
            at += size_of(inner.nodes[k]);
        }
    }
    PyMem_Free(numbers);
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
        else if (compute_again(node, &data, partials) < 0) {
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
