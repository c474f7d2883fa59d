/* The chain rule: `topological_order`, `_walk` and `Value.backward` of ../value.py. */

#include "value.h"

/* Arrays that walks have grown are kept for the next walks, up to some size. A walk that is under way has them out of
   the shelf; so another one, in a signal handler, finds others or none. */
enum { SHELF = 4, LARGEST = 1 << 20 };
static struct {
    Value **nodes;
    Py_ssize_t capacity;
} shelf[SHELF];

void order_init(Order *order)
{
    order->nodes = order->few;
    order->n = 0;
    order->capacity = sizeof order->few / sizeof(Value *);
}

void order_free(Order *order)
{
    if (order->nodes == order->few)
        return;
    for (int k = 0; k < SHELF && order->capacity <= LARGEST; k++)
        if (shelf[k].nodes == NULL) {
            shelf[k].nodes = order->nodes;
            shelf[k].capacity = order->capacity;
            return;
        }
    PyMem_Free(order->nodes);
}

/* More room, at least twice as much: from the shelf if there is an array. */
static int grow(Order *order)
{
    Value **more = NULL;
    Py_ssize_t capacity = 0;
    for (int k = 0; k < SHELF && more == NULL; k++)
        if (shelf[k].nodes != NULL && shelf[k].capacity >= 2 * order->capacity) {
            more = shelf[k].nodes;
            capacity = shelf[k].capacity;
            shelf[k].nodes = NULL;
        }
    if (more == NULL) {
        capacity = 2 * order->capacity;
        if (order->nodes != order->few) {
            more = PyMem_Realloc(order->nodes, (size_t)capacity * sizeof(Value *));
            if (more == NULL)
                return -1;
            order->nodes = more;
            order->capacity = capacity;
            return 0;
        }
        if ((more = PyMem_Malloc((size_t)capacity * sizeof(Value *))) == NULL)
            return -1;
    }
    memcpy(more, order->nodes, (size_t)order->n * sizeof(Value *));
    order_free(order);
    order->nodes = more;
    order->capacity = capacity;
    return 0;
}

static inline int append(Order *order, Value *node)
{
    if (order->n == order->capacity && grow(order) < 0)
        return -1;
    order->nodes[order->n++] = node;
    return 0;
}

/* Whether this walk has been at a node already. The node says where it would be noted; whatever an earlier walk, of
   another thread or of a signal handler, has left there, only the walk's own note counts, so nothing has to be undone. */
static inline int seen(const Order *notes, const Value *node)
{
    return node->place < notes->n && notes->nodes[node->place] == node;
}

static int note(Order *notes, Value *node)
{
    node->place = (uint32_t)notes->n;
    return notes->n == UINT32_MAX ? -1 : append(notes, node);
}

/* The gradient of a leaf before a walk, in the places of pointers: its bits, or those of a nan that stands for None. */
enum { PLACES = sizeof(uint64_t) / sizeof(Value *) };
static const uint64_t NONE = 0x7ff86e6f6e650000;

static int keep(Order *before, const Value *leaf)
{
    uint64_t bits = NONE;
    Value *places[PLACES];
    int failed = 0;
    if (leaf->has_grad)
        memcpy(&bits, &leaf->grad, sizeof bits);
    memcpy(places, &bits, sizeof bits);
    for (int k = 0; k < PLACES && !failed; k++)
        failed = append(before, places[k]);
    return failed;
}

static void put_back(const Order *leaves, const Order *before)
{
    for (Py_ssize_t k = 0; k < before->n / PLACES; k++) {
        uint64_t bits;
        memcpy(&bits, before->nodes + k * PLACES, sizeof bits);
        memcpy(&leaves->nodes[k]->grad, &bits, sizeof bits);
        leaves->nodes[k]->has_grad = bits != NONE;
    }
}

