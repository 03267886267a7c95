/*
 * Products of every format and odd shapes on buffers of exactly their size, for sanitizers and other machines: prints a
 * digest of all results, which has to be the same from every level and on every machine. Built by check.sh.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

extern void LEVEL_NAME(prepare)(int format, const float *input, int columns, uint8_t *prepared, int64_t rowBytes, int from,
                                int to);
extern void LEVEL_NAME(matmul)(int format, const uint8_t *elements, int64_t scaleOffset, int64_t panelBytes, int rows,
                               int columns, const uint8_t *prepared, int64_t inputBytes, int tokens, float *output,
                               int64_t outputStride, int fromPanel, int toPanel);

static uint64_t state = 20261122;

static uint32_t next_random(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static int between(int least, int most) { return least + (int)(next_random() % (uint32_t)(most - least + 1)); }

static uint8_t *exactly(int64_t bytes) {
    uint8_t *memory = NULL;
    /* no byte more than asked for: what is read behind it is found */
    if (posix_memalign((void **)&memory, 64, (size_t)bytes) != 0) exit(2);
    memset(memory, 0, (size_t)bytes);
    return memory;
}

static int64_t panel_bytes(int format, int columns) {
    int64_t blocks = (columns + 31) / 32;
    switch (format) {
        case WEIGHT_F32: return 64L * columns;
        case WEIGHT_F16: return 32L * columns;
        case WEIGHT_BF16: return 32L * (columns + columns % 2);
        case WEIGHT_Q8_0: return 512 * blocks;
        case WEIGHT_Q4_0:
        case WEIGHT_Q4_K: return 256 * blocks;
        case WEIGHT_Q5_0:
        case WEIGHT_Q5_K: return 320 * blocks;
        default: return 384 * blocks;
    }
}

static int64_t scale_bytes(int format, int columns) {
    switch (format) {
        case WEIGHT_F32:
        case WEIGHT_F16:
        case WEIGHT_BF16: return 0;
        case WEIGHT_Q4_K:
        case WEIGHT_Q5_K: return 320L * (columns / 256);
        case WEIGHT_Q6_K: return 288L * (columns / 256);
        default: return 32L * ((columns + 31) / 32);
    }
}

/* Random bytes; exponents stay small, wherever a number of 16 or 32 bits may lie. */
static void fill(uint8_t *bytes, int64_t count, int numbers) {
    for (int64_t i = 0; i < count; i++) bytes[i] = (uint8_t)next_random();
    for (int64_t i = 0; numbers && i < count; i++) {
        if (i % numbers == numbers - 1) bytes[i] = (uint8_t)(0x20 + bytes[i] % 16);
    }
}

static void check(int format, uint64_t *digest) {
    int super = format >= WEIGHT_Q4_K;
    int columns = super ? 256 * between(1, 3) : between(1, 200);
    int rows = between(1, 100), tokens = between(1, 15);
    int panels = (rows + 15) / 16;
    int64_t elements = panels * panel_bytes(format, columns), scales = panels * scale_bytes(format, columns);
    uint8_t *weights = exactly(elements + scales);
    fill(weights, elements, format == WEIGHT_F32 ? 4 : format <= WEIGHT_BF16 ? 2 : 0);
    fill(weights + elements, scales, scales ? 2 : 0);
    float *input = (float *)exactly((int64_t)tokens * columns * 4);
    for (int i = 0; i < tokens * columns; i++) input[i] = (float)between(-1000, 1000) / 300;
    int kind = format == WEIGHT_BF16 ? ACTIVATION_BF16 : format <= WEIGHT_F16 ? ACTIVATION_F32 : ACTIVATION_INT8;
    int64_t blocks = (columns + 31) / 32;
    int64_t row = kind == ACTIVATION_F32 ? 4L * columns
                  : kind == ACTIVATION_BF16 ? 2L * (columns + columns % 2) : (blocks * 44 + 63) / 64 * 64;
    uint8_t *prepared = exactly(row * tokens);
    LEVEL_NAME(prepare)(kind, input, columns, prepared, row, 0, tokens);
    float *output = (float *)exactly((int64_t)tokens * rows * 4);
    int middle = between(0, panels);
    int64_t panel = panel_bytes(format, columns);
    LEVEL_NAME(matmul)(format, weights, elements, panel, rows, columns, prepared, row, tokens, output, rows, 0, middle);
    LEVEL_NAME(matmul)(format, weights, elements, panel, rows, columns, prepared, row, tokens, output, rows, middle, panels);
    for (int i = 0; i < tokens * rows; i++) {
        uint32_t bits;
        memcpy(&bits, &output[i], 4);
        if (bits == 0x80000000) bits = 0;  /* the two zeros are one */
        *digest = (*digest ^ bits) * 1099511628211u;
    }
    free(weights);
    free(input);
    free(prepared);
    free(output);
}

int main(int count, char **arguments) {
    int cases = count > 1 ? atoi(arguments[1]) : 40;
    uint64_t digest = 14695981039346656037u;
    for (int i = 0; i < cases; i++) {
        for (int format = WEIGHT_F32; format <= WEIGHT_Q6_K; format++) check(format, &digest);
    }
    printf("%016" PRIx64 "\n", digest);
    return 0;
}
