#pragma once

#include <stddef.h>

/* The most bytes that vector_registers() writes. */
enum { VECTOR_REGISTER_BYTES = 32 * 64 };

/* Writes what is in the processor's vector registers, and returns how many bytes that is; 0 on other
 * processors than x86-64. */
size_t vector_registers(unsigned char *bytes);
