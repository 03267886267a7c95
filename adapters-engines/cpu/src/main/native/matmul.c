/*
 * Products over packed panels (PackedMatrix.java).
 *
 * An output element is one chain of operations over the columns, whatever the tile: tiles differ only in how many chains run
 * beside each other. Tile sizes fit the registers: TILE_TOKENS x TILE_PANELS chains, in integer formats twice that.
 */
#include "kernels.h"
#include "simd.h"

typedef struct {
    const uint8_t *elements;  /* of the first panel */
    const uint16_t *scales;
    int64_t panelBytes;
    int columns;
    int blocks;
    const uint8_t *inputs;  /* of the first token */
    int64_t inputBytes;
    float *outputs;  /* of the first token and panel */
    int64_t outputStride;
    int lastRows;  /* rows of the last panel of this tile */
    const uint8_t *next;  /* this tile's share of the panels that come next */
    int nextLines;  /* of it for every block */
} tile;

#define LINE 64

/* Beside more tiles than that the fetching of the processor itself is good enough. */
#define MOST_TILES_AHEAD 16

/* Has memory work on what comes next while a block is multiplied: batches of a few tokens wait for one as much as for the other. */
INLINE void fetch_ahead(const tile *t, int block) {
    const uint8_t *from = t->next + (int64_t)block * t->nextLines * LINE;
    for (int i = 0; i < t->nextLines; i++) __builtin_prefetch(from + i * LINE, 0, 2);
}

INLINE void store_tile(const tile *t, const int tokens, const int panels, vf sums[TILE_TOKENS][VECTOR_PANELS]) {
    UNROLL
    for (int m = 0; m < tokens; m++) {
        float *row = t->outputs + m * t->outputStride;
        UNROLL
        for (int p = 0; p < panels; p++) {
            if (p == panels - 1 && t->lastRows < LANES) {
                vf_store_part(row + p * LANES, sums[m][p], t->lastRows);
            } else {
                vf_store(row + p * LANES, sums[m][p]);
            }
        }
    }
}

#define CLEAR(sums, tokens, panels)                                       \
    UNROLL for (int m = 0; m < (tokens); m++)            \
        UNROLL for (int p = 0; p < (panels); p++) (sums)[m][p] = vf_set1(0)

INLINE void f32_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int c = 0; c < t->columns; c++) {
        vf w[VECTOR_PANELS];
        UNROLL
        for (int p = 0; p < panels; p++) w[p] = vf_load((const float *)(t->elements + p * t->panelBytes) + c * LANES);
        UNROLL
        for (int m = 0; m < tokens; m++) {
            vf x = vf_set1(((const float *)(t->inputs + m * t->inputBytes))[c]);
            UNROLL
            for (int p = 0; p < panels; p++) sums[m][p] = vf_fma(w[p], x, sums[m][p]);
        }
    }
    store_tile(t, tokens, panels, sums);
}

INLINE void f16_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int c = 0; c < t->columns; c++) {
        vf w[VECTOR_PANELS];
        UNROLL
        for (int p = 0; p < panels; p++) {
            w[p] = vf_load_f16((const uint16_t *)(t->elements + p * t->panelBytes) + c * LANES);
        }
        UNROLL
        for (int m = 0; m < tokens; m++) {
            vf x = vf_set1(((const float *)(t->inputs + m * t->inputBytes))[c]);
            UNROLL
            for (int p = 0; p < panels; p++) sums[m][p] = vf_fma(w[p], x, sums[m][p]);
        }
    }
    store_tile(t, tokens, panels, sums);
}

INLINE void bf16_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    int pairs = (t->columns + 1) / 2;
    for (int c = 0; c < pairs; c++) {
        vi w[VECTOR_PANELS];
        UNROLL
        for (int p = 0; p < panels; p++) w[p] = vi_load(t->elements + p * t->panelBytes + (int64_t)c * 64);
        UNROLL
        for (int m = 0; m < tokens; m++) {
            int32_t pair;
            memcpy(&pair, t->inputs + m * t->inputBytes + (int64_t)c * 4, 4);
            vi x = vi_set1(pair);
            UNROLL
            for (int p = 0; p < panels; p++) sums[m][p] = vf_dot_bf16(sums[m][p], w[p], x);
        }
    }
    store_tile(t, tokens, panels, sums);
}

INLINE int32_t input_bytes4(const tile *t, int m, int64_t offset) {
    int32_t four;
    memcpy(&four, t->inputs + m * t->inputBytes + offset, 4);
    return four;
}

