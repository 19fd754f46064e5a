#pragma once

/*
 * Linux calls that glibc hides behind _GNU_SOURCE, which Swift's importer does not define. They are
 * declared here with the signatures of their manual pages. Nothing is implemented here but what glibc
 * has no function for: futex(2), which takes syscall(2), whose arguments vary, and a variable's value.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

extern int fallocate(int fd, int mode, off_t offset, off_t length);
extern int sync_file_range(int fd, off_t offset, off_t count, unsigned int flags);
extern ssize_t copy_file_range(int from, __off64_t *from_offset, int to, __off64_t *to_offset,
                               size_t count, unsigned int flags);
extern int renameat2(int from_directory, const char *from, int to_directory, const char *to,
                     unsigned int flags);
extern int sched_getaffinity(pid_t pid, size_t byte_count, cpu_set_t *mask);
extern int memfd_create(const char *name, unsigned int flags);
extern int gettid(void);
extern int sched_getcpu(void);
extern int pipe2(int descriptors[2], int flags);
/* Its actions are a posix_spawn_file_actions_t, whose header would bring types that Glibc has, too. */
extern int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
extern char **environ;

/* Flags of openat(2), linkat(2) and renameat2(2). */
enum {
    SLUICE_O_TMPFILE = 020000000 | O_DIRECTORY,
    SLUICE_O_PATH = 010000000,
    SLUICE_AT_EMPTY_PATH = 0x1000,
    SLUICE_RENAME_NOREPLACE = 1,
};

enum {
    SLUICE_SYNC_FILE_RANGE_WAIT_BEFORE = 1,
    SLUICE_SYNC_FILE_RANGE_WRITE = 2,
    SLUICE_SYNC_FILE_RANGE_WAIT_AFTER = 4,
};

/* Open file description locks (fcntl(2)): held by the descriptor, not by the process. */
enum {
    SLUICE_F_OFD_GETLK = 36,
    SLUICE_F_OFD_SETLK = 37,
    SLUICE_F_OFD_SETLKW = 38,
};

extern long syscall(long number, ...);
extern pid_t fork(void);

enum {
    SLUICE_FUTEX_WAIT = 0,
    SLUICE_FUTEX_WAKE = 1,
};

/*
 * futex(2) between processes: the word may lie in memory that they share. The timeout is no timespec,
 * which Swift would take for another type than Glibc's.
 */
static inline int sluice_futex_wait(const unsigned int *word, unsigned int expected,
                                    long timeout_nanoseconds) {
    struct timespec timeout = {timeout_nanoseconds / 1000000000, timeout_nanoseconds % 1000000000};
    return (int)syscall(SYS_futex, word, SLUICE_FUTEX_WAIT, expected, &timeout, (void *)0, 0);
}
static inline int sluice_futex_wake(const unsigned int *word, int thread_count) {
    return (int)syscall(SYS_futex, word, SLUICE_FUTEX_WAKE, thread_count, (void *)0, (void *)0, 0);
}

/* fork(2), which Swift's importer hides: a test has to see what becomes of a forked child. */
static inline pid_t sluice_fork(void) { return fork(); }

/* environ(7), a variable, which Swift would not let a thread read. */
static inline char **sluice_environment(void) { return environ; }

/* A flag of memfd_create(2). */
enum {
    SLUICE_MFD_CLOEXEC = 1,
};

enum {
    SLUICE_MADV_WIPEONFORK = 18,
    SLUICE_MADV_DONTDUMP = 16,
};

#ifdef __cplusplus
}
#endif
