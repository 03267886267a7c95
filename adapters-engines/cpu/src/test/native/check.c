/*
 * Products of every format, attention over every element and what is done to rows, of odd shapes on buffers of exactly
 * their size, for sanitizers and other machines: prints a digest of all results, which has to be the same from every level
 * and on every machine. Built by check.sh.
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

extern void LEVEL_NAME(store_kv)(const kv_layout *layout, uint8_t *pool, int64_t layerOffset, const int32_t *slots,
                                 const float *keys, const float *values, int64_t stride, int from, int to);
extern void LEVEL_NAME(rms_norm)(const float *input, const float *weight, float epsilon, float *output, int width, int from,
                                 int to);
extern void LEVEL_NAME(rotate)(float *rows, int64_t stride, int heads, int headSize, const float *table, int rotary,
                               const int32_t *entries, int from, int to);
extern void LEVEL_NAME(gate)(int gate, const float *gates, const float *inputs, int64_t stride, float *output, int width,
                             int from, int to);
extern void LEVEL_NAME(add_scaled)(float *sum, const float *addend, float factor, int64_t count);
extern void LEVEL_NAME(add_bias)(float *rows, int64_t stride, const float *bias, int width, int from, int to);
extern void LEVEL_NAME(softcap)(float *values, float cap, int64_t count);
extern void LEVEL_NAME(attend)(const kv_layout *layout, const uint8_t *pool, int64_t layerOffset, int group, float scale,
                               int window, float softcap, const int32_t *blockTable, int firstPosition,
                               const float *input, float *output, int64_t stride, int kvHead, int from, int to);

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

static void add(uint64_t *digest, const float *values, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], 4);
        if (bits == 0x80000000) bits = 0;  /* the two zeros are one */
        *digest = (*digest ^ bits) * 1099511628211u;
    }
}

static float *numbers(int64_t count) {
    float *values = (float *)exactly(count * 4);
    for (int64_t i = 0; i < count; i++) values[i] = (float)between(-1000, 1000) / 300;
    return values;
}

static int64_t up(int64_t bytes) { return (bytes + 63) / 64 * 64; }

/* as KvLayout.java */
static kv_layout layout_of(int element, int blockTokens, int kvHeads, int headSize) {
    int bytes = element == KV_F32 ? 4 : element == KV_BF16 ? 2 : 1;
    int64_t scales = element == KV_INT8 ? 4L * blockTokens : 0;
    kv_layout layout = {element, blockTokens, kvHeads, headSize, (headSize + 15) / 16 * 16, 0, 0, 0, 0, 0, 0};
    layout.valueOffset = up((int64_t)blockTokens * headSize * bytes);
    layout.keyScaleOffset = up(layout.valueOffset + (int64_t)blockTokens * layout.valueRow * bytes);
    layout.valueScaleOffset = layout.keyScaleOffset + scales;
    layout.headBytes = up(layout.valueScaleOffset + scales);
    layout.blockBytes = layout.headBytes * kvHeads;
    return layout;
}

/* A sequence over shuffled blocks: stored, and read by all groups of queries of its last tokens. */
static void check_attention(int element, uint64_t *digest) {
    int group = between(1, 9), kvHeads = between(1, 3), size = between(1, 80);
    kv_layout layout = layout_of(element, 16 * between(1, 3), kvHeads, size);
    int length = between(1, 300), asked = between(1, length < 12 ? length : 12);
    int blocks = (length + layout.blockTokens - 1) / layout.blockTokens;
    int32_t *table = (int32_t *)exactly(4L * blocks), *slots = (int32_t *)exactly(4L * length);
    for (int i = 0; i < blocks; i++) table[i] = i;
    for (int i = blocks - 1; i > 0; i--) {
        int other = between(0, i);
        int32_t kept = table[i];
        table[i] = table[other];
        table[other] = kept;
    }
    for (int i = 0; i < length; i++) slots[i] = table[i / layout.blockTokens] * layout.blockTokens + i % layout.blockTokens;
    uint8_t *pool = exactly(layout.blockBytes * blocks);
    int64_t kvWidth = (int64_t)kvHeads * size, width = kvWidth * group;
    float *keys = numbers(kvWidth * length), *values = numbers(kvWidth * length), *input = numbers(width * asked);
    float *output = (float *)exactly(4 * width * asked);
    LEVEL_NAME(store_kv)(&layout, pool, 0, slots, keys, values, kvWidth, 0, length);
    int window = between(0, 1) ? between(1, 64) : 0;
    float softcap = between(0, 1) ? 20 : 0;
    for (int head = 0; head < kvHeads; head++) {
        LEVEL_NAME(attend)(&layout, pool, 0, group, 0.3f, window, softcap, table, length - asked, input, output, width, head,
                           0, asked);
    }
    add(digest, output, width * asked);
    free(table);
    free(slots);
    free(pool);
    free(keys);
    free(values);
    free(input);
    free(output);
}

static void check_rows(uint64_t *digest) {
    int heads = between(1, 5), size = 2 * between(1, 40), rows = between(1, 6), rotary = 2 * between(1, size / 2);
    int width = heads * size;
    float *one = numbers((int64_t)width * rows), *two = numbers((int64_t)width * rows), *weight = numbers(width);
    float *out = (float *)exactly(4L * width * rows), *table = numbers(8L * rotary);
    int32_t *entries = (int32_t *)exactly(4L * rows);
    for (int i = 0; i < rows; i++) entries[i] = between(0, 7);
    LEVEL_NAME(rms_norm)(one, weight, 1e-5f, out, width, 0, rows);
    add(digest, out, (int64_t)width * rows);
    LEVEL_NAME(rotate)(one, width, heads, size, table, rotary, entries, 0, rows);
    add(digest, one, (int64_t)width * rows);
    LEVEL_NAME(gate)(between(0, 1), one, two, width, out, width, 0, rows);
    LEVEL_NAME(add_scaled)(out, two, 0.25f, (int64_t)width * rows);
    LEVEL_NAME(add_bias)(out, width, weight, width, 0, rows);
    LEVEL_NAME(softcap)(out, 30, (int64_t)width * rows);
    add(digest, out, (int64_t)width * rows);
    free(one);
    free(two);
    free(weight);
    free(out);
    free(table);
    free(entries);
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
    add(digest, output, (int64_t)tokens * rows);
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
        for (int element = KV_F32; element <= KV_INT8; element++) check_attention(element, &digest);
        check_rows(&digest);
    }
    printf("%016" PRIx64 "\n", digest);
    return 0;
}
