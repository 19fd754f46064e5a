#pragma once

#include <stddef.h>
#include <sys/types.h>

/* fork(2), which Swift's importer hides: a test has to see what becomes of a forked child. */
pid_t process_fork(void);

/* Ends the process at once, as a forked child has to. */
void process_end(void) __attribute__((noreturn));

/*
 * LLVM's libFuzzer, where the program is linked with it. Arguments are given a byte at a time, each
 * ended by 0; an input is read likewise. One thread at a time.
 */
int fuzzer_is_linked(void);
void fuzzer_add_argument_byte(unsigned char byte);
size_t fuzzer_input_count(void);
unsigned char fuzzer_input_byte(size_t index);

/* Calls `body` for each input until what the arguments ask for is done, and ends the process. */
void fuzzer_run(void (*body)(void)) __attribute__((noreturn));
