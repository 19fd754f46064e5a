/*
 * Stands before libcrypto's EVP_CipherInit_ex2, by which every key and every nonce is given to AES-GCM,
 * and notes what is sealed with. The library under test is as it is shipped: whichever program links
 * this in finds this function first.
 *
 * Of a process PID it makes the file $SLUICE_SEALS.PID.seals: two words of which the first counts the
 * records, then records of two words, a hash of the key and one of the nonce. It is shared memory, so
 * kill -9 loses none; a forked child has a file of its own. Keys are hashed (SipHash-2-4), never kept.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "SealRecorder.h"

/* From libcrypto, whose headers are not needed for two functions. */
typedef int (*cipher_init)(void *, const void *, const unsigned char *, const unsigned char *, int,
                           const void *);
extern void EVP_CIPHER_CTX_set_app_data(void *context, void *data);
extern void *EVP_CIPHER_CTX_get_app_data(const void *context);

enum { capacity = 1 << 22, nonce_bytes = 12 };

struct record {
    uint64_t key, nonce;
};
struct file {
    _Atomic uint64_t count;
    uint64_t unused;
    struct record records[capacity];
};

static struct file *file;
static cipher_init next_init;

static void fail(const char *what) {
    perror(what);
    abort();
}

static void open_file(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s.%d.seals", getenv("SLUICE_SEALS"), (int)getpid());
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof *file) != 0) fail(path);
    file = mmap(NULL, sizeof *file, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (file == MAP_FAILED) fail(path);
    close(descriptor);
}

__attribute__((constructor)) static void begin(void) {
    next_init = (cipher_init)dlsym(RTLD_NEXT, "EVP_CipherInit_ex2");
    if (getenv("SLUICE_SEALS") == NULL) return;
    open_file();
    if (pthread_atfork(NULL, NULL, open_file) != 0) fail("pthread_atfork");
}

static uint64_t rotate(uint64_t word, int bits) { return word << bits | word >> (64 - bits); }

static void mix(uint64_t v[4]) {
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 of a few whole words, under a key that is no secret; never 0. */
static uint64_t hash(const unsigned char *bytes, size_t count) {
    uint64_t v[4] = {0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573};
    for (size_t offset = 0; offset < count; offset += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + offset, count - offset < 8 ? count - offset : 8);
        v[3] ^= word, mix(v), mix(v), v[0] ^= word;
    }
    v[2] ^= 0xff ^ count;
    mix(v), mix(v), mix(v), mix(v);
    uint64_t result = v[0] ^ v[1] ^ v[2] ^ v[3];
    return result != 0 ? result : 1;
}

int EVP_CipherInit_ex2(void *context, const void *cipher, const unsigned char *key,
                       const unsigned char *nonce, int is_sealing, const void *parameters) {
    if (file == NULL) return next_init(context, cipher, key, nonce, is_sealing, parameters);
    uint64_t key_hash = (uint64_t)(uintptr_t)EVP_CIPHER_CTX_get_app_data(context);
    if (key != NULL) key_hash = hash(key, 32);
    if (nonce != NULL && is_sealing != 0) {
        /* 1, or -1 for whatever it was before; and no seal without a key that was seen. */
        if (is_sealing != 1 || key_hash == 0) fail("a seal that can't be recorded");
        uint64_t index = atomic_fetch_add(&file->count, 1);
        if (index >= capacity) fail("too many seals for one process");
        file->records[index] = (struct record){key_hash, hash(nonce, nonce_bytes)};
    }
    int result = next_init(context, cipher, key, nonce, is_sealing, parameters);
    /* The context's own pointer, which nobody else uses: gone when it is reset, as the key is. */
    if (key != NULL) EVP_CIPHER_CTX_set_app_data(context, (void *)(uintptr_t)key_hash);
    return result;
}
