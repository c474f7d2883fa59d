/* A compiled function of numbers, called from Python without ctypes. It knows no Value but for the leaves that it reads. */

#include "value.h"

typedef struct Caller {
    PyObject_HEAD
    vectorcallfunc call;
    int64_t (*function)(double *memory); /* not 0 where a number is not finite */
    double *memory;                      /* n numbers, a number for each leaf, m results, and what the function needs */
    Py_ssize_t n, m;
    int form;            /* of the answer: FLOAT, TUPLE of m floats, or PAIR of a float and a list of the m - 1 others */
    PyObject *leaves;    /* a tuple of Values, read at each call */
    PyObject *keep;      /* what owns the function and the memory */
    PyObject *otherwise; /* the long way in Python: for other arguments, and for errors */
} Caller;

enum { TUPLE, FLOAT, PAIR };
static PyTypeObject *Caller_Type;

/* The arguments as doubles; 0 where Python has to look at them. */
static int read_numbers(PyObject *const *args, Py_ssize_t n, double *to)
{
    for (Py_ssize_t k = 0; k < n; k++) {
        if (PyFloat_CheckExact(args[k]))
            to[k] = PyFloat_AS_DOUBLE(args[k]);
        else if (PyLong_CheckExact(args[k])) {
            to[k] = PyLong_AsDouble(args[k]);
            if (to[k] == -1.0 && PyErr_Occurred()) {
                PyErr_Clear();
                return 0;
            }
        } else
            return 0;
    }
    return 1;
}

static PyObject *pair(const double *results, Py_ssize_t m)
{
    PyObject *first = PyFloat_FromDouble(results[0]), *others = PyList_New(m - 1);
    for (Py_ssize_t k = 1; others != NULL && k < m; k++) {
        PyObject *number = PyFloat_FromDouble(results[k]);
        if (number == NULL)
            Py_CLEAR(others);
        else
            PyList_SET_ITEM(others, k - 1, number);
    }
    PyObject *answer = first != NULL && others != NULL ? PyTuple_Pack(2, first, others) : NULL;
    Py_XDECREF(first);
    Py_XDECREF(others);
    return answer;
}

/* No Python code runs between the numbers and the answer, and the interpreter lock is held: one memory is enough. */
static PyObject *call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names)
{
    Caller *c = (Caller *)self;
    if (names == NULL && PyVectorcall_NARGS(flags) == c->n && read_numbers(args, c->n, c->memory)) {
        Py_ssize_t p = PyTuple_GET_SIZE(c->leaves);
        for (Py_ssize_t k = 0; k < p; k++)
            c->memory[c->n + k] = ((Value *)PyTuple_GET_ITEM(c->leaves, k))->data;
        if (c->function(c->memory) == 0) {
            const double *results = c->memory + c->n + p;
            if (c->form == FLOAT)
                return PyFloat_FromDouble(results[0]);
            if (c->form == PAIR)
                return pair(results, c->m);
            PyObject *tuple = PyTuple_New(c->m);
            for (Py_ssize_t k = 0; tuple != NULL && k < c->m; k++) {
                PyObject *number = PyFloat_FromDouble(results[k]);
                if (number == NULL)
                    Py_CLEAR(tuple);
                else
                    PyTuple_SET_ITEM(tuple, k, number);
            }
            return tuple;
        }
    }
    return PyObject_Vectorcall(c->otherwise, args, flags & ~PY_VECTORCALL_ARGUMENTS_OFFSET, names);
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Caller *c = (Caller *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(c->leaves);
    Py_VISIT(c->keep);
    Py_VISIT(c->otherwise);
    return 0;
}

/* Machine code and memory go last, with the object: nobody calls it then. */
static int clear(PyObject *self)
{
    Py_CLEAR(((Caller *)self)->otherwise);
    return 0;
}

static void dealloc(PyObject *self)
{
    Caller *c = (Caller *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(c->leaves);
    Py_XDECREF(c->keep);
    Py_XDECREF(c->otherwise);
    type->tp_free(self);
    Py_DECREF(type);
}

/* caller(function, memory, n, leaves, m, form, keep, otherwise): addresses as whole numbers */
PyObject *py_caller(PyObject *Py_UNUSED(module), PyObject *args)
{
    unsigned long long function, memory;
    Py_ssize_t n, m;
    int form;
    PyObject *leaves, *keep, *otherwise;
    if (!PyArg_ParseTuple(args, "KKnO!niOO", &function, &memory, &n, &PyTuple_Type, &leaves, &m, &form, &keep, &otherwise))
        return NULL;
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(leaves); k++)
        if (!is_value(PyTuple_GET_ITEM(leaves, k))) {
            PyErr_SetString(PyExc_TypeError, "leaves must be Values");
            return NULL;
        }
    Caller *c = PyObject_GC_New(Caller, Caller_Type);
    if (c == NULL)
        return NULL;
    c->call = call;
    c->function = (int64_t (*)(double *))(uintptr_t)function;
    c->memory = (double *)(uintptr_t)memory;
    c->n = n;
    c->m = m;
    c->form = form;
    c->leaves = Py_NewRef(leaves);
    c->keep = Py_NewRef(keep);
    c->otherwise = Py_NewRef(otherwise);
    PyObject_GC_Track(c);
    return (PyObject *)c;
}

int make_caller_type(PyObject *module)
{
    static PyMemberDef members[] = {
        {"__vectorcalloffset__", T_PYSSIZET, offsetof(Caller, call), READONLY, NULL},
        {NULL, 0, 0, 0, NULL},
    };
    static PyType_Slot slots[] = {
        {Py_tp_members, members}, {Py_tp_call, PyVectorcall_Call}, {Py_tp_traverse, traverse},
        {Py_tp_clear, clear},     {Py_tp_dealloc, dealloc},        {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "autoback.engine._c.Caller",
        .basicsize = sizeof(Caller),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    Caller_Type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    return Caller_Type == NULL ? -1 : 0;
}
