/* Faults at chosen file operations below one folder: a kill, a full disk, a disk that turned read-only.
 *
 * Loaded before libc (LD_PRELOAD), so SQLite, tantivy and Python all pass through here. fault_arm(prefix, at, mode) arms
 * it in the process that calls it; operations below `prefix` are counted from 1. KILL ends the process before operation
 * `at`. FULL lets no file grow from operation `at` on, except by what was given back; READ_ONLY refuses every change.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, FULL, READ_ONLY };
static char prefix[4096];
static long at, mode, count, room;
static int armed;

void fault_arm(const char *below, long operation, long what) {
    strncpy(prefix, below, sizeof prefix - 1);
    at = operation; mode = what; count = 0; room = 0; armed = 1;
}
long fault_count(void) { return count; }
int fault_struck(void) { return armed && count >= at; }

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int below(const char *path) { return armed && path && strncmp(path, prefix, strlen(prefix)) == 0; }
static int of(int fd) {
    char link[64], path[4096];
    if (!armed) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return below(path);
}
/* Count an operation that makes files grow by `growth` bytes; nonzero: refuse it, errno is set. */
static int strike(long growth) {
    count++;
    if (mode == KILL && count == at) { kill(getpid(), SIGKILL); pause(); }
    if (mode == READ_ONLY && count >= at) { errno = EROFS; return 1; }
    if (mode == FULL && count >= at) {
        if (growth > room) { errno = ENOSPC; return 1; }
        room -= growth;
    }
    return 0;
}
static long growth(int fd, off_t end) {
    struct stat s;
    return fstat(fd, &s) || end <= s.st_size ? 0 : end - s.st_size;
}
static void give_back(off_t bytes) { if (bytes > 0) room += bytes; }

ssize_t write(int fd, const void *b, size_t n) {
    REAL(write);
    if (of(fd)) {
        off_t where = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
        if (strike(growth(fd, where + n))) return -1;
    }
    return real(fd, b, n);
}
ssize_t writev(int fd, const struct iovec *v, int k) {
    REAL(writev);
    long n = 0;
    for (int i = 0; i < k; i++) n += v[i].iov_len;
    if (of(fd) && strike(growth(fd, lseek(fd, 0, SEEK_CUR) + n))) return -1;
    return real(fd, v, k);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
    REAL(pwrite64);
    if (of(fd) && strike(growth(fd, o + n))) return -1;
    return real(fd, b, n, o);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return pwrite64(fd, b, n, o); }
int posix_fallocate64(int fd, off64_t o, off64_t n) {
    REAL(posix_fallocate64);
    if (of(fd) && strike(growth(fd, o + n))) return errno;
    return real(fd, o, n);
}
int posix_fallocate(int fd, off_t o, off_t n) { return posix_fallocate64(fd, o, n); }
int fsync(int fd) { REAL(fsync); if (of(fd) && strike(0) && mode == KILL) return -1; return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); if (of(fd) && strike(0) && mode == KILL) return -1; return real(fd); }
int ftruncate64(int fd, off64_t n) {
    REAL(ftruncate64);
    struct stat s;
    if (of(fd)) { if (strike(growth(fd, n))) return -1; if (!fstat(fd, &s)) give_back(s.st_size - n); }
    return real(fd, n);
}
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int truncate64(const char *p, off64_t n) {
    REAL(truncate64);
    struct stat s;
    if (below(p)) { if (strike(0)) return -1; if (!stat(p, &s)) give_back(s.st_size - n); }
    return real(p, n);
}
int truncate(const char *p, off_t n) { return truncate64(p, n); }
int rename(const char *a, const char *b) { REAL(rename); if (below(b) && strike(0)) return -1; return real(a, b); }
int link(const char *a, const char *b) { REAL(link); if (below(b) && strike(0)) return -1; return real(a, b); }
int linkat(int d, const char *a, int e, const char *b, int f) {
    REAL(linkat); if (below(b) && strike(0)) return -1; return real(d, a, e, b, f);
}
int mkdir(const char *p, mode_t m) { REAL(mkdir); struct stat s; if (below(p) && stat(p, &s) && strike(4096)) return -1; return real(p, m); }
int chmod(const char *p, mode_t m) { REAL(chmod); if (below(p) && strike(0)) return -1; return real(p, m); }
int unlink(const char *p) {
    REAL(unlink);
    struct stat s;
    if (below(p)) { if (strike(0)) return -1; if (!stat(p, &s) && s.st_nlink == 1) give_back(s.st_size); }
    return real(p);
}
static int opening(const char *p, int flags) {
    struct stat s;
    if (!below(p)) return 0;
    if ((flags & O_CREAT) && stat(p, &s)) return strike(0);
    if (flags & O_TRUNC) return strike(0);
    if (mode == READ_ONLY && count >= at && (flags & O_ACCMODE) != O_RDONLY) { errno = EROFS; return 1; }
    return 0;
}
#define MODE(flags) mode_t m = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); m = va_arg(a, mode_t); va_end(a); }
int open(const char *p, int flags, ...) { MODE(flags); REAL(open); return opening(p, flags) ? -1 : real(p, flags, m); }
int open64(const char *p, int flags, ...) { MODE(flags); REAL(open64); return opening(p, flags) ? -1 : real(p, flags, m); }
int openat(int d, const char *p, int flags, ...) { MODE(flags); REAL(openat); return opening(p, flags) ? -1 : real(d, p, flags, m); }
int openat64(int d, const char *p, int flags, ...) { MODE(flags); REAL(openat64); return opening(p, flags) ? -1 : real(d, p, flags, m); }
