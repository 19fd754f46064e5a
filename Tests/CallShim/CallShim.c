// Stands between a process and the C library, when it is preloaded (LD_PRELOAD), and sees every call that
// changes or syncs files below one directory, whoever makes it: Sluice or SQLite. It records them in one
// order, or has one of them fail. It is commanded by opening a path that starts with /.call-shim/, one word
// or number a line:
//
//     record ROOT LOG          records from now on what changes below ROOT, in the file LOG
//     mark TEXT                notes TEXT among what is recorded
//     fault ROOT NTH WHAT      has call NTH (from 1) below ROOT fail: WHAT is an errno, or -1 for a transfer
//                              of half the bytes; with a + before NTH all later ones too, with an s before
//                              that only the syncs of files count; with a k before all that the process
//                              is killed as its sync fails, or else before it makes the call
//     status                   opens a text: how many calls that can fail there were, whether one has, and
//                              which
//     stop                     ends recording and failing
//
// Variables of the environment hold for the whole process: with CALL_SHIM_NAMED_FILES no file can be made
// without a name, as on file systems that don't know such; CALL_SHIM_KILL or CALL_SHIM_STOP has the process
// killed or stopped before it renames something whose name begins so; with CALL_SHIM_UNREADABLE every
// pread of a file whose path ends so fails with EIO, as on a bad sector.
//
// A record: kind u8, descriptor i32, second i32, flags i32, offset i64, two lengths u32, then that many
// bytes twice; numbers as the machine has them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { pathSize = 4096, descriptorLimit = 4096 };

// What a record is of. TortureKit has the same list.
enum Kind {
    kindMark = 1, kindOpen, kindWrite, kindTruncate, kindAllocate, kindSync, kindLink, kindUnlink,
    kindRename, kindMakeDirectory, kindRemoveDirectory, kindFailedSync, kindSyncAll, kindFailedSyncAll
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool isActive;

// All below belongs to who holds the mutex.
static char root[pathSize];
static size_t rootLength;
static int logDescriptor = -1;
static long faultCall, faultKind, callCount;
static bool faultGoesOn, faultKills, faultsSyncs, hasFired;
static char firedCall[32], firedPath[pathSize];

// Which file below the root a descriptor was opened for: a number that was closed behind our back and is
// another file's by now is told by its inode.
static struct { dev_t device; ino_t inode; bool isOurs; } ours[descriptorLimit];

// --- The system -----------------------------------------------------------------------------------

static int systemOpen(int directory, const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

static bool isOurs(int descriptor) {
    if (descriptor < 0 || descriptor >= descriptorLimit || !ours[descriptor].isOurs) return false;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && status.st_ino == ours[descriptor].inode
        && status.st_dev == ours[descriptor].device)
        return true;
    ours[descriptor].isOurs = false;
    return false;
}

static void note(int descriptor, bool isInside) {
    if (descriptor < 0 || descriptor >= descriptorLimit) return;
    ours[descriptor].isOurs = false;
    struct stat status;
    if (!isInside || fstat(descriptor, &status) != 0) return;
    ours[descriptor].device = status.st_dev;
    ours[descriptor].inode = status.st_ino;
    ours[descriptor].isOurs = true;
}

static void pathOf(int descriptor, char *result) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, result, pathSize - 1);
    result[length < 0 ? 0 : length] = 0;
}

// The absolute path that a call means, relative to the root; NULL if it lies elsewhere.
static const char *inside(int directory, const char *path, char *buffer) {
    if (path[0] == '/') {
        if (strlen(path) >= pathSize) return NULL;
        strcpy(buffer, path);
    } else {
        if (directory == AT_FDCWD) {
            if (!getcwd(buffer, pathSize)) return NULL;
        } else {
            pathOf(directory, buffer);
        }
        size_t length = strlen(buffer);
        if (strcmp(path, ".") != 0) snprintf(buffer + length, pathSize - length, "/%s", path);
    }
    size_t length = strlen(buffer);
    while (length > 1 && buffer[length - 1] == '/') buffer[--length] = 0;
    // vaults/.. is how a directory's parent is opened.
    if (length > 3 && strcmp(buffer + length - 3, "/..") == 0) {
        buffer[length - 3] = 0;
        char *slash = strrchr(buffer, '/');
        if (slash) *slash = 0;
    }
    if (strncmp(buffer, root, rootLength) != 0) return NULL;
    if (buffer[rootLength] == 0) return "";
    return buffer[rootLength] == '/' ? buffer + rootLength + 1 : NULL;
}

