#pragma once

#include <stddef.h>

/* Keeps what is in the processor's vector registers now, and returns how many bytes that is; 0 on other
 * processors than x86-64. One thread at a time. */
size_t vector_registers_keep(void);

/* A byte of what was kept. */
unsigned char vector_registers_byte(size_t index);