/* Adds a block's exact integer sums, times both scales, to the float sums. */
INLINE void add_block(const tile *t, const int tokens, const int panels, int block,
                      vi dots[TILE_TOKENS][VECTOR_PANELS], vf sums[TILE_TOKENS][VECTOR_PANELS]) {
    vf scale[VECTOR_PANELS];
    UNROLL
    for (int p = 0; p < panels; p++) scale[p] = vf_load_f16(t->scales + ((int64_t)p * t->blocks + block) * LANES);
    UNROLL
    for (int m = 0; m < tokens; m++) {
        const float *scales = (const float *)(t->inputs + m * t->inputBytes + (int64_t)t->blocks * QUANT_BLOCK);
        vf x = vf_set1(scales[block]);
        UNROLL
        for (int p = 0; p < panels; p++) {
            sums[m][p] = vf_fma(vf_from_int(dots[m][p]), vf_mul(scale[p], x), sums[m][p]);
        }
    }
}

/* Weights are stored plus a power of two to be unsigned; starting at that times minus the sum of the inputs takes it out. */
INLINE void start_block(const tile *t, const int tokens, const int panels, int block, const int offsetBits,
                        vi dots[TILE_TOKENS][VECTOR_PANELS]) {
    UNROLL
    for (int m = 0; m < tokens; m++) {
        vi minus = vi_set1(input_bytes4(t, m, (int64_t)t->blocks * (QUANT_BLOCK + 4) + (int64_t)block * 4));
        vi start = vi_shift_left(minus, offsetBits);
        UNROLL
        for (int p = 0; p < panels; p++) dots[m][p] = start;
    }
}

INLINE void q8_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        vi dots[TILE_TOKENS][VECTOR_PANELS];
        start_block(t, tokens, panels, block, 7, dots);
        fetch_ahead(t, block);
        UNROLL
        for (int g = 0; g < 8; g++) {
            vi w[VECTOR_PANELS];
            UNROLL
            for (int p = 0; p < panels; p++) {
                w[p] = vi_load(t->elements + p * t->panelBytes + (int64_t)block * 512 + g * 64);
            }
            UNROLL
            for (int m = 0; m < tokens; m++) {
                vi x = vi_set1(input_bytes4(t, m, (int64_t)block * QUANT_BLOCK + g * 4));
                UNROLL
                for (int p = 0; p < panels; p++) dots[m][p] = vi_dot4(dots[m][p], w[p], x);
            }
        }
        add_block(t, tokens, panels, block, dots, sums);
    }
    store_tile(t, tokens, panels, sums);
}

INLINE void q4_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        vi dots[TILE_TOKENS][VECTOR_PANELS];
        start_block(t, tokens, panels, block, 3, dots);
        fetch_ahead(t, block);
        UNROLL
        for (int g = 0; g < 4; g++) {
            vi low[VECTOR_PANELS], high[VECTOR_PANELS];
            UNROLL
            for (int p = 0; p < panels; p++) {
                vi both = vi_load(t->elements + p * t->panelBytes + (int64_t)block * 256 + g * 64);
                low[p] = vi_low_nibbles(both);
                high[p] = vi_high_nibbles(both);
            }
            UNROLL
            for (int m = 0; m < tokens; m++) {
                vi first = vi_set1(input_bytes4(t, m, (int64_t)block * QUANT_BLOCK + g * 4));
                vi second = vi_set1(input_bytes4(t, m, (int64_t)block * QUANT_BLOCK + 16 + g * 4));
                UNROLL
                for (int p = 0; p < panels; p++) {
                    dots[m][p] = vi_dot4(vi_dot4(dots[m][p], low[p], first), high[p], second);
                }
            }
        }
        add_block(t, tokens, panels, block, dots, sums);
    }
    store_tile(t, tokens, panels, sums);
}

/* One function per number of tokens and panels, so that the compiler keeps every sum in a register. */
#define TILE_FUNCTION(format, tokens, panels) \
    static void format##_##tokens##_##panels(const tile *t) { format##_tile(t, tokens, panels); }

typedef void tile_function(const tile *t);