// --- Recording ------------------------------------------------------------------------------------

static void record(
    enum Kind kind, int descriptor, int second, int flags, int64_t offset, const void *first,
    size_t firstLength, const char *text
) {
    if (logDescriptor < 0) return;
    struct __attribute__((packed)) {
        uint8_t kind;
        int32_t descriptor, second, flags;
        int64_t offset;
        uint32_t lengths[2];
    } head = {
        (uint8_t)kind, descriptor, second, flags, offset,
        {(uint32_t)firstLength, text ? (uint32_t)strlen(text) : 0}};
    struct iovec parts[3] = {
        {&head, sizeof head}, {(void *)first, firstLength}, {(void *)text, head.lengths[1]}};
    size_t length = sizeof head + firstLength + head.lengths[1];
    if (syscall(SYS_writev, logDescriptor, parts, 3) != (long)length) abort();
}

static void recordPaths(enum Kind kind, int descriptor, int flags, const char *a, const char *b) {
    record(kind, descriptor, -1, flags, 0, a, strlen(a), b);
}

// --- Failing --------------------------------------------------------------------------------------

enum Fault { none, failed, halved };

// Counts a call that could fail; tells whether this one does.
static enum Fault fault(const char *call, const char *path, bool isTransfer, bool isFileSync) {
    if (faultsSyncs && !isFileSync) return none;
    callCount++;
    if (faultCall == 0) return none;
    if (faultGoesOn ? callCount < faultCall : callCount != faultCall) return none;
    // What can't be halved is left alone.
    if (faultKind == -1 && !isTransfer) return none;
    if (!hasFired) {
        snprintf(firedCall, sizeof firedCall, "%s", call);
        snprintf(firedPath, sizeof firedPath, "%s", path);
    }
    hasFired = true;
    if (faultKills && !faultsSyncs) raise(SIGKILL);
    if (faultKind == -1) return halved;
    errno = (int)faultKind;
    return failed;
}

static enum Fault faultOf(const char *call, int descriptor, bool isTransfer) {
    char path[pathSize];
    pathOf(descriptor, path);
    bool isInside = strncmp(path, root, rootLength) == 0;
    struct stat status;
    bool isFileSync = (!strcmp(call, "fsync") || !strcmp(call, "fdatasync"))
        && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    return fault(
        call, isInside && path[rootLength] ? path + rootLength + 1 : path, isTransfer, isFileSync);
}

// --- Commands -------------------------------------------------------------------------------------

static void stop(void) {
    if (logDescriptor >= 0) syscall(SYS_close, logDescriptor);
    logDescriptor = -1;
    faultCall = 0;
    faultKills = faultsSyncs = false;
    atomic_store(&isActive, false);
}

static void begin(const char *path) {
    stop();
    snprintf(root, sizeof root, "%s", path);
    rootLength = strlen(root);
    callCount = 0;
    hasFired = false;
    memset(ours, 0, sizeof ours);
    atomic_store(&isActive, true);
}

static int status(void) {
    char text[pathSize + 128];
    int length = snprintf(
        text, sizeof text, "%ld\n%d\n%s\n%s\n", callCount, hasFired, hasFired ? firedCall : "",
        hasFired ? firedPath : "");
    int descriptor = memfd_create("call-shim", MFD_CLOEXEC);
    if (descriptor < 0 || syscall(SYS_pwrite64, descriptor, text, length, 0) != length) abort();
    return descriptor;
}

