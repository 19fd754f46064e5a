/* Calls that Swift may not make outside SluiceNative, and only tests need. */
#include "ProcessCalls.h"

#include <stdlib.h>
#include <unistd.h>

pid_t process_fork(void) { return fork(); }

void process_end(void) { _exit(0); }

typedef int (*Callback)(const unsigned char *bytes, size_t count);

/* Nil unless scripts/fuzz has linked it. */
extern int LLVMFuzzerRunDriver(int *count, char ***arguments, Callback callback)
    __attribute__((weak));

enum { ARGUMENT_LIMIT = 64, TEXT_LIMIT = 1 << 16 };

static char text[TEXT_LIMIT] = "fuzz";
static size_t text_count = sizeof "fuzz";
static char *arguments[ARGUMENT_LIMIT + 1] = {text};
static int argument_count = 1;
static int is_within_argument;

static const unsigned char *input;
static size_t input_count;
static void (*run_input)(void);

int fuzzer_is_linked(void) { return LLVMFuzzerRunDriver != 0; }

void fuzzer_add_argument_byte(unsigned char byte) {
    if (text_count == TEXT_LIMIT || argument_count == ARGUMENT_LIMIT) abort();
    if (!is_within_argument) arguments[argument_count++] = text + text_count;
    is_within_argument = byte != 0;
    text[text_count++] = (char)byte;
}

size_t fuzzer_input_count(void) { return input_count; }

unsigned char fuzzer_input_byte(size_t index) {
    if (index >= input_count) abort();
    return input[index];
}

static int take(const unsigned char *bytes, size_t count) {
    input = bytes;
    input_count = count;
    run_input();
    return 0;
}

void fuzzer_run(void (*body)(void)) {
    run_input = body;
    char **values = arguments;
    exit(LLVMFuzzerRunDriver(&argument_count, &values, take));
}
