/* Rows as functions and methods: tanh(v), v.tanh(), sum(vs), dot(ws, xs).

   What the arguments are decides who works: Values and plain numbers are recorded here; for everything else, and for
   errors, stands `otherwise`, the row's function in Python. */

#include "value.h"

enum Form { FIXED, FLAT, SEQUENCES }; /* as many arguments as inputs; one tuple of them; a sequence for each vector */

typedef struct Function {
    PyObject_HEAD
    vectorcallfunc call;
    const Row *row;
    enum Form form;
    PyObject *otherwise;
    PyObject *blocks; /* a list that is empty as long as no row is taken apart, or NULL for a row that never is */
    PyObject *dict;   /* __name__, __doc__ ... */
} Function;

static PyTypeObject *Function_Type;

static void let_go(Value **inputs, Py_ssize_t n)
{
    while (n > 0)
        Py_DECREF(inputs[--n]);
}

/* `count` arguments as inputs, with a reference to each. 1, or 0 when Python has to look at them. */
static int take(PyObject *const *args, Py_ssize_t count, Value **inputs, int *values)
{
    for (Py_ssize_t k = 0; k < count; k++) {
        if (is_value(args[k])) {
            inputs[k] = (Value *)Py_NewRef(args[k]);
            *values = 1;
            continue;
        }
        double data = PyFloat_CheckExact(args[k]) ? PyFloat_AS_DOUBLE(args[k]) : Py_HUGE_VAL;
        if (data * 0.0 != 0.0 || (inputs[k] = new_leaf(data)) == NULL) {
            PyErr_Clear();
            let_go(inputs, k);
            return 0;
        }
    }
    return 1;
}

/* Record arguments that lie in one or several arrays; NULL without an exception when Python has to look at them. */
static PyObject *record_arrays(const Row *row, PyObject *const *const *arrays, Py_ssize_t vectors, Py_ssize_t terms)
{
    Value *few[64], **inputs = few;
    Py_ssize_t n = vectors * terms;
    int values = 0;
    if (n > 64 && (inputs = PyMem_Malloc((size_t)n * sizeof(Value *))) == NULL)
        return PyErr_NoMemory();
    Py_ssize_t k = 0;
    while (k < vectors && take(arrays[k], terms, inputs + k * terms, &values))
        k++;
    PyObject *made = NULL;
    if (k == vectors && values) /* of numbers alone a row gives a number, which is Python's business */
        made = (PyObject *)record_taken(row, inputs, n);
    else
        let_go(inputs, k * terms);
    if (inputs != few)
        PyMem_Free(inputs);
    return made;
}

static PyObject *record_fixed(Function *f, PyObject *const *args, Py_ssize_t count)
{
    return count == f->row->arity ? record_arrays(f->row, &args, 1, count) : NULL;
}

static PyObject *record_flat(Function *f, PyObject *const *args, Py_ssize_t count)
{
    if (count != 1 || !PyTuple_CheckExact(args[0]))
        return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args[0]);
    PyObject *const *items = &PyTuple_GET_ITEM(args[0], 0);
    return n > 0 && n % f->row->arity == 0 ? record_arrays(f->row, &items, 1, n) : NULL;
}

static PyObject *record_sequences(Function *f, PyObject *const *args, Py_ssize_t count)
{
    PyObject *const *items[3];
    if (count != f->row->arity || count > 3)
        return NULL;
    for (Py_ssize_t k = 0; k < count; k++) {
        if (!PyList_CheckExact(args[k]) && !PyTuple_CheckExact(args[k]))
            return NULL;
        items[k] = PySequence_Fast_ITEMS(args[k]);
        if (PySequence_Fast_GET_SIZE(args[k]) != PySequence_Fast_GET_SIZE(args[0]))
            return NULL;
    }
    Py_ssize_t terms = PySequence_Fast_GET_SIZE(args[0]);
    return terms > 0 ? record_arrays(f->row, items, count, terms) : NULL;
}

