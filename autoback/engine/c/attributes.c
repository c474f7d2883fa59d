/* Value(data, label) and the attributes of a node. */

#include "value.h"

/* What a Value is made of: a float as it is, anything else as Python's check reads it. -1 with an exception. */
static int to_data(PyObject *number, double *data)
{
    if (PyFloat_CheckExact(number)) {
        *data = PyFloat_AS_DOUBLE(number);
        if (*data * 0.0 == 0.0)
            return 0;
    }
    if (PyLong_CheckExact(number)) {
        *data = PyLong_AsDouble(number);
        if (*data != -1.0 || !PyErr_Occurred())
            return 0;
        PyErr_Clear(); /* larger than a double */
    }
    PyObject *read = PyObject_CallOneArg(python.finite, number);
    if (read == NULL)
        return -1;
    *data = PyFloat_AsDouble(read);
    Py_DECREF(read);
    return *data == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int initialise(Value *v, PyObject *number, PyObject *label)
{
    double data;
    if (v->n > 0) {
        PyErr_SetString(PyExc_TypeError, "a Value that an operation made cannot be made again");
        return -1;
    }
    if (label != NULL && label != Py_None && !PyUnicode_Check(label)) {
        PyErr_Format(PyExc_TypeError, "label must be a string or None, got %.100s", Py_TYPE(label)->tp_name);
        return -1;
    }
    if (to_data(number, &data) < 0)
        return -1;
    v->data = data;
    v->has_grad = 0;
    Py_XSETREF(v->label, label == NULL || label == Py_None ? NULL : Py_NewRef(label));
    return 0;
}

int value_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"data", "label", NULL};
    PyObject *data, *label = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:Value", names, &data, &label))
        return -1;
    return initialise((Value *)self, data, label);
}

/* Value(data, label) without a tuple of arguments; a call by keywords takes the long way through type.__call__. */
PyObject *value_vectorcall(PyObject *type, PyObject *const *args, size_t flags, PyObject *names)
{
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    if (type != (PyObject *)Value_Type || names != NULL || count < 1 || count > 2) {
        PyObject *positional = PyTuple_New(count), *named = names ? PyDict_New() : NULL, *made = NULL;
        int ready = positional != NULL && (names == NULL || named != NULL);
        for (Py_ssize_t k = 0; ready && k < count; k++)
            PyTuple_SET_ITEM(positional, k, Py_NewRef(args[k]));
        for (Py_ssize_t k = 0; ready && names != NULL && k < PyTuple_GET_SIZE(names); k++)
            ready = PyDict_SetItem(named, PyTuple_GET_ITEM(names, k), args[count + k]) == 0;
        if (ready)
            made = PyType_Type.tp_call(type, positional, named);
        Py_XDECREF(positional);
        Py_XDECREF(named);
        return made;
    }
    Value *v = new_leaf(0.0);
    if (v != NULL && initialise(v, args[0], count == 2 ? args[1] : NULL) < 0)
        Py_CLEAR(v);
    return (PyObject *)v;
}

static int no_deletion(PyObject *value, void *name)
{
    if (value == NULL)
        PyErr_Format(PyExc_AttributeError, "%s cannot be deleted", (const char *)name);
    return value == NULL ? -1 : 0;
}

/* The number, also while a program is recorded; in the words of `without_number` in ../value.py where __init__ was not called. */
PyObject *get_number(PyObject *self, void *Py_UNUSED(name))
{
    double number = ((Value *)self)->data;
    if (number == number)
        return PyFloat_FromDouble(number);
    PyErr_Format(PyExc_AttributeError, "this %.100s has no number: __init__ has to call super().__init__(data)", Py_TYPE(self)->tp_name);
    return NULL;
}

/* data: refused while a program is recorded, because the number would freeze into it */
static PyObject *get_data(PyObject *self, void *Py_UNUSED(name))
{
    int recording = is_recording();
    if (recording)
        return recording < 0 ? NULL : defined("data", self, NULL);
    return get_number(self, NULL);
}

static int set_number(PyObject *self, PyObject *number, void *name)
{
    double data;
    if (no_deletion(number, name) < 0 || ((data = PyFloat_AsDouble(number)) == -1.0 && PyErr_Occurred()))
        return -1;
    ((Value *)self)->data = data;
    return 0;
}

static int set_data(PyObject *self, PyObject *number, void *name)
{
    double data;
    if (no_deletion(number, name) < 0 || to_data(number, &data) < 0)
        return -1;
    ((Value *)self)->data = data;
    return 0;
}