/* Append the inner nodes and the leaves below `roots`, inputs first, to the two orders, which may be one.

   before: NULL, or where to keep the gradients of the leaves. Then gradients start here, since the walk is there already:
           those of inner nodes at 0, those of leaves at what they are */
int walk(Value *const *roots, Py_ssize_t n, Order *inner, Order *leaves, Order *before)
{
    Order notes, waiting; /* of the nodes that wait each takes two places: itself, and how many of its inputs have been visited */
    Value *node = NULL, *const *inputs = roots; /* NULL stands above the roots */
    Py_ssize_t visited = 0;
    int failed = 0;
    order_init(&notes);
    order_init(&waiting);
    while (!failed) {
        if (visited == (node ? node->n : n)) { /* all inputs of the node are in the order */
            if (node == NULL)
                break;
            failed = append(inner, node);
            visited = (Py_ssize_t)(intptr_t)waiting.nodes[--waiting.n];
            node = waiting.nodes[--waiting.n];
            inputs = node ? inputs_of(node) : roots;
            continue;
        }
        Value *below = inputs[visited++];
        if (node == NULL || Py_REFCNT(below) > 1) { /* else this is the only way to it */
            if (seen(&notes, below))
                continue;
            if ((failed = note(&notes, below)))
                break;
        }
        if (below->n == 0) {
            failed = append(leaves, below);
            if (!failed && before != NULL && !(failed = keep(before, below)) && !below->has_grad) {
                below->grad = 0.0;
                below->has_grad = 1;
            }
            continue;
        }
        if (before != NULL) {
            below->grad = 0.0;
            below->has_grad = 1;
        }
        if (waiting.n + 2 > waiting.capacity && (failed = grow(&waiting)))
            break;
        waiting.nodes[waiting.n++] = node;
        waiting.nodes[waiting.n++] = (Value *)(intptr_t)visited;
        node = below;
        inputs = inputs_of(node);
        visited = 0;
    }
    if (failed)
        PyErr_NoMemory();
    order_free(&notes);
    order_free(&waiting);
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
    if (walk((Value *const *)args, count, &order, &order, NULL) == 0 && (list = PyList_New(order.n)) != NULL)
        for (Py_ssize_t k = 0; k < order.n; k++)
            PyList_SET_ITEM(list, k, Py_NewRef(order.nodes[k]));
    order_free(&order);
    return list;
}

#if defined(__GNUC__)
#define prefetch(address) __builtin_prefetch(address, 1)
#else
#define prefetch(address) ((void)(address))
#endif
enum { AHEAD = 16 };

/* The inner loop: what every node hands to its inputs, from the root down. -1 when Ctrl-C arrives. */
static int propagate(const Order *inner)
{
    for (Py_ssize_t k = inner->n - 1; k >= 0; k--) {
        Value *node = inner->nodes[k];
        double upstream = node->grad;
        if (k >= AHEAD) { /* a large graph does not fit the cache: ask for what comes soon */
            prefetch(inner->nodes[k - AHEAD]);
            prefetch(inputs_of(inner->nodes[k - AHEAD]));
        }
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
    Order inner, leaves, before;
    int failed, too_large = 0;
    order_init(&inner);
    order_init(&leaves);
    order_init(&before);
    if (!(failed = walk(&root, 1, &inner, &leaves, &before))) {
        root->grad += 1.0;
        failed = propagate(&inner) < 0;
    }
    for (Py_ssize_t k = 0; k < leaves.n && !failed; k++)
        failed = too_large = leaves.nodes[k]->grad * 0.0 != 0.0; /* neither inf nor nan times 0 is 0 */
    if (failed) /* an error, or Ctrl-C: the leaves are as they were */
        put_back(&leaves, &before);
    order_free(&inner);
    order_free(&leaves);
    order_free(&before);
    if (too_large)
        return defined("backward", self, NULL); /* the same again, and the error in words */
    return failed ? NULL : Py_NewRef(Py_None);
}
