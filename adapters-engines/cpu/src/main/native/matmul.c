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
    const uint8_t *scales;
    int64_t panelBytes;
    int64_t scaleBytes;  /* of a panel */
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

/* Bytes between what one token's product reads and what it asks for: about what memory gives while an answer is under way. */
#define AHEAD 2048

/*
 * Has memory work on what comes next while a block is multiplied: batches of a few tokens wait for one as much as for the other.
 * One token's product reads its panels one behind the other, as they lie, and asks for what is AHEAD, which may be behind all of
 * them: an address of that kind is never read from.
 */
INLINE void fetch_ahead(const tile *t, const int tokens, int block, const int64_t blockBytes) {
    if (tokens == 1) {
        uintptr_t from = (uintptr_t)t->elements + (uintptr_t)(block * blockBytes + AHEAD);
        UNROLL
        for (int64_t i = 0; i < blockBytes; i += LINE) __builtin_prefetch((const void *)(from + (uintptr_t)i), 0, 2);
        return;
    }
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

INLINE float input_scale(const tile *t, int m, int block) {
    return ((const float *)(t->inputs + m * t->inputBytes + (int64_t)t->blocks * QUANT_BLOCK))[block];
}

/* Minus the sum of a block's inputs. */
INLINE int32_t input_sum(const tile *t, int m, int block) {
    return input_bytes4(t, m, (int64_t)t->blocks * (QUANT_BLOCK + 4) + (int64_t)block * 4);
}

/* Adds a block's exact integer sums, times both scales, to the float sums. */
INLINE void add_block(const tile *t, const int tokens, const int panels, int block,
                      vi dots[TILE_TOKENS][VECTOR_PANELS], vf sums[TILE_TOKENS][VECTOR_PANELS]) {
    vf scale[VECTOR_PANELS];
    UNROLL
    for (int p = 0; p < panels; p++) {
        scale[p] = vf_load_f16((const uint16_t *)(t->scales + p * t->scaleBytes) + (int64_t)block * LANES);
    }
    UNROLL
    for (int m = 0; m < tokens; m++) {
        vf x = vf_set1(input_scale(t, m, block));
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
        vi minus = vi_set1(input_sum(t, m, block));
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
        fetch_ahead(t, tokens, block, 512);
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

/* What the nibbles of a block have above them: nothing, a bit each, or two. */
enum { FOUR_BITS = 4, FIVE_BITS = 5, SIX_BITS = 6 };

/* Blocks of 32 in one of 256, and what a panel has beside the elements of such a one: PackedMatrix.java. */
#define SUPER_BLOCK 8
#define MINIMA_BYTES (2 * LANES * 2 + 2 * SUPER_BLOCK * LANES)
#define SIXES_BYTES (LANES * 2 + 2 * SUPER_BLOCK * LANES)

INLINE int64_t block_bytes(const int bits) { return bits * QUANT_BLOCK * LANES / 8; }

/* The elements of group g (0 to 3: low nibbles, 4 to 7: high ones) of a block, unsigned. */
INLINE vi group_of(const uint8_t *block, const int bits, const int g) {
    vi both = vi_load(block + g % 4 * 64);
    vi low = g < 4 ? vi_low_nibbles(both) : vi_high_nibbles(both);
    if (bits == FIVE_BITS) return vi_or(low, vi_field(vi_load(block + 256), 4 - g, 0x10));
    if (bits == SIX_BITS) return vi_or(low, vi_field(vi_load(block + 256 + g / 4 * 64), 4 - g % 4 * 2, 0x30));
    return low;
}

/* Adds the products of a group. */
INLINE void dot_group(const tile *t, const int tokens, const int panels, int block, const int bits, const int g,
                      vi dots[TILE_TOKENS][VECTOR_PANELS]) {
    vi w[VECTOR_PANELS];
    UNROLL
    for (int p = 0; p < panels; p++) w[p] = group_of(t->elements + p * t->panelBytes + block * block_bytes(bits), bits, g);
    UNROLL
    for (int m = 0; m < tokens; m++) {
        vi x = vi_set1(input_bytes4(t, m, (int64_t)block * QUANT_BLOCK + g * 4));
        UNROLL
        for (int p = 0; p < panels; p++) dots[m][p] = vi_dot4(dots[m][p], w[p], x);
    }
}

INLINE void dot_half(const tile *t, const int tokens, const int panels, int block, const int bits, const int half,
                     vi dots[TILE_TOKENS][VECTOR_PANELS]) {
    dot_group(t, tokens, panels, block, bits, 4 * half, dots);
    dot_group(t, tokens, panels, block, bits, 4 * half + 1, dots);
    dot_group(t, tokens, panels, block, bits, 4 * half + 2, dots);
    dot_group(t, tokens, panels, block, bits, 4 * half + 3, dots);
}

INLINE void q4_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        vi dots[TILE_TOKENS][VECTOR_PANELS];
        start_block(t, tokens, panels, block, 3, dots);
        fetch_ahead(t, tokens, block, 256);
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

INLINE void q5_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        vi dots[TILE_TOKENS][VECTOR_PANELS];
        start_block(t, tokens, panels, block, 4, dots);
        fetch_ahead(t, tokens, block, block_bytes(FIVE_BITS));
        dot_half(t, tokens, panels, block, FIVE_BITS, 0, dots);
        dot_half(t, tokens, panels, block, FIVE_BITS, 1, dots);
        add_block(t, tokens, panels, block, dots, sums);
    }
    store_tile(t, tokens, panels, sums);
}

/* Adds integer sums times the scale of a part of a block of 256. */
INLINE void add_part(const tile *t, const int tokens, const int panels, int block, const vf scale[VECTOR_PANELS],
                     vi dots[TILE_TOKENS][VECTOR_PANELS], vf sums[TILE_TOKENS][VECTOR_PANELS]) {
    UNROLL
    for (int m = 0; m < tokens; m++) {
        vf x = vf_set1(input_scale(t, m, block));
        UNROLL
        for (int p = 0; p < panels; p++) {
            sums[m][p] = vf_fma(vf_from_int(dots[m][p]), vf_mul(scale[p], x), sums[m][p]);
        }
    }
}

/* Blocks with minima: these are multiplied by the sum of the inputs, not by each. */
INLINE void minima_tile(const tile *t, const int tokens, const int panels, const int bits) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        vi dots[TILE_TOKENS][VECTOR_PANELS];
        UNROLL
        for (int m = 0; m < tokens; m++)
            UNROLL
            for (int p = 0; p < panels; p++) dots[m][p] = vi_set1(0);
        fetch_ahead(t, tokens, block, block_bytes(bits));
        dot_half(t, tokens, panels, block, bits, 0, dots);
        dot_half(t, tokens, panels, block, bits, 1, dots);
        vf scale[VECTOR_PANELS], minimum[VECTOR_PANELS];
        UNROLL
        for (int p = 0; p < panels; p++) {
            const uint8_t *super = t->scales + p * t->scaleBytes + (int64_t)(block / SUPER_BLOCK) * MINIMA_BYTES;
            const int8_t *parts = (const int8_t *)super + 4 * LANES + block % SUPER_BLOCK * LANES;
            scale[p] = vf_mul(vf_load_f16((const uint16_t *)super), vf_load_i8(parts));
            minimum[p] = vf_mul(vf_load_f16((const uint16_t *)super + LANES), vf_load_i8(parts + SUPER_BLOCK * LANES));
        }
        add_part(t, tokens, panels, block, scale, dots, sums);
        UNROLL
        for (int m = 0; m < tokens; m++) {
            vf minus = vf_set1((float)input_sum(t, m, block) * input_scale(t, m, block));
            UNROLL
            for (int p = 0; p < panels; p++) sums[m][p] = vf_fma(minimum[p], minus, sums[m][p]);
        }
    }
    store_tile(t, tokens, panels, sums);
}

