/* Counts the calls of malloc and its kin, of free and of mutexes on the thread that armed it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static __thread int armed;
static __thread long calls;

void count_start(void) { calls = 0; armed = 1; }
long count_stop(void) { armed = 0; return calls; }

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t n) { calls += armed; return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { calls += armed; return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { calls += armed; return __libc_realloc(p, n); }
void *memalign(size_t a, size_t n) { calls += armed; return __libc_memalign(a, n); }
void *aligned_alloc(size_t a, size_t n) { calls += armed; return __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) { calls += armed; *p = __libc_memalign(a, n); return *p ? 0 : 12; }
void free(void *p) { calls += armed; __libc_free(p); }

int pthread_mutex_lock(pthread_mutex_t *m) {
    static int (*lock)(pthread_mutex_t *);
    if (!lock) lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    calls += armed;
    return lock(m);
}
