/* Counts, on the thread that armed it, what a real-time thread must not do: take memory, give it back, wait for a lock,
   take Python's interpreter lock. Loaded by LD_PRELOAD.

   The interpreter's lock is a mutex inside Python, whose address nobody tells. It is learnt: ctypes lets go of the lock
   around every call, so the mutexes taken between count_learn(1) and count_learn(0) are its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

enum { MALLOC, FREE, LOCK, GIL, KINDS };
enum { MOST = 16 };

static __thread int armed, learning;
static __thread long calls[KINDS];
static void *gil[MOST];
static int known;

void count_start(void) { memset(calls, 0, sizeof calls); armed = 1; }
void count_stop(long *sums) {
    armed = 0;
    for (int i = 0; i < KINDS; i++) sums[i] += calls[i];
}
void count_learn(int on) { learning = on; }
int count_learnt(void) { return known; }

static void count(int kind) { if (armed) calls[kind]++; }

static void lock(void *mutex) {
    int is_gil = 0;
    for (int i = 0; i < known; i++) is_gil |= gil[i] == mutex;
    if (learning && !is_gil && known < MOST) gil[known++] = mutex;
    count(is_gil ? GIL : LOCK);
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t n) { count(MALLOC); return __libc_malloc(n); }
void *calloc(size_t n, size_t m) { count(MALLOC); return __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { count(MALLOC); return __libc_realloc(p, n); }
void *memalign(size_t a, size_t n) { count(MALLOC); return __libc_memalign(a, n); }
void *aligned_alloc(size_t a, size_t n) { count(MALLOC); return __libc_memalign(a, n); }
int posix_memalign(void **p, size_t a, size_t n) { count(MALLOC); *p = __libc_memalign(a, n); return *p ? 0 : 12; }
void free(void *p) { if (p) count(FREE); __libc_free(p); }

#define NEXT(name, type) static type next; if (!next) next = (type)dlsym(RTLD_NEXT, #name)

typedef int (*one)(void *);
typedef int (*two)(void *, void *);
typedef int (*three)(void *, void *, const void *);

int pthread_mutex_lock(pthread_mutex_t *m) { NEXT(pthread_mutex_lock, one); lock(m); return next(m); }
int pthread_mutex_trylock(pthread_mutex_t *m) { NEXT(pthread_mutex_trylock, one); lock(m); return next(m); }
int pthread_rwlock_rdlock(pthread_rwlock_t *m) { NEXT(pthread_rwlock_rdlock, one); lock(m); return next(m); }
int pthread_rwlock_wrlock(pthread_rwlock_t *m) { NEXT(pthread_rwlock_wrlock, one); lock(m); return next(m); }
int sem_wait(sem_t *s) { NEXT(sem_wait, one); lock(s); return next(s); }