INLINE void q4k_tile(const tile *t, const int tokens, const int panels) { minima_tile(t, tokens, panels, FOUR_BITS); }
INLINE void q5k_tile(const tile *t, const int tokens, const int panels) { minima_tile(t, tokens, panels, FIVE_BITS); }

/* One half of a block of Q6_K: the scale is that of sixteen columns. */
INLINE void q6k_half(const tile *t, const int tokens, const int panels, int block, const int half,
                     vf sums[TILE_TOKENS][VECTOR_PANELS]) {
    vi dots[TILE_TOKENS][VECTOR_PANELS];
    UNROLL
    for (int m = 0; m < tokens; m++) {
        int32_t first = input_bytes4(t, m, (int64_t)t->blocks * (QUANT_BLOCK + 8) + (int64_t)block * 4);
        vi start = vi_set1((half ? input_sum(t, m, block) - first : first) * 32);
        UNROLL
        for (int p = 0; p < panels; p++) dots[m][p] = start;
    }
    dot_half(t, tokens, panels, block, SIX_BITS, half, dots);
    vf scale[VECTOR_PANELS];
    UNROLL
    for (int p = 0; p < panels; p++) {
        const uint8_t *super = t->scales + p * t->scaleBytes + (int64_t)(block / SUPER_BLOCK) * SIXES_BYTES;
        const int8_t *parts = (const int8_t *)super + 2 * LANES + (block % SUPER_BLOCK * 2 + half) * LANES;
        scale[p] = vf_mul(vf_load_f16((const uint16_t *)super), vf_load_i8(parts));
    }
    add_part(t, tokens, panels, block, scale, dots, sums);
}

