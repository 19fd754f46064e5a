#pragma once

/*
 * Linux calls that glibc hides behind _GNU_SOURCE, which Swift's importer does not define. They are
 * declared here with the signatures of their manual pages. Nothing is implemented here but what glibc
 * has no function for: futex(2), which takes syscall(2), whose arguments vary, a variable's value, and
 * the processor's vector registers.
 */
#include <fcntl.h>
#include <linux/stat.h>
#include <sched.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>

#ifdef __cplusplus
extern "C" {
#endif

extern int fallocate(int fd, int mode, off_t offset, off_t length);
extern int syncfs(int fd);
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
extern ssize_t splice(int from, __off64_t *from_offset, int to, __off64_t *to_offset, size_t count,
                      unsigned int flags);
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

/* A flag of splice(2). */
enum {
    SLUICE_SPLICE_F_NONBLOCK = 2,
};

/* A request of ioctl_tty(2): which terminal it is. */
#define SLUICE_TIOCGDEV 0x80045432UL

/* A whence of lseek(2). */
enum {
    SLUICE_SEEK_DATA = 3,
};

/* A tv_nsec of utimensat(2): the time stays. */
enum {
    SLUICE_UTIME_OMIT = (1 << 30) - 2,
};

/* Open file description locks (fcntl(2)): held by the descriptor, not by the process. */
enum {
    SLUICE_F_OFD_GETLK = 36,
    SLUICE_F_OFD_SETLK = 37,
    SLUICE_F_OFD_SETLKW = 38,
};

extern long syscall(long number, ...);

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

/*
 * When an open file was made, in nanoseconds since 1970, by statx(2); 0 where the file system doesn't keep
 * it, or the kernel doesn't tell.
 */
static inline long sluice_birth_time(int descriptor) {
    struct statx status;
    if (syscall(SYS_statx, descriptor, "", SLUICE_AT_EMPTY_PATH, STATX_BTIME, &status) != 0) return 0;
    if ((status.stx_mask & STATX_BTIME) == 0) return 0;
    return (long)status.stx_btime.tv_sec * 1000000000 + (long)status.stx_btime.tv_nsec;
}

/* environ(7), a variable, which Swift would not let a thread read. */
static inline char **sluice_environment(void) { return environ; }

/* Fills the vector registers with zeros, but for those that the caller's caller relies on. */
static inline void sluice_clear_vector_registers(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        /* Nobody but assembly code that asks the processor first uses these. */
        __asm__ volatile("vpxorq %zmm16, %zmm16, %zmm16\n\tvpxorq %zmm17, %zmm17, %zmm17\n\t"
                         "vpxorq %zmm18, %zmm18, %zmm18\n\tvpxorq %zmm19, %zmm19, %zmm19\n\t"
                         "vpxorq %zmm20, %zmm20, %zmm20\n\tvpxorq %zmm21, %zmm21, %zmm21\n\t"
                         "vpxorq %zmm22, %zmm22, %zmm22\n\tvpxorq %zmm23, %zmm23, %zmm23\n\t"
                         "vpxorq %zmm24, %zmm24, %zmm24\n\tvpxorq %zmm25, %zmm25, %zmm25\n\t"
                         "vpxorq %zmm26, %zmm26, %zmm26\n\tvpxorq %zmm27, %zmm27, %zmm27\n\t"
                         "vpxorq %zmm28, %zmm28, %zmm28\n\tvpxorq %zmm29, %zmm29, %zmm29\n\t"
                         "vpxorq %zmm30, %zmm30, %zmm30\n\tvpxorq %zmm31, %zmm31, %zmm31");
    }
#define SLUICE_VECTOR_REGISTERS                                                                       \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
        "xmm12", "xmm13", "xmm14", "xmm15"
    if (__builtin_cpu_supports("avx")) {
        /* All of zmm0 to zmm15, too. */
        __asm__ volatile("vzeroall" ::: SLUICE_VECTOR_REGISTERS);
    } else {
        __asm__ volatile("pxor %%xmm0, %%xmm0\n\tpxor %%xmm1, %%xmm1\n\tpxor %%xmm2, %%xmm2\n\t"
                         "pxor %%xmm3, %%xmm3\n\tpxor %%xmm4, %%xmm4\n\tpxor %%xmm5, %%xmm5\n\t"
                         "pxor %%xmm6, %%xmm6\n\tpxor %%xmm7, %%xmm7\n\tpxor %%xmm8, %%xmm8\n\t"
                         "pxor %%xmm9, %%xmm9\n\tpxor %%xmm10, %%xmm10\n\tpxor %%xmm11, %%xmm11\n\t"
                         "pxor %%xmm12, %%xmm12\n\tpxor %%xmm13, %%xmm13\n\t"
                         "pxor %%xmm14, %%xmm14\n\tpxor %%xmm15, %%xmm15" ::: SLUICE_VECTOR_REGISTERS);
    }
#undef SLUICE_VECTOR_REGISTERS
#elif defined(__aarch64__)
    __asm__ volatile("movi v0.2d, #0\n\tmovi v1.2d, #0\n\tmovi v2.2d, #0\n\tmovi v3.2d, #0\n\t"
                     "movi v4.2d, #0\n\tmovi v5.2d, #0\n\tmovi v6.2d, #0\n\tmovi v7.2d, #0\n\t"
                     "movi v16.2d, #0\n\tmovi v17.2d, #0\n\tmovi v18.2d, #0\n\tmovi v19.2d, #0\n\t"
                     "movi v20.2d, #0\n\tmovi v21.2d, #0\n\tmovi v22.2d, #0\n\tmovi v23.2d, #0\n\t"
                     "movi v24.2d, #0\n\tmovi v25.2d, #0\n\tmovi v26.2d, #0\n\tmovi v27.2d, #0\n\t"
                     "movi v28.2d, #0\n\tmovi v29.2d, #0\n\tmovi v30.2d, #0\n\tmovi v31.2d, #0" :::
                     "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20",
                     "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
#endif
}

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
