/* Memory for nodes: slabs of 2 MB, each for nodes of one size.

   The next step of a training loop takes the memory of the last, and in the order of the addresses where a whole slab
   came back. A graph that fits no cache is bound by its memory: Linux is asked for huge pages, which come 512 times
   less often than small ones and are found faster. */

#include "value.h"

#if defined(_WIN32)
#include <malloc.h>
#else
#include <sys/mman.h>
#endif

enum { SIZES = 3, SLAB = 1 << 21, HEADER = 64, SPARE = 32 }; /* nodes of up to 2 inputs; at most 64 MB are kept that hold no node */

typedef struct Slab {
    struct Slab *next, *previous; /* of its size, of those that have room */
    Value *back;                  /* the places of nodes that came back */
    char *fresh, *end;            /* from fresh on no node has been yet; from end on none has room */
    Py_ssize_t used, n;           /* how many nodes there are, and how many inputs each has */
} Slab;

static Slab *roomy[SIZES]; /* the first of them is used */
static Slab *spare;
static int n_spare;

static inline size_t size_of(Py_ssize_t n) { return sizeof(Value) + (size_t)n * (sizeof(Value *) + sizeof(double)); }
static inline char *start(Slab *s) { return (char *)s + HEADER; }
static inline int is_full(const Slab *s) { return s->back == NULL && s->fresh == s->end; }

/* 2 MB that begin at a multiple of 2 MB, so that the address of a node says where its slab is. */
static Slab *from_system(int huge)
{
#if defined(_WIN32)
    (void)huge;
    return _aligned_malloc(SLAB, SLAB);
#else
    char *raw = mmap(NULL, 2 * (size_t)SLAB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (raw == MAP_FAILED)
        return NULL;
    size_t before = (SLAB - (uintptr_t)raw % SLAB) % SLAB;
    if (before > 0)
        munmap(raw, before);
    munmap(raw + before + SLAB, SLAB - before);
#if defined(MADV_HUGEPAGE)
    if (huge)
        madvise(raw + before, SLAB, MADV_HUGEPAGE);
#else
    (void)huge;
#endif
    return (Slab *)(raw + before);
#endif
}

static void to_system(Slab *s)
{
#if defined(_WIN32)
    _aligned_free(s);
#else
    munmap(s, SLAB);
#endif
}

static void list(Slab *s)
{
    s->previous = NULL;
    s->next = roomy[s->n];
    if (s->next != NULL)
        s->next->previous = s;
    roomy[s->n] = s;
}

static void unlist(Slab *s)
{
    if (s->next != NULL)
        s->next->previous = s->previous;
    if (s->previous != NULL)
        s->previous->next = s->next;
    else
        roomy[s->n] = s->next;
}

static Slab *open_slab(Py_ssize_t n)
{
    static int opened[SIZES];
    Slab *s = spare;
    if (s != NULL) {
        spare = s->next;
        n_spare--;
    } else if ((s = from_system(opened[n]++ > 0)) == NULL) /* small graphs do not touch all of the first */
        return NULL;
    s->back = NULL;
    s->fresh = start(s);
    s->end = start(s) + (SLAB - HEADER) / size_of(n) * size_of(n);
    s->used = 0;
    s->n = n;
    list(s);
    return s;
}

/* Memory for a node of n inputs, or NULL where the system has none. */
Value *take_memory(Py_ssize_t n)
{
    if (n >= SIZES)
        return PyObject_Malloc(size_of(n));
    Slab *s = roomy[n];
    if (s == NULL && (s = open_slab(n)) == NULL)
        return NULL;
    Value *v = s->back;
    if (v != NULL)
        s->back = v->next;
    else {
        v = (Value *)s->fresh;
        s->fresh += size_of(n);
    }
    s->used++;
    if (is_full(s))
        unlist(s);
    return v;
}

void give_memory(Value *v, Py_ssize_t n)
{
    if (n >= SIZES) {
        PyObject_Free(v);
        return;
    }
    Slab *s = (Slab *)((uintptr_t)v & ~(uintptr_t)(SLAB - 1));
    if (is_full(s))
        list(s);
    v->next = s->back;
    s->back = v;
    if (--s->used > 0)
        return;
    if (roomy[n] == s && s->next == NULL) { /* the last one of its size stays open */
        s->back = NULL;
        s->fresh = start(s);
        return;
    }
    unlist(s);
    if (n_spare == SPARE) {
        to_system(s);
        return;
    }
    s->next = spare;
    spare = s;
    n_spare++;
}