INLINE void q6k_tile(const tile *t, const int tokens, const int panels) {
    vf sums[TILE_TOKENS][VECTOR_PANELS];
    CLEAR(sums, tokens, panels);
    for (int block = 0; block < t->blocks; block++) {
        fetch_ahead(t, tokens, block, block_bytes(SIX_BITS));
        q6k_half(t, tokens, panels, block, 0, sums);
        q6k_half(t, tokens, panels, block, 1, sums);
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
    static tile_function *const format##_single[] = {format##_1_1, format##_2_1, format##_3_1,     \
                                                     format##_4_1, format##_5_1, format##_6_1};    \
    static tile_function *const format##_full[] = {format##_1_2, format##_2_2, format##_3_2,       \
                                                   format##_4_2, format##_5_2, format##_6_2};
#else
#define TILE_FUNCTIONS(format)                                                                                 \
    TILE_FUNCTION(format, 1, 1) TILE_FUNCTION(format, 2, 1) TILE_FUNCTION(format, 3, 1)                        \
    TILE_FUNCTION(format, 4, 1)                                                                                \
    static tile_function *const format##_single[] = {format##_1_1, format##_2_1, format##_3_1, format##_4_1};  \
    static tile_function *const *const format##_full = format##_single;
#endif

TILE_FUNCTIONS(f32)
TILE_FUNCTIONS(f16)
TILE_FUNCTIONS(bf16)
TILE_FUNCTIONS(q8)
TILE_FUNCTIONS(q4)
TILE_FUNCTIONS(q5)
TILE_FUNCTIONS(q4k)
TILE_FUNCTIONS(q5k)
TILE_FUNCTIONS(q6k)

/*
 * One token's product adds to each sum once a column in the float formats, which takes several panels to keep busy. Integer
 * formats do so once a block, and stream from memory fastest one panel at a time.
 */
#if VECTOR_PANELS == 4
#define VECTOR_FUNCTION(format) TILE_FUNCTION(format, 1, 4) static tile_function *const format##_vector = format##_1_4;
#else
#define VECTOR_FUNCTION(format) TILE_FUNCTION(format, 1, 2) static tile_function *const format##_vector = format##_1_2;
#endif

VECTOR_FUNCTION(f32)
VECTOR_FUNCTION(f16)
VECTOR_FUNCTION(bf16)

typedef struct {
    tile_function *const *single;
    tile_function *const *full;
    tile_function *vector;  /* of VECTOR_PANELS, or none */
} tile_functions;

static tile_functions functions_of(int format) {
    switch (format) {
        case WEIGHT_F32: return (tile_functions){f32_single, f32_full, f32_vector};
        case WEIGHT_F16: return (tile_functions){f16_single, f16_full, f16_vector};
        case WEIGHT_BF16: return (tile_functions){bf16_single, bf16_full, bf16_vector};
        case WEIGHT_Q8_0: return (tile_functions){q8_single, q8_full, NULL};
        case WEIGHT_Q4_0: return (tile_functions){q4_single, q4_full, NULL};
        case WEIGHT_Q5_0: return (tile_functions){q5_single, q5_full, NULL};
        case WEIGHT_Q4_K: return (tile_functions){q4k_single, q4k_full, NULL};
        case WEIGHT_Q5_K: return (tile_functions){q5k_single, q5k_full, NULL};
        default: return (tile_functions){q6k_single, q6k_full, NULL};
    }
}

/* Bytes of a panel's scales and what belongs to them. */
static int64_t scale_bytes(int format, int blocks) {
    switch (format) {
        case WEIGHT_Q4_K:
        case WEIGHT_Q5_K: return (int64_t)blocks / SUPER_BLOCK * MINIMA_BYTES;
        case WEIGHT_Q6_K: return (int64_t)blocks / SUPER_BLOCK * SIXES_BYTES;
        default: return (int64_t)blocks * LANES * 2;
    }
}

/* Panels outside, tokens inside: a group of panels stays in the second-level cache while all tokens pass by. */
EXPORT void LEVEL_NAME(matmul)(int format, const uint8_t *elements, int64_t scaleOffset, int64_t panelBytes, int rows,
                               int columns, const uint8_t *prepared, int64_t inputBytes, int tokens, float *output,
                               int64_t outputStride, int fromPanel, int toPanel) {
    tile_functions functions = functions_of(format);
    int blocks = (columns + QUANT_BLOCK - 1) / QUANT_BLOCK;
    int64_t scales = scale_bytes(format, blocks);
    int panel = fromPanel;
    while (panel < toPanel) {
        int group = tokens > 1 ? TILE_PANELS : functions.vector ? VECTOR_PANELS : 1;
        if (toPanel - panel < group) group = 1;
        int single = group == 1;
        int lastRow = (panel + group) * LANES;
        tile t = {
            .elements = elements + panel * panelBytes,
            .scales = elements + scaleOffset + panel * scales,
            .panelBytes = panelBytes,
            .scaleBytes = scales,
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