static int command(const char *text) {
    char copy[3 * pathSize], *rest = copy;
    snprintf(copy, sizeof copy, "%s", text);
    char *word = strsep(&rest, "\n");
    int result = 0;
    pthread_mutex_lock(&mutex);
    if (!strcmp(word, "record")) {
        begin(strsep(&rest, "\n"));
        logDescriptor = systemOpen(
            AT_FDCWD, rest, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
        if (logDescriptor < 0) abort();
    } else if (!strcmp(word, "mark")) {
        record(kindMark, -1, -1, 0, 0, rest, strlen(rest), NULL);
    } else if (!strcmp(word, "fault")) {
        char *path = strsep(&rest, "\n"), *nth = strsep(&rest, "\n");
        // Beside a recording of the same directory.
        if (logDescriptor < 0 || strcmp(path, root) != 0) begin(path);
        callCount = 0;
        hasFired = false;
        faultKills = nth[0] == 'k';
        nth += faultKills;
        faultsSyncs = nth[0] == 's';
        nth += faultsSyncs;
        faultGoesOn = nth[0] == '+';
        faultCall = atol(nth + faultGoesOn);
        faultKind = atol(rest);
    } else if (!strcmp(word, "status")) {
        result = status();
    } else if (!strcmp(word, "stop")) {
        stop();
    } else {
        abort();
    }
    pthread_mutex_unlock(&mutex);
    return result ? result : systemOpen(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
}

// --- Opening and closing --------------------------------------------------------------------------

static int openAt(int directory, const char *path, int flags, mode_t mode) {
    static const char prefix[] = "/.call-shim/";
    if ((flags & O_TMPFILE) == O_TMPFILE && getenv("CALL_SHIM_NAMED_FILES")) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (!strncmp(path, prefix, sizeof prefix - 1)) return command(path + sizeof prefix - 1);
    if (!atomic_load(&isActive)) return systemOpen(directory, path, flags, mode);
    char buffer[pathSize];
    pthread_mutex_lock(&mutex);
    const char *name = inside(directory, path, buffer);
    int result = -1;
    if (!name || fault("open", name, false, false) == none) {
        result = systemOpen(directory, path, flags, mode);
        int number = errno;
        note(result, name != NULL);
        if (name && result >= 0) recordPaths(kindOpen, result, flags, name, NULL);
        errno = number;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

static mode_t modeOf(int flags, va_list arguments) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN_AT(function)                                                                          \
    int function(int directory, const char *path, int flags, ...) {                                \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = modeOf(flags, arguments);                                                    \
        va_end(arguments);                                                                         \
        return openAt(directory, path, flags, mode);                                               \
    }
OPEN_AT(openat)
OPEN_AT(openat64)

#define OPEN(function)                                                                             \
    int function(const char *path, int flags, ...) {                                               \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t mode = modeOf(flags, arguments);                                                    \
        va_end(arguments);                                                                         \
        return openAt(AT_FDCWD, path, flags, mode);                                                \
    }
OPEN(open)
OPEN(open64)

int creat(const char *path, mode_t mode) {
    return openAt(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int descriptor) {
    if (atomic_load(&isActive)) {
        pthread_mutex_lock(&mutex);
        if (descriptor >= 0 && descriptor < descriptorLimit) ours[descriptor].isOurs = false;
        pthread_mutex_unlock(&mutex);
    }
    return (int)syscall(SYS_close, descriptor);
}

// --- Transfers ------------------------------------------------------------------------------------

// Makes a call on a descriptor: `real` uses `byteCount`, which a fault halves.
#define TRANSFER(call, real, recorded)                                                             \
    if (!atomic_load(&isActive)) return (ssize_t)(real);                                           \
    pthread_mutex_lock(&mutex);                                                                    \
    ssize_t result = -1;                                                                           \
    bool isInside = isOurs(descriptor);                                                            \
    enum Fault outcome = isInside ? faultOf(call, descriptor, byteCount > 1) : none;               \
    if (outcome == halved) byteCount /= 2;                                                         \
    if (outcome != failed) {                                                                       \
        result = (ssize_t)(real);                                                                  \
        int number = errno;                                                                        \
        if (isInside && result > 0) { recorded; }                                                  \
        errno = number;                                                                            \
    }                                                                                              \
    pthread_mutex_unlock(&mutex);                                                                  \
    return result;

ssize_t write(int descriptor, const void *bytes, size_t byteCount) {
    TRANSFER(
        "write", syscall(SYS_write, descriptor, bytes, byteCount),
        record(
            kindWrite, descriptor, -1, 0, lseek(descriptor, 0, SEEK_CUR) - result, bytes,
            (size_t)result, NULL))
}

ssize_t pwrite(int descriptor, const void *bytes, size_t byteCount, off_t offset) {
    TRANSFER(
        "pwrite", syscall(SYS_pwrite64, descriptor, bytes, byteCount, offset),
        record(kindWrite, descriptor, -1, 0, offset, bytes, (size_t)result, NULL))
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t byteCount, off64_t offset) {
    return pwrite(descriptor, bytes, byteCount, offset);
}

ssize_t read(int descriptor, void *bytes, size_t byteCount) {
    TRANSFER("read", syscall(SYS_read, descriptor, bytes, byteCount), )
}

static bool isUnreadable(int descriptor) {
    const char *end = getenv("CALL_SHIM_UNREADABLE");
    if (!end) return false;
    char path[pathSize];
    pathOf(descriptor, path);
    size_t length = strlen(path), endLength = strlen(end);
    return length >= endLength && !strcmp(path + length - endLength, end);
}

ssize_t pread(int descriptor, void *bytes, size_t byteCount, off_t offset) {
    if (isUnreadable(descriptor)) {
        errno = EIO;
        return -1;
    }
    TRANSFER("pread", syscall(SYS_pread64, descriptor, bytes, byteCount, offset), )
}
ssize_t pread64(int descriptor, void *bytes, size_t byteCount, off64_t offset) {
    return pread(descriptor, bytes, byteCount, offset);
}

// What a copy in the kernel wrote is read back, to be recorded.
static void recordCopied(int descriptor, int64_t offset, size_t byteCount) {
    void *bytes = malloc(byteCount);
    if (!bytes || syscall(SYS_pread64, descriptor, bytes, byteCount, offset) != (long)byteCount)
        abort();
    record(kindWrite, descriptor, -1, 0, offset, bytes, byteCount, NULL);
    free(bytes);
}

ssize_t copy_file_range(
    int source, off64_t *from, int descriptor, off64_t *to, size_t byteCount, unsigned flags
) {
    int64_t offset = to ? *to : lseek(descriptor, 0, SEEK_CUR);
    TRANSFER(
        "copy_file_range",
        syscall(SYS_copy_file_range, source, from, descriptor, to, byteCount, flags),
        recordCopied(descriptor, offset, (size_t)result))
}

// Nobody here calls these; should somebody begin to, the recording is not complete.
ssize_t sendfile(int descriptor, int source, off_t *offset, size_t byteCount) {
    if (atomic_load(&isActive) && isOurs(descriptor)) abort();
    return (ssize_t)syscall(SYS_sendfile, descriptor, source, offset, byteCount);
}
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    if (atomic_load(&isActive) && isOurs(descriptor)) abort();
    return (ssize_t)syscall(SYS_writev, descriptor, parts, count);
}
int truncate(const char *path, off_t byteCount) {
    if (atomic_load(&isActive)) abort();
    return (int)syscall(SYS_truncate, path, byteCount);
}

// --- Length and durability ------------------------------------------------------------------------

// Makes a call that does something to a descriptor's file as a whole.
#define CHANGE(call, real, recorded, recordedFailure)                                              \
    if (!atomic_load(&isActive)) return (int)(real);                                               \
    pthread_mutex_lock(&mutex);                                                                    \
    int result = -1;                                                                               \
    bool isInside = isOurs(descriptor);                                                            \
    bool isFailed = isInside && faultOf(call, descriptor, false) == failed;                        \
    if (!isFailed) result = (int)(real);                                                           \
    int number = errno;                                                                            \
    if (isInside && result == 0) { recorded; }                                                     \
    if (isInside && result != 0) { recordedFailure; }                                              \
    if (isFailed && faultKills) raise(SIGKILL);                                                    \
    errno = number;                                                                                \
    pthread_mutex_unlock(&mutex);                                                                  \
    return result;

int ftruncate(int descriptor, off_t byteCount) {
    CHANGE(
        "ftruncate", syscall(SYS_ftruncate, descriptor, byteCount),
        record(kindTruncate, descriptor, -1, 0, byteCount, NULL, 0, NULL), )
}
int ftruncate64(int descriptor, off64_t byteCount) { return ftruncate(descriptor, byteCount); }

int fallocate(int descriptor, int mode, off_t offset, off_t byteCount) {
    CHANGE(
        "fallocate", syscall(SYS_fallocate, descriptor, mode, offset, byteCount),
        record(kindAllocate, descriptor, -1, mode, offset + byteCount, NULL, 0, NULL), )
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t byteCount) {
    return fallocate(descriptor, mode, offset, byteCount);
}
int posix_fallocate(int descriptor, off_t offset, off_t byteCount) {
    return fallocate(descriptor, 0, offset, byteCount) == 0 ? 0 : errno;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t byteCount) {
    return posix_fallocate(descriptor, offset, byteCount);
}

int fsync(int descriptor) {
    CHANGE(
        "fsync", syscall(SYS_fsync, descriptor),
        record(kindSync, descriptor, -1, 0, 0, NULL, 0, NULL),
        record(kindFailedSync, descriptor, -1, 0, 0, NULL, 0, NULL))
}

int fdatasync(int descriptor) {
    CHANGE(
        "fdatasync", syscall(SYS_fdatasync, descriptor),
        record(kindSync, descriptor, -1, 0, 0, NULL, 0, NULL),
        record(kindFailedSync, descriptor, -1, 0, 0, NULL, 0, NULL))
}

int syncfs(int descriptor) {
    CHANGE(
        "syncfs", syscall(SYS_syncfs, descriptor),
        record(kindSyncAll, descriptor, -1, 0, 0, NULL, 0, NULL),
        record(kindFailedSyncAll, descriptor, -1, 0, 0, NULL, 0, NULL))
}

int sync_file_range(int descriptor, off64_t offset, off64_t byteCount, unsigned flags) {
    CHANGE(
        "sync_file_range", syscall(SYS_sync_file_range, descriptor, offset, byteCount, flags), , )
}

int fchmod(int descriptor, mode_t mode) {
    CHANGE("fchmod", syscall(SYS_fchmod, descriptor, mode), , )
}

// --- Names ----------------------------------------------------------------------------------------

// Makes a call on a name, which lies at `name` below the root.
#define NAME(call, directory, path, real, recorded)                                                \
    if (!atomic_load(&isActive)) return (int)(real);                                               \
    char buffer[pathSize];                                                                         \
    pthread_mutex_lock(&mutex);                                                                    \
    const char *name = inside(directory, path, buffer);                                            \
    int result = -1;                                                                               \
    if (!name || fault(call, name, false, false) == none) {                                               \
        result = (int)(real);                                                                      \
        int number = errno;                                                                        \
        if (name && result == 0) { recorded; }                                                     \
        errno = number;                                                                            \
    }                                                                                              \
    pthread_mutex_unlock(&mutex);                                                                  \
    return result;

int linkat(int source, const char *from, int target, const char *to, int flags) {
    char buffer2[pathSize];
    int linked = -1;
    const char *old = NULL;
    if (flags & AT_EMPTY_PATH && !from[0]) linked = source;
    else if (!strncmp(from, "/proc/self/fd/", 14)) linked = atoi(from + 14);
    else if (atomic_load(&isActive)) old = inside(source, from, buffer2);
    NAME(
        "linkat", target, to, syscall(SYS_linkat, source, from, target, to, flags),
        recordPaths(kindLink, linked, 0, name, old))
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    NAME(
        "unlinkat", directory, path, syscall(SYS_unlinkat, directory, path, flags),
        recordPaths(
            flags & AT_REMOVEDIR ? kindRemoveDirectory : kindUnlink, -1, 0, name, NULL))
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

static void signalAt(const char *variable, int number, const char *name) {
    const char *prefix = getenv(variable);
    if (prefix && !strncmp(name, prefix, strlen(prefix))) kill(getpid(), number);
}

int renameat2(int source, const char *from, int target, const char *to, unsigned flags) {
    signalAt("CALL_SHIM_KILL", SIGKILL, from);
    signalAt("CALL_SHIM_STOP", SIGSTOP, from);
    char buffer2[pathSize];
    const char *old = atomic_load(&isActive) ? inside(source, from, buffer2) : NULL;
    NAME(
        "renameat", target, to, syscall(SYS_renameat2, source, from, target, to, flags),
        recordPaths(kindRename, -1, (int)flags, name, old))
}
int renameat(int source, const char *from, int target, const char *to) {
    return renameat2(source, from, target, to, 0);
}
int rename(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdirat(int directory, const char *path, mode_t mode) {
    NAME(
        "mkdirat", directory, path, syscall(SYS_mkdirat, directory, path, mode),
        recordPaths(kindMakeDirectory, -1, 0, name, NULL))
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int symlinkat(const char *target, int directory, const char *path) {
    if (atomic_load(&isActive)) abort();
    return (int)syscall(SYS_symlinkat, target, directory, path);
}
int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }
