/* The module autoback.engine._c: the type, its functions, and what it needs of Python. */

#include "value.h"

extern PyMethodDef value_methods[];
PyTypeObject *Value_Type;
struct Python python;

int is_recording(void)
{
    PyObject *recording;
    if (PyContextVar_Get(python.recording, Py_False, &recording) < 0)
        return -1;
    Py_DECREF(recording); /* True and False stay */
    return recording == Py_True;
}

/* What the definition in Python answers for this node: to whatever is unusual, and with every error in its words. */
PyObject *defined(const char *method, PyObject *self, PyObject *other)
{
    PyObject *function = PyObject_GetAttrString(python.definition, method);
    if (function == NULL)
        return NULL;
    PyObject *answer;
    if (PyObject_TypeCheck(function, &PyProperty_Type)) /* an attribute, to be read */
        answer = PyObject_CallMethod(function, "__get__", "O", self);
    else
        answer = PyObject_CallFunctionObjArgs(function, self, other, NULL);
    Py_DECREF(function);
    return answer;
}

/* What is written in C is described by the words of what it stands for. */
static int borrow_words(PyMethodDef *method, const char *signature, PyObject *function)
{
    PyObject *words = function ? PyObject_GetAttrString(function, "__doc__") : NULL;
    PyObject *doc = words ? PyUnicode_FromFormat("%s%s\n--\n\n%S", method->ml_name, signature, words) : NULL;
    const char *text = doc ? PyUnicode_AsUTF8(doc) : NULL;
    method->ml_doc = text; /* and `doc` is never freed */
    Py_XDECREF(function);
    Py_XDECREF(words);
    return text == NULL ? -1 : 0;
}

/* What the class has that C has not written anew, such as __repr__, works on a node of C as it is. */
static int inherit(PyObject *definition)
{
    PyObject *members = PyObject_GetAttrString(definition, "__dict__"), *names = members ? PyMapping_Keys(members) : NULL;
    int failed = names == NULL;
    for (Py_ssize_t k = 0; !failed && k < PyList_GET_SIZE(names); k++) {
        PyObject *name = PyList_GET_ITEM(names, k), *member = PyObject_GetItem(members, name);
        const char *text = PyUnicode_AsUTF8(name);
        int new = member != NULL && text != NULL && !PyDict_Contains(Value_Type->tp_dict, name);
        if (new && strcmp(text, "__slots__") != 0 && strcmp(text, "__weakref__") != 0)
            failed = PyObject_SetAttr((PyObject *)Value_Type, name, member) < 0;
        Py_XDECREF(member);
        failed |= PyErr_Occurred() != NULL;
    }
    PyObject *doc = failed ? NULL : PyObject_GetAttrString(definition, "__doc__");
    failed = doc == NULL || PyObject_SetAttrString((PyObject *)Value_Type, "__doc__", doc) < 0;
    Py_XDECREF(doc);
    Py_XDECREF(names);
    Py_XDECREF(members);
    return failed ? -1 : 0;
}

static PyMethodDef functions[7];