static PyObject *call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names)
{
    static PyObject *(*const forms[])(Function *, PyObject *const *, Py_ssize_t) = {record_fixed, record_flat, record_sequences};
    Function *f = (Function *)self;
    if (names == NULL && (f->blocks == NULL || PyList_GET_SIZE(f->blocks) == 0)) {
        PyObject *made = forms[f->form](f, args, PyVectorcall_NARGS(flags));
        if (made != NULL || PyErr_Occurred())
            return made;
    }
    return PyObject_Vectorcall(f->otherwise, args, flags & ~PY_VECTORCALL_ARGUMENTS_OFFSET, names);
}

/* recorder(op, form, otherwise, blocks): a function that records the row `op` */
PyObject *py_recorder(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    static const char *const forms[] = {"fixed", "flat", "sequences"};
    if (count != 4 || !PyUnicode_Check(args[1]) || !(args[3] == Py_None || PyList_Check(args[3]))) {
        PyErr_SetString(PyExc_TypeError, "recorder takes a row, a form, a function and a list or None");
        return NULL;
    }
    int form = 0;
    while (form < 3 && PyUnicode_CompareWithASCIIString(args[1], forms[form]) != 0)
        form++;
    const Row *row = row_of(args[0]);
    if (row == NULL || form == 3) {
        if (row != NULL)
            PyErr_SetString(PyExc_ValueError, "form must be fixed, flat or sequences");
        return NULL;
    }
    Function *f = PyObject_GC_New(Function, Function_Type);
    if (f == NULL)
        return NULL;
    f->call = call;
    f->row = row;
    f->form = (enum Form)form;
    f->otherwise = Py_NewRef(args[2]);
    f->blocks = args[3] == Py_None ? NULL : Py_NewRef(args[3]);
    f->dict = NULL;
    PyObject_GC_Track(f);
    return (PyObject *)f;
}

/* As a method: v.tanh is tanh with v as its first argument. */
static PyObject *bind_to(PyObject *self, PyObject *instance, PyObject *Py_UNUSED(type))
{
    return instance == NULL || instance == Py_None ? Py_NewRef(self) : PyMethod_New(self, instance);
}

static PyObject *repr(PyObject *self)
{
    return PyUnicode_FromFormat("<function of row %R>", ((Function *)self)->row->op);
}

/* A copy is the function itself, and a pickle its name. */
static PyObject *reduce(PyObject *self, PyObject *Py_UNUSED(nothing)) { return PyObject_GetAttrString(self, "__qualname__"); }

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Function *f = (Function *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(f->otherwise);
    Py_VISIT(f->blocks);
    Py_VISIT(f->dict);
    return 0;
}

static int clear(PyObject *self)
{
    Function *f = (Function *)self;
    Py_CLEAR(f->otherwise);
    Py_CLEAR(f->blocks);
    Py_CLEAR(f->dict);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

int make_function_type(PyObject *module)
{
    static PyMemberDef members[] = {
        {"__vectorcalloffset__", T_PYSSIZET, offsetof(Function, call), READONLY, NULL},
        {"__dictoffset__", T_PYSSIZET, offsetof(Function, dict), READONLY, NULL},
        {"__wrapped__", T_OBJECT, offsetof(Function, otherwise), READONLY, "the row's function in Python, which has its signature"},
        {NULL, 0, 0, 0, NULL},
    };
    static PyGetSetDef attributes[] = {
        {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
    static PyType_Slot slots[] = {
        {Py_tp_members, members}, {Py_tp_getset, attributes}, {Py_tp_methods, methods},  {Py_tp_call, PyVectorcall_Call},
        {Py_tp_descr_get, bind_to}, {Py_tp_repr, repr},       {Py_tp_traverse, traverse}, {Py_tp_clear, clear},
        {Py_tp_dealloc, dealloc},  {0, NULL},
    };
    static PyType_Spec spec = {
        .name = "autoback.engine._c.Function",
        .basicsize = sizeof(Function),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR |
                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    Function_Type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    return Function_Type == NULL ? -1 : 0;
}
