/* What a call has left in the vector registers: nothing between it and this may use them. */
#include "VectorRegisters.h"

static unsigned char bytes[32 * 64];

unsigned char vector_registers_byte(size_t index) { return bytes[index]; }

size_t vector_registers_keep(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        __asm__ volatile(
        "vmovdqu64 %%zmm0, 0(%0)\n\t"
        "vmovdqu64 %%zmm1, 64(%0)\n\t"
        "vmovdqu64 %%zmm2, 128(%0)\n\t"
        "vmovdqu64 %%zmm3, 192(%0)\n\t"
        "vmovdqu64 %%zmm4, 256(%0)\n\t"
        "vmovdqu64 %%zmm5, 320(%0)\n\t"
        "vmovdqu64 %%zmm6, 384(%0)\n\t"
        "vmovdqu64 %%zmm7, 448(%0)\n\t"
        "vmovdqu64 %%zmm8, 512(%0)\n\t"
        "vmovdqu64 %%zmm9, 576(%0)\n\t"
        "vmovdqu64 %%zmm10, 640(%0)\n\t"
        "vmovdqu64 %%zmm11, 704(%0)\n\t"
        "vmovdqu64 %%zmm12, 768(%0)\n\t"
        "vmovdqu64 %%zmm13, 832(%0)\n\t"
        "vmovdqu64 %%zmm14, 896(%0)\n\t"
        "vmovdqu64 %%zmm15, 960(%0)\n\t"
        "vmovdqu64 %%zmm16, 1024(%0)\n\t"
        "vmovdqu64 %%zmm17, 1088(%0)\n\t"
        "vmovdqu64 %%zmm18, 1152(%0)\n\t"
        "vmovdqu64 %%zmm19, 1216(%0)\n\t"
        "vmovdqu64 %%zmm20, 1280(%0)\n\t"
        "vmovdqu64 %%zmm21, 1344(%0)\n\t"
        "vmovdqu64 %%zmm22, 1408(%0)\n\t"
        "vmovdqu64 %%zmm23, 1472(%0)\n\t"
        "vmovdqu64 %%zmm24, 1536(%0)\n\t"
        "vmovdqu64 %%zmm25, 1600(%0)\n\t"
        "vmovdqu64 %%zmm26, 1664(%0)\n\t"
        "vmovdqu64 %%zmm27, 1728(%0)\n\t"
        "vmovdqu64 %%zmm28, 1792(%0)\n\t"
        "vmovdqu64 %%zmm29, 1856(%0)\n\t"
        "vmovdqu64 %%zmm30, 1920(%0)\n\t"
        "vmovdqu64 %%zmm31, 1984(%0)\n\t"
            :: "r"(bytes) : "memory");
        return sizeof bytes;
    }
    __asm__ volatile(
        "movdqu %%xmm0, 0(%0)\n\t"
        "movdqu %%xmm1, 16(%0)\n\t"
        "movdqu %%xmm2, 32(%0)\n\t"
        "movdqu %%xmm3, 48(%0)\n\t"
        "movdqu %%xmm4, 64(%0)\n\t"
        "movdqu %%xmm5, 80(%0)\n\t"
        "movdqu %%xmm6, 96(%0)\n\t"
        "movdqu %%xmm7, 112(%0)\n\t"
        "movdqu %%xmm8, 128(%0)\n\t"
        "movdqu %%xmm9, 144(%0)\n\t"
        "movdqu %%xmm10, 160(%0)\n\t"
        "movdqu %%xmm11, 176(%0)\n\t"
        "movdqu %%xmm12, 192(%0)\n\t"
        "movdqu %%xmm13, 208(%0)\n\t"
        "movdqu %%xmm14, 224(%0)\n\t"
        "movdqu %%xmm15, 240(%0)\n\t"
        :: "r"(bytes) : "memory");
    return 16 * 16;
#else
    return 0;
#endif
}
