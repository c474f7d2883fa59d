/* How a graph grows: `record` of ../value.py. */

#include "value.h"

/* The Row of an Operation; a row that is not compiled in gets one the first time that it is met. */
const Row *row_of(PyObject *op)
{
    if (python.rows == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the engine in C is loaded, but the engine in Python runs");
        return NULL;
    }
    PyObject *address = PyDict_GetItemWithError(python.rows, op);
    if (address != NULL)
        return PyLong_AsVoidPtr(address);
    if (PyErr_Occurred())
        return NULL;
    PyObject *arity = PyObject_GetAttrString(op, "arity"), *nary = arity ? PyObject_GetAttrString(op, "nary") : NULL;
    Row *row = nary ? PyMem_Calloc(1, sizeof(Row)) : NULL;
    if (nary != NULL && row == NULL)
        PyErr_NoMemory();
    if (row != NULL) {
        row->name = "a row of Python";
        row->arity = PyLong_AsSsize_t(arity);
        row->nary = PyObject_IsTrue(nary);
        row->op = Py_NewRef(op);
        PyObject *made = PyErr_Occurred() ? NULL : PyLong_FromVoidPtr(row);
        if (made == NULL || PyDict_SetItem(python.rows, op, made) < 0) {
            Py_DECREF(op);
            PyMem_Free(row);
            row = NULL;
        }
        Py_XDECREF(made);
    }
    Py_XDECREF(arity);
    Py_XDECREF(nary);
    return row;
}

/* `as_operand`: a Value for an operand as a new reference, and 1; 0 for what is no number; -1 with an exception. */
int to_operand(PyObject *number, Value **operand)
{
    double data;
    if (is_value(number)) {
        *operand = (Value *)Py_NewRef(number);
        return 1;
    }
    if (PyFloat_CheckExact(number))
        data = PyFloat_AS_DOUBLE(number);
    else if (PyLong_CheckExact(number)) {
        data = PyLong_AsDouble(number);
        if (data == -1.0 && PyErr_Occurred())
            PyErr_Clear(), data = Py_HUGE_VAL;
    } else
        data = Py_HUGE_VAL;
    if (data * 0.0 == 0.0) {
        *operand = new_leaf(data);
        return *operand == NULL ? -1 : 1;
    }
    PyObject *read = PyObject_CallOneArg(python.as_operand, number); /* another kind of number, or an error in words */
    if (read == NULL)
        return -1;
    if (!is_value(read)) {
        Py_DECREF(read);
        return 0;
    }
    *operand = (Value *)read;
    return 1;
}

/* The numbers of the answer (out, partials) of a row's Python function. */
static int read_answer(PyObject *answer, Py_ssize_t n, double *data, double *partials)
{
    PyObject *tuple = NULL;
    if (!PyTuple_Check(answer) || PyTuple_GET_SIZE(answer) != 2 || !PyTuple_Check(tuple = PyTuple_GET_ITEM(answer, 1)) ||
        PyTuple_GET_SIZE(tuple) != n) {
        PyErr_SetString(PyExc_TypeError, "a row must answer with its value and a tuple of one partial for each input");
        return -1;
    }
    *data = PyFloat_AsDouble(PyTuple_GET_ITEM(answer, 0));
    for (Py_ssize_t k = 0; k < n && !PyErr_Occurred(); k++)
        partials[k] = PyFloat_AsDouble(PyTuple_GET_ITEM(tuple, k));
    return PyErr_Occurred() ? -1 : 0;
}

/* What Python's `record` does where C has no answer: the row's Python function, then IEEE rules, then an error in words. */
static int compute_in_python(const Row *row, Value *const *inputs, Py_ssize_t n, double *data, double *partials)
{
    PyObject *numbers = PyTuple_New(n), *labels = PyList_New(n), *answer = NULL;
    if (numbers == NULL || labels == NULL)
        goto done;
    for (Py_ssize_t k = 0; k < n; k++) {
        PyObject *number = get_number((PyObject *)inputs[k], NULL), *label = inputs[k]->label;
        if (number == NULL)
            goto done;
        PyTuple_SET_ITEM(numbers, k, number);
        PyList_SET_ITEM(labels, k, Py_NewRef(label ? label : Py_None));
    }
    if (row->forward == NULL) {
        PyObject *forward = PyObject_GetAttrString(row->op, "forward");
        answer = forward ? PyObject_CallObject(forward, numbers) : NULL;
        Py_XDECREF(forward);
        if (answer != NULL || !(PyErr_ExceptionMatches(PyExc_ArithmeticError) || PyErr_ExceptionMatches(PyExc_ValueError)))
            goto done;
        PyErr_Clear();
    }
    answer = PyObject_CallMethod(row->op, "evaluate_ieee", "OO", numbers, labels);
done:
    Py_XDECREF(numbers);
    Py_XDECREF(labels);
    int failed = answer == NULL || read_answer(answer, n, data, partials) < 0;
    Py_XDECREF(answer);
    return failed ? -1 : 0;
}

