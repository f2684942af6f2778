/* A disk that fails as it is told, for a process that is started with this in LD_PRELOAD.

   Below the folder $FAILING nothing can be written while the number in the file $FAILURE, an int in memory that is
   shared with whoever writes it, is not 0: it is the errno. Full disks still let files be removed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 65536
static char inside[FILES]; /* descriptors of files of the folder that are open for writing */
static volatile int *failure;
static const char *folder;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAILURE");
    int descriptor = file ? syscall(2 /* open */, file, O_RDONLY) : -1;
    folder = getenv("FAILING");
    if (descriptor >= 0 && folder) failure = mmap(0, sizeof(int), PROT_READ, MAP_SHARED, descriptor, 0);
}

static int below(const char *path) {
    return failure && failure != MAP_FAILED && folder && path && !strncmp(path, folder, strlen(folder));
}

static int fails(int concerned) {
    if (!concerned || !*failure) return 0;
    errno = *failure;
    return 1;
}

static int opened(int descriptor, const char *path, int writes) {
    if (descriptor >= 0 && descriptor < FILES) inside[descriptor] = writes && below(path);
    return descriptor;
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define MODE int mode = 0; if (flags & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, int); va_end(rest); }
#define WRITES (flags & (O_WRONLY | O_RDWR | O_CREAT))

int open(const char *path, int flags, ...) {
    REAL(open); MODE
    return WRITES && fails(below(path)) ? -1 : opened(real(path, flags, mode), path, WRITES);
}
int open64(const char *path, int flags, ...) {
    REAL(open64); MODE
    return WRITES && fails(below(path)) ? -1 : opened(real(path, flags, mode), path, WRITES);
}
int openat(int at, const char *path, int flags, ...) {
    REAL(openat); MODE
    return WRITES && fails(below(path)) ? -1 : opened(real(at, path, flags, mode), path, WRITES);
}
int openat64(int at, const char *path, int flags, ...) {
    REAL(openat64); MODE
    return WRITES && fails(below(path)) ? -1 : opened(real(at, path, flags, mode), path, WRITES);
}

#define KNOWN(d) ((d) >= 0 && (d) < FILES && inside[d])
static int grows(int d, off_t end) { /* or not: what a file has it keeps, and may be overwritten */
    struct stat about;
    return KNOWN(d) && (!failure || *failure != ENOSPC || fstat(d, &about) || end > about.st_size);
}
ssize_t write(int d, const void *x, size_t n) {
    REAL(write);
    return KNOWN(d) && fails(grows(d, lseek(d, 0, SEEK_CUR) + (off_t)n)) ? -1 : real(d, x, n);
}
ssize_t pwrite(int d, const void *x, size_t n, off_t o) { REAL(pwrite); return fails(grows(d, o + (off_t)n)) ? -1 : real(d, x, n, o); }
ssize_t pwrite64(int d, const void *x, size_t n, off64_t o) { REAL(pwrite64); return fails(grows(d, o + (off_t)n)) ? -1 : real(d, x, n, o); }
int fsync(int d) { REAL(fsync); return fails(KNOWN(d) && failure && *failure != ENOSPC) ? -1 : real(d); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); return fails(below(path)) ? -1 : real(path, mode); }
int rename(const char *from, const char *to) { REAL(rename); return fails(below(from) && *failure != ENOSPC) ? -1 : real(from, to); }
int unlink(const char *path) { REAL(unlink); return fails(below(path) && *failure != ENOSPC) ? -1 : real(path); }
