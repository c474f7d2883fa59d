/* Nodes made and freed.

   A graph of Values has no cycle: a node's inputs are older than the node. So nodes need no garbage
   collector, which would walk every living graph again and again and find nothing. One thing can close
   a cycle: an instance of a subclass has a dict, and may keep a node that was computed from it. Such an
   instance is known to the collector, and so is every node above it (`collected`), and no other. */

#include "value.h"

/* Memory for collected nodes comes from the collector, which asks a type for the size: this one has it. */
static PyTypeObject *Collected_Type;

static Value *collected_node(Py_ssize_t n)
{
    Value *v = PyObject_GC_NewVar(Value, Collected_Type, n);
    if (v != NULL) {
        Py_INCREF(Value_Type);
        Py_SET_TYPE((PyObject *)v, Value_Type);
        Py_DECREF(Collected_Type);
    }
    return v;
}

static Value *plain_node(Py_ssize_t n)
{
    Value *v = take_memory(n);
    return v == NULL ? (Value *)PyErr_NoMemory() : (Value *)PyObject_Init((PyObject *)v, Value_Type);
}

/* A node with room for n inputs, none of which is there yet: the caller sets v->n and then all of them. */
Value *new_node(const Row *row, Py_ssize_t n, int collected)
{
    if (n > MOST_INPUTS) {
        PyErr_Format(PyExc_OverflowError, "an operation takes at most %d inputs, got %zd", MOST_INPUTS, n);
        return NULL;
    }
    Value *v = collected ? collected_node(n) : plain_node(n);
    if (v == NULL)
        return NULL;
    v->row = row;
    v->grad = 0.0;
    v->label = v->weakrefs = NULL;
    v->n = 0;
    v->has_grad = 0;
    v->collected = collected != 0;
    v->place = 0;
    return v;
}

Value *new_leaf(double data)
{
    Value *v = new_node(NULL, 0, 0);
    if (v != NULL)
        v->data = data;
    return v;
}

/* Value.__new__: a leaf, whose number __init__ sets; until then it is nan. Instances of subclasses are leaves too. */
PyObject *value_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    if (type == Value_Type)
        return (PyObject *)new_leaf(Py_NAN);
    Value *v = (Value *)type->tp_alloc(type, 0); /* all zero */
    if (v != NULL) {
        v->collected = 1;
        v->data = Py_NAN;
    }
    return (PyObject *)v;
}

int value_is_gc(PyObject *self) { return ((Value *)self)->collected; }

int value_traverse(PyObject *self, visitproc visit, void *arg)
{
    Value *v = (Value *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(v->label);
    for (uint32_t k = 0; k < v->n; k++)
        Py_VISIT(inputs_of(v)[k]);
    return 0;
}

static void release(Value *v, uint32_t n)
{
    PyTypeObject *type = Py_TYPE(v);
    Py_CLEAR(v->label);
    if (v->collected)
        type->tp_free(v);
    else
        give_memory(v, n);
    Py_DECREF(type);
}

/* Free a node, and whatever only it kept alive, in a loop: a chain of a million nodes needs no stack. */
void value_dealloc(PyObject *self)
{
    Value *doomed = (Value *)self;
    if (doomed->collected)
        PyObject_GC_UnTrack(doomed);
    doomed->next = NULL;
    while (doomed != NULL) {
        Value *v = doomed;
        doomed = v->next;
        if (v->weakrefs != NULL)
            PyObject_ClearWeakRefs((PyObject *)v);
        uint32_t n = v->n;
        for (uint32_t k = 0; k < n; k++) {
            Value *below = inputs_of(v)[k];
            if (Py_REFCNT(below) > 1 || !is_plain((PyObject *)below)) {
                Py_DECREF(below); /* an instance of a subclass is a leaf: this goes no deeper */
                continue;
            }
            if (below->collected)
                PyObject_GC_UnTrack(below);
            Py_SET_REFCNT((PyObject *)below, 0); /* what Py_DECREF would do, but for the call of this function */
            below->next = doomed;
            doomed = below;
        }
        release(v, n);
    }
}

int make_collected_type(void)
{
    static PyType_Slot slots[] = {{Py_tp_traverse, value_traverse}, {0, NULL}};
    static PyType_Spec spec = {
        .name = "autoback.engine._c.Collected",
        .basicsize = sizeof(Value),
        .itemsize = sizeof(Value *) + sizeof(double),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    Collected_Type = (PyTypeObject *)PyType_FromSpec(&spec);
    return Collected_Type == NULL ? -1 : 0;
}
