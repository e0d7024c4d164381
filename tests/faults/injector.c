/* Faults at chosen file operations below one folder: a kill, a full disk, a disk that turned read-only.
 *
 * Loaded before libc (LD_PRELOAD), so SQLite, tantivy and Python all pass through here. fault_arm(prefix, at, mode) arms
 * it in the process that calls it; operations below `prefix` are counted from 1. KILL ends the process before operation
 * `at`. FULL lets no file grow from operation `at` on, except by what was given back since; READ_ONLY refuses every
 * change. PAUSE asks before every operation, by a byte written to fault_ask's first descriptor, and goes on when one
 * comes back on its second: what lies on the disk meanwhile is what a kill there would leave. One operation runs at a
 * time. fault_kinds() names each operation counted: G grew a file, B gave room back, S waited for the disk, C changed else.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, FULL, READ_ONLY, PAUSE };
enum { MOST = 1 << 16 };
static char prefix[4096], kinds[MOST + 1];
static long at, mode, count, room;
static int armed, ask, answer;
static pthread_mutex_t one = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void fault_arm(const char *below, long operation, long what) {
    strncpy(prefix, below, sizeof prefix - 1);
    at = operation; mode = what; count = 0; room = 0; armed = 1;
}
void fault_ask(int question, int reply) { ask = question; answer = reply; }
const char *fault_kinds(void) { return kinds; }

static int take(void) { return armed ? pthread_mutex_lock(&one), 1 : 0; }
static void leave(int *taken) { if (*taken) pthread_mutex_unlock(&one); }
#define REAL(name) \
    static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
    int taken __attribute__((cleanup(leave))) = take(); (void)taken

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
/* The path that `p` means below the open folder `d`, in `room_for`. */
static const char *at_folder(int d, const char *p, char *room_for) {
    char link[64];
    if (!armed || !p || *p == '/' || d == AT_FDCWD) return p;
    snprintf(link, sizeof link, "/proc/self/fd/%d", d);
    ssize_t n = readlink(link, room_for, 4000);
    if (n < 0) return p;
    snprintf(room_for + n, 4096 - n, "/%s", p);
    return room_for;
}
static void wait_for_answer(void) {
    char byte = 0;
    if (syscall(SYS_write, ask, &byte, 1) != 1 || read(answer, &byte, 1) != 1) _exit(3);
}
/* Count an operation of a kind that makes files grow by `growth` bytes; nonzero: refuse it, errno is set. */
static int strike(char kind, long growth) {
    if (count < MOST) kinds[count] = growth > 0 ? 'G' : kind;
    count++;
    if (mode == PAUSE) wait_for_answer();
    if (mode == KILL && count == at) { kill(getpid(), SIGKILL); pause(); }
    if (mode == READ_ONLY && count >= at && kind != 'S') { errno = EROFS; return 1; }
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
static void give_back(off_t bytes) { if (bytes > 0 && count >= at) room += bytes; }

ssize_t write(int fd, const void *b, size_t n) {
    REAL(write);
    if (of(fd)) {
        off_t where = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
        if (strike('C', growth(fd, where + n))) return -1;
    }
    return real(fd, b, n);
}
ssize_t writev(int fd, const struct iovec *v, int k) {
    REAL(writev);
    long n = 0;
    for (int i = 0; i < k; i++) n += v[i].iov_len;
    if (of(fd) && strike('C', growth(fd, lseek(fd, 0, SEEK_CUR) + n))) return -1;
    return real(fd, v, k);
}
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t o) {
    REAL(pwrite64);
    if (of(fd) && strike('C', growth(fd, o + n))) return -1;
    return real(fd, b, n, o);
}
ssize_t pwrite(int fd, const void *b, size_t n, off_t o) { return pwrite64(fd, b, n, o); }
int posix_fallocate64(int fd, off64_t o, off64_t n) {
    REAL(posix_fallocate64);
    if (of(fd) && strike('C', growth(fd, o + n))) return errno;
    return real(fd, o, n);
}
int posix_fallocate(int fd, off_t o, off_t n) { return posix_fallocate64(fd, o, n); }
int fsync(int fd) { REAL(fsync); if (of(fd)) strike('S', 0); return real(fd); }
int fdatasync(int fd) { REAL(fdatasync); if (of(fd)) strike('S', 0); return real(fd); }
int ftruncate64(int fd, off64_t n) {
    REAL(ftruncate64);
    struct stat s;
    if (of(fd)) { if (strike('B', growth(fd, n))) return -1; if (!fstat(fd, &s)) give_back(s.st_size - n); }
    return real(fd, n);
}
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int truncate64(const char *p, off64_t n) {
    REAL(truncate64);
    struct stat s;
    if (below(p)) { if (strike('B', 0)) return -1; if (!stat(p, &s)) give_back(s.st_size - n); }
    return real(p, n);
}
int truncate(const char *p, off_t n) { return truncate64(p, n); }
#define CHANGES(path) if (below(path) && strike('C', 0)) return -1
int rename(const char *a, const char *b) { REAL(rename); CHANGES(b); return real(a, b); }
int renameat(int d, const char *a, int e, const char *b) {
    REAL(renameat); char f[4096]; CHANGES(at_folder(e, b, f)); return real(d, a, e, b);
}
int renameat2(int d, const char *a, int e, const char *b, unsigned flags) {
    REAL(renameat2); char f[4096]; CHANGES(at_folder(e, b, f)); return real(d, a, e, b, flags);
}
int link(const char *a, const char *b) { REAL(link); CHANGES(b); return real(a, b); }
int linkat(int d, const char *a, int e, const char *b, int flags) {
    REAL(linkat); char f[4096]; CHANGES(at_folder(e, b, f)); return real(d, a, e, b, flags);
}
int symlink(const char *a, const char *b) { REAL(symlink); CHANGES(b); return real(a, b); }
int chmod(const char *p, mode_t m) { REAL(chmod); CHANGES(p); return real(p, m); }
int fchmod(int fd, mode_t m) { REAL(fchmod); if (of(fd) && strike('C', 0)) return -1; return real(fd, m); }
int rmdir(const char *p) { REAL(rmdir); CHANGES(p); return real(p); }
int mkdir(const char *p, mode_t m) {
    REAL(mkdir);
    struct stat s;
    if (below(p) && stat(p, &s) && strike('G', 4096)) return -1;
    return real(p, m);
}
static int unlinking(const char *p) {
    struct stat s;
    if (!below(p) || lstat(p, &s)) return 0; /* what is not there is not removed: no change */
    if (strike('B', 0)) return -1;
    if (s.st_nlink == 1) give_back(s.st_size);
    return 0;
}
int unlink(const char *p) { REAL(unlink); return unlinking(p) ? -1 : real(p); }
int unlinkat(int d, const char *p, int flags) {
    REAL(unlinkat); char f[4096]; return unlinking(at_folder(d, p, f)) ? -1 : real(d, p, flags);
}
ssize_t sendfile64(int out, int in, off64_t *from, size_t n) {
    REAL(sendfile64);
    struct stat s;
    if (of(out) && !fstat(in, &s)) {
        off_t rest = s.st_size - (from ? *from : lseek(in, 0, SEEK_CUR)), where = lseek(out, 0, SEEK_CUR);
        if (rest > (off_t)n) rest = n;
        if (rest > 0 && strike('C', growth(out, where + rest))) return -1;
    }
    return real(out, in, from, n);
}
ssize_t sendfile(int out, int in, off_t *from, size_t n) { return sendfile64(out, in, from, n); }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
    REAL(copy_file_range);
    if (of(out)) { errno = EXDEV; return -1; } /* the caller copies by reading and writing */
    return real(in, from, out, to, n, flags);
}
/* 1: refused. `p` is the path as opened, made whole. */
static int opening(const char *p, int flags) {
    struct stat s;
    if (!below(p)) return 0;
    if ((flags & O_CREAT) && stat(p, &s)) return strike('C', 0);
    if (flags & O_TRUNC) return strike('C', 0);
    if (mode == READ_ONLY && count >= at && (flags & O_ACCMODE) != O_RDONLY) { errno = EROFS; return 1; }
    return 0;
}
#define MODE(flags) mode_t m = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, flags); m = va_arg(a, mode_t); va_end(a); }
int open(const char *p, int flags, ...) { MODE(flags); REAL(open); return opening(p, flags) ? -1 : real(p, flags, m); }
int open64(const char *p, int flags, ...) { MODE(flags); REAL(open64); return opening(p, flags) ? -1 : real(p, flags, m); }
int openat(int d, const char *p, int flags, ...) { MODE(flags); REAL(openat); char f[4096]; return opening(at_folder(d, p, f), flags) ? -1 : real(d, p, flags, m); }
int openat64(int d, const char *p, int flags, ...) { MODE(flags); REAL(openat64); char f[4096]; return opening(at_folder(d, p, f), flags) ? -1 : real(d, p, flags, m); }