/* bind(table, definition, finite, as_operand, record_again, recording, functions): connect C and Python; called once, by value.py, it gives the type Value */
static PyObject *py_bind(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *table, *definition, *finite, *as_operand, *record_again, *recording, *plain;
    if (!PyArg_ParseTuple(args, "O!OOOOOO!", &PyDict_Type, &table, &definition, &finite, &as_operand, &record_again, &recording,
                          &PyDict_Type, &plain))
        return NULL;
    PyObject *rows = PyDict_New();
    if (rows == NULL)
        return NULL;
    for (Py_ssize_t k = 0; k < compiled_count; k++) {
        Row *row = &compiled_rows[k];
        PyObject *op = PyDict_GetItemString(table, row->name), *address = PyLong_FromVoidPtr(row);
        if (op == NULL || address == NULL || PyDict_SetItem(rows, op, address) < 0) {
            if (!PyErr_Occurred())
                PyErr_Format(PyExc_KeyError, "the table has no row %s", row->name);
            Py_XDECREF(address);
            Py_DECREF(rows);
            return NULL;
        }
        Py_XSETREF(row->op, Py_NewRef(op));
        Py_DECREF(address);
    }
    Py_XSETREF(python.rows, rows);
    Py_XSETREF(python.definition, Py_NewRef(definition));
    Py_XSETREF(python.finite, Py_NewRef(finite));
    Py_XSETREF(python.as_operand, Py_NewRef(as_operand));
    Py_XSETREF(python.record_again, Py_NewRef(record_again));
    Py_XSETREF(python.recording, Py_NewRef(recording));
    for (PyMethodDef *method = value_methods; method->ml_name != NULL; method++)
        if (method->ml_doc == NULL && borrow_words(method, "($self, /)", PyObject_GetAttrString(definition, method->ml_name)) < 0)
            return NULL;
    for (PyMethodDef *function = functions; function->ml_name != NULL; function++) {
        PyObject *of = PyDict_GetItemString(plain, function->ml_name);
        if (of != NULL && borrow_words(function, function->ml_doc, Py_NewRef(of)) < 0)
            return NULL;
    }
    return inherit(definition) < 0 ? NULL : Py_NewRef(Value_Type);
}

static int make_value_type(PyObject *module)
{
    PyType_Slot slots[32] = {
        {Py_tp_doc, "Value(data, label=None)\n--\n\n"},
        {Py_tp_new, value_new},
        {Py_tp_init, value_init},
        {Py_tp_dealloc, value_dealloc},
        {Py_tp_traverse, value_traverse},
        {Py_tp_is_gc, value_is_gc},
        {Py_tp_methods, value_methods},
        {Py_tp_members, value_members},
        {Py_tp_getset, value_attributes},
    };
    int n = 0;
    while (slots[n].slot != 0)
        n++;
    for (PyType_Slot *each = operator_slots; each->slot != 0; each++)
        slots[n++] = *each;
    PyType_Spec spec = {
        .name = "autoback.engine.value.Value", /* where it is public */
        .basicsize = sizeof(Value),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
        .slots = slots,
    };
    Value_Type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (Value_Type == NULL)
        return -1;
    Value_Type->tp_vectorcall = value_vectorcall;
    PyObject *name = PyUnicode_FromString("Value"); /* in errors too, where Python would name the module */
    int failed = name == NULL || PyObject_SetAttrString((PyObject *)Value_Type, "__name__", name) < 0;
    Py_XDECREF(name);
    return failed ? -1 : 0;
}

static int prepare(PyObject *module)
{
    if (Value_Type != NULL) {
        PyErr_SetString(PyExc_ImportError, "the engine in C can be loaded once in a process");
        return -1;
    }
    if (make_value_type(module) < 0 || make_collected_type() < 0 || make_function_type(module) < 0 || make_caller_type(module) < 0)
        return -1;
    if (PyModule_AddStringConstant(module, "sources", compiled_sources) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "table", compiled_text);
}

static PyMethodDef functions[7] = {
    {"bind", py_bind, METH_VARARGS, NULL},
    {"record", (PyCFunction)(void (*)(void))py_record, METH_FASTCALL, "(op, inputs, /)"}, /* the words are put in by bind */
    {"restore", (PyCFunction)(void (*)(void))py_restore, METH_FASTCALL, "(data, grad, op, inputs, partials, label, /)"},
    {"topological_order", (PyCFunction)(void (*)(void))py_topological_order, METH_FASTCALL, "(*roots)"},
    {"caller", py_caller, METH_VARARGS, NULL},
    {"recorder", (PyCFunction)(void (*)(void))py_recorder, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyMODINIT_FUNC PyInit__c(void)
{
    static PyModuleDef_Slot slots[] = {
        {Py_mod_exec, prepare},
#ifdef Py_mod_multiple_interpreters
        {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
        {0, NULL},
    };
    static PyModuleDef definition = {
        PyModuleDef_HEAD_INIT,
        .m_name = "autoback.engine._c",
        .m_doc = "The engine in C; see autoback/engine/c.",
        .m_methods = functions,
        .m_slots = slots,
    };
    return PyModuleDef_Init(&definition);
}