static PyObject *get_grad(PyObject *self, void *Py_UNUSED(name))
{
    Value *v = (Value *)self;
    return v->has_grad ? PyFloat_FromDouble(v->grad) : Py_NewRef(Py_None);
}

static int set_grad(PyObject *self, PyObject *grad, void *name)
{
    Value *v = (Value *)self;
    double number = 0.0;
    if (no_deletion(grad, name) < 0)
        return -1;
    if (grad != Py_None && (number = PyFloat_AsDouble(grad)) == -1.0 && PyErr_Occurred())
        return -1;
    v->grad = number;
    v->has_grad = grad != Py_None;
    return 0;
}

static PyObject *get_op(PyObject *self, void *Py_UNUSED(name))
{
    const Row *row = ((Value *)self)->row;
    return Py_NewRef(row ? row->op : Py_None);
}

static PyObject *get_inputs(PyObject *self, void *Py_UNUSED(name))
{
    Value *v = (Value *)self;
    PyObject *tuple = PyTuple_New(v->n);
    for (uint32_t k = 0; tuple != NULL && k < v->n; k++)
        PyTuple_SET_ITEM(tuple, k, Py_NewRef(inputs_of(v)[k]));
    return tuple;
}

static PyObject *get_partials(PyObject *self, void *Py_UNUSED(name))
{
    Value *v = (Value *)self;
    PyObject *tuple = PyTuple_New(v->n);
    for (uint32_t k = 0; tuple != NULL && k < v->n; k++) {
        PyObject *partial = PyFloat_FromDouble(partials_of(v)[k]);
        if (partial == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, k, partial);
    }
    return tuple;
}

static int set_partials(PyObject *self, PyObject *partials, void *name)
{
    Value *v = (Value *)self;
    if (no_deletion(partials, name) < 0)
        return -1;
    PyObject *tuple = PySequence_Tuple(partials);
    if (tuple == NULL)
        return -1;
    int failed = PyTuple_GET_SIZE(tuple) != (Py_ssize_t)v->n;
    if (failed)
        PyErr_Format(PyExc_ValueError, "this node has %u inputs, so as many partials; got %zd", (unsigned)v->n, PyTuple_GET_SIZE(tuple));
    for (Py_ssize_t k = 0; k < (Py_ssize_t)v->n && !failed; k++) {
        partials_of(v)[k] = PyFloat_AsDouble(PyTuple_GET_ITEM(tuple, k));
        failed = PyErr_Occurred() != NULL;
    }
    Py_DECREF(tuple);
    return failed ? -1 : 0;
}

/* __class__: a subclass of Python's gives its nodes up in another way, so a node keeps the class it was made with */
static PyObject *get_class(PyObject *self, void *Py_UNUSED(name))
{
    return Py_NewRef((PyObject *)Py_TYPE(self));
}

static int set_class(PyObject *self, PyObject *class, void *name)
{
    if (no_deletion(class, name) == 0)
        PyErr_Format(PyExc_TypeError, "a node keeps its class, %.100s; make a node of the other class", Py_TYPE(self)->tp_name);
    return -1;
}

static PyObject *get_size(PyObject *self, PyObject *Py_UNUSED(nothing))
{
    return PyLong_FromSize_t(sizeof(Value) + ((Value *)self)->n * (sizeof(Value *) + sizeof(double)) +
                             (Py_TYPE(self)->tp_basicsize - sizeof(Value)));
}

PyGetSetDef value_attributes[] = {
    {"data", get_data, set_data, "the number", "data"},
    {"_number", get_number, set_number, "the number, also while a program is recorded", "_number"},
    {"grad", get_grad, set_grad, "d(root)/d(this), None until a backward reached it", "grad"},
    {"op", get_op, NULL, "the row of the table that made it, None for a leaf", NULL},
    {"inputs", get_inputs, NULL, "the Values it was made from, in order, with repeats", NULL},
    {"partials", get_partials, set_partials, "d(this)/d(input) for each input", "partials"},
    {"__class__", get_class, set_class, "the type, which is fixed", "__class__"},
    {NULL, NULL, NULL, NULL, NULL},
};

PyMemberDef value_members[] = {
    {"label", T_OBJECT, offsetof(Value, label), 0, "a name for pictures and messages, or None"},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Value, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyMethodDef value_methods[] = {
    {"backward", value_backward, METH_NOARGS, NULL},
    {"refresh", value_refresh, METH_NOARGS, NULL},
    {"is_stale", value_is_stale, METH_NOARGS, NULL},
    {"__sizeof__", get_size, METH_NOARGS, "Bytes of memory, those of the inputs and partials included."},
    {NULL, NULL, 0, NULL},
};
