/* The chain rule: `topological_order`, `_walk` and `Value.backward` of ../value.py. */

#include "value.h"

void order_init(Order *order)
{
    order->nodes = order->few;
    order->n = 0;
    order->capacity = 64;
}

void order_free(Order *order)
{
    if (order->nodes != order->few)
        PyMem_Free(order->nodes);
}

static int append(Order *order, Value *node)
{
    if (order->n == order->capacity) {
        size_t size = 2 * (size_t)order->capacity * sizeof(Value *);
        Value **more = order->nodes == order->few ? PyMem_Malloc(size) : PyMem_Realloc(order->nodes, size);
        if (more == NULL)
            return -1;
        if (order->nodes == order->few)
            memcpy(more, order->few, sizeof order->few);
        order->nodes = more;
        order->capacity *= 2;
    }
    order->nodes[order->n++] = node;
    return 0;
}

/* A node whose inputs are being visited, and the next of them. */
typedef struct Visit {
    Value *node;
    Value *const *next, *const *end;
} Visit;

static void unsee(Value *const *nodes, Py_ssize_t n)
{
    for (Py_ssize_t k = 0; k < n; k++)
        nodes[k]->seen = 0;
}

/* Append the inner nodes and the leaves below `roots`, inputs first, to the two orders, which may be one.

   `seen` is unset again before any Python code can run, and the interpreter lock is held until then; so no
   other walk, of another thread or of a signal handler, ever meets a mark of this one. */
int walk(Value *const *roots, Py_ssize_t n, Order *inner, Order *leaves)
{
    Visit few[64], *waiting = few, visit = {NULL, roots, roots + n};
    Py_ssize_t depth = 0, capacity = 64;
    int failed = 0;
    for (;;) {
        if (visit.next == visit.end) { /* all inputs of the node are in the order */
            if (visit.node == NULL)
                break;
            if ((failed = append(inner, visit.node)))
                break;
            visit = waiting[--depth];
            continue;
        }
        Value *below = *visit.next++;
        if (below->seen)
            continue;
        below->seen = 1;
        if (below->n == 0) {
            if ((failed = append(leaves, below))) {
                below->seen = 0;
                break;
            }
            continue;
        }
        if (depth == capacity) {
            size_t size = 2 * (size_t)capacity * sizeof(Visit);
            Visit *more = waiting == few ? PyMem_Malloc(size) : PyMem_Realloc(waiting, size);
            if ((failed = more == NULL)) {
                below->seen = 0;
                break;
            }
            if (waiting == few)
                memcpy(more, few, sizeof few);
            waiting = more;
            capacity *= 2;
        }
        waiting[depth++] = visit;
        visit = (Visit){below, inputs_of(below), inputs_of(below) + below->n};
    }
    if (failed) {
        for (Py_ssize_t k = 1; k < depth; k++) /* the first waits above the roots, and is no node */
            waiting[k].node->seen = 0;
        if (visit.node != NULL)
            visit.node->seen = 0;
        PyErr_NoMemory();
    }
    unsee(inner->nodes, inner->n);
    if (leaves != inner)
        unsee(leaves->nodes, leaves->n);
    if (waiting != few)
        PyMem_Free(waiting);
    return failed ? -1 : 0;
}

/* topological_order(*roots) */
PyObject *py_topological_order(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    for (Py_ssize_t k = 0; k < count; k++)
        if (!is_value(args[k])) {
            PyErr_Format(PyExc_TypeError, "topological_order takes Values, got a %.100s", Py_TYPE(args[k])->tp_name);
            return NULL;
        }
    Order order;
    order_init(&order);
    PyObject *list = NULL;
    if (walk((Value *const *)args, count, &order, &order) == 0 && (list = PyList_New(order.n)) != NULL)
        for (Py_ssize_t k = 0; k < order.n; k++)
            PyList_SET_ITEM(list, k, Py_NewRef(order.nodes[k]));
    order_free(&order);
    return list;
}

typedef struct Kept {
    double grad;
    int has_grad;
} Kept;

/* The inner loop: what every node hands to its inputs, from the root down. -1 when Ctrl-C arrives. */
static int propagate(const Order *inner)
{
    for (Py_ssize_t k = inner->n - 1; k >= 0; k--) {
        Value *node = inner->nodes[k];
        double upstream = node->grad;
        if ((k & 0xffff) == 0xffff && PyErr_CheckSignals() < 0)
            return -1;
        if (upstream == 0.0) /* what is 0 contributes nothing */
            continue;
        Value **inputs = inputs_of(node);
        const double *partials = partials_of(node);
        for (uint32_t j = 0; j < node->n; j++)
            inputs[j]->grad += upstream * partials[j];
    }
    return 0;
}

PyObject *value_backward(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    int refused = is_recording();
    if (refused)
        return refused < 0 ? NULL : defined("backward", self, NULL); /* which says why */
    Value *root = (Value *)self;
    Order inner, leaves;
    Kept few[64], *before = few;
    int failed = 0, too_large = 0;
    order_init(&inner);
    order_init(&leaves);
    if ((failed = walk(&root, 1, &inner, &leaves)))
        goto done;
    if (leaves.n > 64 && (before = PyMem_Malloc((size_t)leaves.n * sizeof(Kept))) == NULL) {
        PyErr_NoMemory();
        failed = 1;
        goto done;
    }
    for (Py_ssize_t k = 0; k < inner.n; k++) {
        inner.nodes[k]->grad = 0.0;
        inner.nodes[k]->has_grad = 1;
    }
    for (Py_ssize_t k = 0; k < leaves.n; k++) {
        Value *leaf = leaves.nodes[k];
        before[k] = (Kept){leaf->grad, leaf->has_grad};
        if (!leaf->has_grad)
            leaf->grad = 0.0;
        leaf->has_grad = 1;
    }
    root->grad += 1.0;
    failed = propagate(&inner) < 0;
    for (Py_ssize_t k = 0; k < leaves.n && !failed; k++)
        failed = too_large = leaves.nodes[k]->grad * 0.0 != 0.0; /* neither inf nor nan times 0 is 0 */
    if (failed) /* an error, or Ctrl-C: the leaves are as they were */
        for (Py_ssize_t k = 0; k < leaves.n; k++) {
            leaves.nodes[k]->grad = before[k].grad;
            leaves.nodes[k]->has_grad = (uint8_t)before[k].has_grad;
        }
done:
    order_free(&inner);
    order_free(&leaves);
    if (before != few)
        PyMem_Free(before);
    if (too_large)
        return defined("backward", self, NULL); /* the same again, and the error in words */
    return failed ? NULL : Py_NewRef(Py_None);
}
