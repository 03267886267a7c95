/*
 * What this machine can do at most by these instructions, for benchmarks to compare with: MachineLimits.java. The sums are
 * handed back so that nothing is left out for not being used.
 */
#include "kernels.h"
#include "simd.h"

#define SUMS 8

/* `rounds` times 8 products of 64 bytes with 64 bytes, on registers alone. */
EXPORT int64_t LEVEL_NAME(limit_int8)(int64_t rounds) {
    vi sums[SUMS], w = vi_set1(0x01020304), x = vi_set1(0x04030201);
    UNROLL
    for (int i = 0; i < SUMS; i++) sums[i] = vi_set1(i);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL
        for (int i = 0; i < SUMS; i++) sums[i] = vi_dot4(sums[i], w, x);
    }
    int64_t sum = 0;
    for (int i = 0; i < SUMS; i++) sum += vi_sum(sums[i]);
    return sum;
}

/* `rounds` times 8 fused products of 16 floats, on registers alone. */
EXPORT float LEVEL_NAME(limit_float)(int64_t rounds) {
    vf sums[SUMS], w = vf_set1(1e-6f), x = vf_set1(0.5f);
    UNROLL
    for (int i = 0; i < SUMS; i++) sums[i] = vf_set1((float)i);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL
        for (int i = 0; i < SUMS; i++) sums[i] = vf_fma(sums[i], x, w);
    }
    float sum = 0;
    for (int i = 0; i < SUMS; i++) sum += vf_fold(sums[i]);
    return sum;
}

/* Reads memory from one end to the other; `bytes` is a multiple of 512. */
EXPORT int64_t LEVEL_NAME(limit_read)(const uint8_t *memory, int64_t bytes) {
    vi sums[8], one = vi_set1(0x01010101);
    UNROLL
    for (int i = 0; i < 8; i++) sums[i] = vi_set1(0);
    for (int64_t at = 0; at < bytes; at += 512) {
        UNROLL
        for (int i = 0; i < 8; i++) sums[i] = vi_dot4(sums[i], vi_load(memory + at + 64 * i), one);
    }
    int64_t sum = 0;
    for (int i = 0; i < 8; i++) sum += vi_sum(sums[i]);
    return sum;
}