/* The value and partials of a row on these inputs; -1 with an OperationError where one is not finite. */
int compute(const Row *row, Value *const *inputs, Py_ssize_t n, double *data, double *partials)
{
    double few[64], *numbers = few;
    if (row->forward == NULL)
        return compute_in_python(row, inputs, n, data, partials);
    if (n > 64 && (numbers = PyMem_Malloc((size_t)n * sizeof(double))) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t k = 0;
    do
        numbers[k] = inputs[k]->data; /* a row has at least one input */
    while (++k < n);
    int failed = row->forward(numbers, row->nary ? n / row->arity : 1, data, partials);
    if (numbers != few)
        PyMem_Free(numbers);
    return failed ? compute_in_python(row, inputs, n, data, partials) : 0;
}

/* `record_again`: the value and partials of a node on its inputs as they are now, as strictly as the node was made.
   `partials` is not the node's own memory. */
int compute_again(Value *node, double *data, double *partials)
{
    if (compute(node->row, inputs_of(node), node->n, data, partials) == 0)
        return 0;
    uint32_t k = 0;
    while (k < node->n && partials_of(node)[k] * 0.0 == 0.0)
        k++;
    if (k == node->n || !PyErr_ExceptionMatches(PyExc_ArithmeticError))
        return -1;
    PyErr_Clear(); /* a node of a gradient graph, whose partials need not be finite */
    PyObject *inputs = PyObject_GetAttrString((PyObject *)node, "inputs");
    PyObject *fresh = inputs ? PyObject_CallFunctionObjArgs(python.record_again, node, inputs, NULL) : NULL;
    if (fresh != NULL) {
        *data = ((Value *)fresh)->data;
        memcpy(partials, partials_of((Value *)fresh), node->n * sizeof(double));
    }
    Py_XDECREF(inputs);
    Py_XDECREF(fresh);
    return fresh == NULL ? -1 : 0;
}

/* The Value that a row makes of inputs. It takes over the caller's references to them, also when it fails. */
Value *record_taken(const Row *row, Value **inputs, Py_ssize_t n)
{
    int collected = 0;
    for (Py_ssize_t k = 0; k < n; k++)
        collected |= inputs[k]->collected;
    Value *node = new_node(row, n, collected);
    if (node == NULL) {
        for (Py_ssize_t k = 0; k < n; k++)
            Py_DECREF(inputs[k]);
        return NULL;
    }
    node->n = (unsigned)n;
    for (Py_ssize_t k = 0; k < n; k++)
        inputs_of(node)[k] = inputs[k];
    if (compute(row, inputs_of(node), n, &node->data, partials_of(node)) < 0) {
        Py_DECREF(node);
        return NULL;
    }
    if (collected)
        PyObject_GC_Track(node);
    return node;
}

/* The same with the caller's references left alone. */
Value *record(const Row *row, Value *const *inputs, Py_ssize_t n)
{
    for (Py_ssize_t k = 0; k < n; k++)
        Py_INCREF(inputs[k]);
    return record_taken(row, (Value **)inputs, n);
}

/* The row and the inputs of `record` and `restore`: the Row, or NULL with an exception. */
static const Row *checked(PyObject *op, PyObject *inputs)
{
    const Row *row = row_of(op);
    if (row == NULL)
        return NULL;
    if (!PyTuple_Check(inputs)) {
        PyErr_Format(PyExc_TypeError, "inputs must be a tuple of Values, got a %.100s", Py_TYPE(inputs)->tp_name);
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(inputs);
    if (n == 0 || (row->nary ? n % row->arity != 0 : n != row->arity)) {
        PyErr_Format(PyExc_TypeError, "%S takes %s%zd inputs, got %zd", op, row->nary ? "a multiple of " : "", row->arity, n);
        return NULL;
    }
    for (Py_ssize_t k = 0; k < n; k++)
        if (!is_value(PyTuple_GET_ITEM(inputs, k))) {
            PyErr_Format(PyExc_TypeError, "inputs must be Values, got a %.100s", Py_TYPE(PyTuple_GET_ITEM(inputs, k))->tp_name);
            return NULL;
        }
    return row;
}

/* record(op, inputs) */
PyObject *py_record(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_Format(PyExc_TypeError, "record takes a row and a tuple of inputs, got %zd arguments", count);
        return NULL;
    }
    const Row *row = checked(args[0], args[1]);
    if (row == NULL)
        return NULL;
    return (PyObject *)record(row, (Value **)&PyTuple_GET_ITEM(args[1], 0), PyTuple_GET_SIZE(args[1]));
}

/* restore(data, grad, op, inputs, partials, label): a Value with every field given; what copies and pickles are rebuilt with. */
PyObject *py_restore(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count)
{
    if (count != 6) {
        PyErr_Format(PyExc_TypeError, "restore takes data, grad, op, inputs, partials and label, got %zd arguments", count);
        return NULL;
    }
    PyObject *op = args[2], *inputs = args[3];
    const Row *row = NULL;
    Py_ssize_t n = 0;
    if (op != Py_None) {
        if ((row = checked(op, inputs)) == NULL)
            return NULL;
        n = PyTuple_GET_SIZE(inputs);
    }
    int collected = 0;
    for (Py_ssize_t k = 0; k < n; k++)
        collected |= ((Value *)PyTuple_GET_ITEM(inputs, k))->collected;
    Value *node = new_node(row, n, collected);
    if (node == NULL)
        return NULL;
    node->n = (unsigned)n;
    for (Py_ssize_t k = 0; k < n; k++)
        inputs_of(node)[k] = (Value *)Py_NewRef(PyTuple_GET_ITEM(inputs, k));
    node->data = PyFloat_AsDouble(args[0]);
    int failed = PyErr_Occurred() || PyObject_SetAttrString((PyObject *)node, "grad", args[1]) < 0 ||
                 PyObject_SetAttrString((PyObject *)node, "label", args[5]) < 0 ||
                 (n > 0 && PyObject_SetAttrString((PyObject *)node, "partials", args[4]) < 0);
    if (collected)
        PyObject_GC_Track(node);
    if (failed)
        Py_CLEAR(node);
    return (PyObject *)node;
}
