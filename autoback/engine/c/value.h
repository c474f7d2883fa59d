/* What a Value is in C, and which file does what with it. The definition is ../value.py. */

#ifndef AUTOBACK_VALUE_H
#define AUTOBACK_VALUE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <structmember.h>

#ifdef Py_GIL_DISABLED
#error "the engine in C needs the interpreter lock; on a free-threaded Python the engine in Python runs"
#endif

/* A row of the table. `forward` is its C out of rows.h; it is NULL for a row that came at run time,
   whose Python function is called instead. */
typedef struct Row {
    const char *name;
    Py_ssize_t arity; /* how many inputs, or sequences of inputs for an n-ary row */
    int nary;
    int (*forward)(const double *in, Py_ssize_t terms, double *result, double *p);
    PyObject *op; /* the Operation, which every node of this row shows as `op` */
} Row;

/* A node. Behind the struct lie its n partials and then its n inputs, so a node is one piece of memory:
   64 bytes for a leaf, 96 for a product. */
typedef struct Value {
    PyObject_HEAD
    double data;
    union {
        double grad;
        struct Value *next; /* while the node waits to be freed: see memory.c */
    };
    const Row *row;     /* what made it, NULL for a leaf */
    PyObject *label;    /* NULL for None */
    PyObject *weakrefs;
    uint32_t n : 30;        /* how many inputs */
    uint32_t has_grad : 1;  /* whether grad is a number; else it is None */
    uint32_t collected : 1; /* whether Python's garbage collector knows the node: see memory.c */
    uint32_t place;         /* where the last walk has noted it: see backward.c */
} Value;

enum { MOST_INPUTS = (1 << 30) - 1 };

static inline double *partials_of(Value *v) { return (double *)(v + 1); }
static inline Value **inputs_of(Value *v) { return (Value **)(partials_of(v) + v->n); }

extern PyTypeObject *Value_Type;
static inline int is_plain(PyObject *o) { return Py_IS_TYPE(o, Value_Type); } /* a Value and no subclass */
static inline int is_value(PyObject *o) { return is_plain(o) || PyObject_TypeCheck(o, Value_Type); }

/* What C leaves to Python, where the words of every error are: set by `bind` in module.c. */
extern struct Python {
    PyObject *definition;  /* the class Value of ../value.py, whose methods do whatever is unusual */
    PyObject *finite;      /* its check of a number */
    PyObject *as_operand;  /* its reading of an operand */
    PyObject *record_again; /* what it does with a node that has no derivative */
    PyObject *recording;   /* the context variable that says whether a program is being recorded */
    PyObject *rows;        /* dict: Operation -> the address of its Row */
} python;

/* module.c */
int is_recording(void); /* -1 with an exception */
PyObject *defined(const char *method, PyObject *self, PyObject *other); /* the definition's method; other may be NULL */

/* slabs.c */
Value *take_memory(Py_ssize_t n);
void give_memory(Value *v, Py_ssize_t n);

/* memory.c: a node is made with its inputs still to be filled in, and freed without recursion */
Value *new_leaf(double data);
Value *new_node(const Row *row, Py_ssize_t n, int collected);
PyObject *value_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
void value_dealloc(PyObject *self);
int value_traverse(PyObject *self, visitproc visit, void *arg);
int value_is_gc(PyObject *self);
int make_collected_type(void);

/* record.c: how a graph grows */
const Row *row_of(PyObject *op);
int to_operand(PyObject *number, Value **operand);
int compute(const Row *row, Value *const *inputs, Py_ssize_t n, double *data, double *partials);
int compute_again(Value *node, double *data, double *partials);
Value *record(const Row *row, Value *const *inputs, Py_ssize_t n);
Value *record_taken(const Row *row, Value **inputs, Py_ssize_t n);
PyObject *py_record(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *py_restore(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* backward.c */
typedef struct Order {
    Value **nodes; /* borrowed: the roots keep them alive */
    Py_ssize_t n, capacity;
    Value *few[64];
} Order;
void order_init(Order *order);
void order_free(Order *order);
int walk(Value *const *roots, Py_ssize_t n, Order *inner, Order *leaves, Order *before);
PyObject *value_backward(PyObject *self, PyObject *nothing);
PyObject *py_topological_order(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* refresh.c */
PyObject *value_refresh(PyObject *self, PyObject *nothing);
PyObject *value_is_stale(PyObject *self, PyObject *nothing);

/* functions.c */
int make_function_type(PyObject *module);
PyObject *py_recorder(PyObject *module, PyObject *const *args, Py_ssize_t count);

/* call.c */
int make_caller_type(PyObject *module);
PyObject *py_caller(PyObject *module, PyObject *args);

/* operators.c, attributes.c, and rows.h through rows.c */
extern PyType_Slot operator_slots[];
extern PyGetSetDef value_attributes[];
extern PyMemberDef value_members[];
PyObject *get_number(PyObject *self, void *nothing);
int value_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *value_vectorcall(PyObject *type, PyObject *const *args, size_t flags, PyObject *names);
extern Row *const compiled_rows;
extern const Py_ssize_t compiled_count;
extern const char *const compiled_text, *const compiled_sources;
extern const Row *const row_add, *const row_sub, *const row_mul, *const row_div, *const row_neg, *const row_abs, *const row_power,
    *const row_pow, *const row_greater, *const row_greater_equal, *const row_equal;

#endif