#if TILE_PANELS == 2
#define TILE_FUNCTIONS(format)                                                                     \
    TILE_FUNCTION(format, 1, 1) TILE_FUNCTION(format, 2, 1) TILE_FUNCTION(format, 3, 1)            \
    TILE_FUNCTION(format, 4, 1) TILE_FUNCTION(format, 5, 1) TILE_FUNCTION(format, 6, 1)            \
    TILE_FUNCTION(format, 1, 2) TILE_FUNCTION(format, 2, 2) TILE_FUNCTION(format, 3, 2)            \
    TILE_FUNCTION(format, 4, 2) TILE_FUNCTION(format, 5, 2) TILE_FUNCTION(format, 6, 2)            \
    TILE_FUNCTION(format, 1, 4)                                                                    \
    static tile_function *const format##_single[] = {format##_1_1, format##_2_1, format##_3_1,     \
                                                     format##_4_1, format##_5_1, format##_6_1};    \
    static tile_function *const format##_full[] = {format##_1_2, format##_2_2, format##_3_2,       \
                                                   format##_4_2, format##_5_2, format##_6_2};      \
    static tile_function *const format##_vector = format##_1_4;
#else
#define TILE_FUNCTIONS(format)                                                                                 \
    TILE_FUNCTION(format, 1, 1) TILE_FUNCTION(format, 2, 1) TILE_FUNCTION(format, 3, 1)                        \
    TILE_FUNCTION(format, 4, 1) TILE_FUNCTION(format, 1, 2)                                                    \
    static tile_function *const format##_single[] = {format##_1_1, format##_2_1, format##_3_1, format##_4_1};  \
    static tile_function *const *const format##_full = format##_single;                                        \
    static tile_function *const format##_vector = format##_1_2;
#endif

TILE_FUNCTIONS(f32)
TILE_FUNCTIONS(f16)
TILE_FUNCTIONS(bf16)
TILE_FUNCTIONS(q8)
TILE_FUNCTIONS(q4)

typedef struct {
    tile_function *const *single;
    tile_function *const *full;
    tile_function *vector;
} tile_functions;

static tile_functions functions_of(int format) {
    switch (format) {
        case WEIGHT_F32: return (tile_functions){f32_single, f32_full, f32_vector};
        case WEIGHT_F16: return (tile_functions){f16_single, f16_full, f16_vector};
        case WEIGHT_BF16: return (tile_functions){bf16_single, bf16_full, bf16_vector};
        case WEIGHT_Q8_0: return (tile_functions){q8_single, q8_full, q8_vector};
        default: return (tile_functions){q4_single, q4_full, q4_vector};
    }
}

/* Panels outside, tokens inside: a group of panels stays in the second-level cache while all tokens pass by. */
EXPORT void LEVEL_NAME(matmul)(int format, const uint8_t *elements, int64_t scaleOffset, int64_t panelBytes, int rows,
                               int columns, const uint8_t *prepared, int64_t inputBytes, int tokens, float *output,
                               int64_t outputStride, int fromPanel, int toPanel) {
    tile_functions functions = functions_of(format);
    int blocks = (columns + QUANT_BLOCK - 1) / QUANT_BLOCK;
    int panel = fromPanel;
    while (panel < toPanel) {
        int group = tokens == 1 ? VECTOR_PANELS : TILE_PANELS;
        int single = toPanel - panel < group;
        if (single) group = 1;
        int lastRow = (panel + group) * LANES;
        tile t = {
            .elements = elements + panel * panelBytes,
            .scales = (const uint16_t *)(elements + scaleOffset) + (int64_t)panel * blocks * LANES,
            .panelBytes = panelBytes,
            .columns = columns,
            .blocks = blocks,
            .inputBytes = inputBytes,
            .outputStride = outputStride,
            .lastRows = lastRow <= rows ? LANES : rows - (lastRow - LANES),
            .next = elements,
        };
        int tiles = (tokens + TILE_TOKENS - 1) / TILE_TOKENS;
        if (tokens > 1 && tiles <= MOST_TILES_AHEAD && panel + 2 * group <= toPanel) {
            int64_t shares = (int64_t)tiles * blocks;
            t.next = elements + (panel + group) * panelBytes;
            t.nextLines = (int)((group * panelBytes / LINE + shares - 1) / shares);
        }
        for (int i = 0; i < tiles; i++) {
            /* of even sizes: the sums of a small tile are too few to hide how long each takes */
            int token = (int)((int64_t)tokens * i / tiles);
            int count = (int)((int64_t)tokens * (i + 1) / tiles) - token;
            t.inputs = prepared + token * inputBytes;
            t.outputs = output + token * outputStride + (int64_t)panel * LANES;
            if (single) {
                functions.single[count - 1](&t);
            } else if (tokens == 1) {
                functions.vector(&t);
            } else {
                functions.full[count - 1](&t);
            }
            t.next += (int64_t)blocks * t.nextLines * LINE;
        }
        panel += group;
    }
}
