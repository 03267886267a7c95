/* One layer of one KV block between a pool and the canonical layout: KvBlocks.java, which says what lies where. Nothing is
 * rounded, so one version serves every instruction set. */
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define TILE 16

typedef struct {
    int32_t bytes, heads, size, tokens, valueRow, scaled;
    int64_t headBytes, valueOffset, keyScaleOffset, valueScaleOffset;
} block_layout;

#if defined(__SSE2__)
#define SIDE 8

/* Eight rows of eight elements of two bytes. */
static void square(const uint8_t *from, int64_t fromStride, uint8_t *to, int64_t toStride) {
    __m128i a[8], b[8];
    for (int i = 0; i < 8; i++) a[i] = _mm_loadu_si128((const __m128i *)(from + i * fromStride));
    for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(b[i], b[i + 4]);
        a[2 * i + 1] = _mm_unpackhi_epi16(b[i], b[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 8; i++) _mm_storeu_si128((__m128i *)(to + i * toStride), b[i]);
}
#else
#define SIDE 4

/* Four rows of four elements become four columns, within words. */
static void square(const uint8_t *from, int64_t fromStride, uint8_t *to, int64_t toStride) {
    const uint64_t even = 0x0000FFFF0000FFFFull, low = 0xFFFFFFFFull;
    uint64_t a, b, c, d, rows[4];
    memcpy(&a, from, 8);
    memcpy(&b, from + fromStride, 8);
    memcpy(&c, from + 2 * fromStride, 8);
    memcpy(&d, from + 3 * fromStride, 8);
    uint64_t evenAb = (a & even) | (b & even) << 16, oddAb = (a >> 16 & even) | (b & ~even);
    uint64_t evenCd = (c & even) | (d & even) << 16, oddCd = (c >> 16 & even) | (d & ~even);
    rows[0] = (evenAb & low) | evenCd << 32;
    rows[1] = (oddAb & low) | oddCd << 32;
    rows[2] = evenAb >> 32 | (evenCd & ~low);
    rows[3] = oddAb >> 32 | (oddCd & ~low);
    for (int i = 0; i < 4; i++) memcpy(to + i * toStride, rows + i, 8);
}
#endif

/* Any number of rows and columns of elements of 1, 2 or 4 bytes. */
static void turn(int bytes, int rows, int columns, const uint8_t *from, int64_t fromStride, uint8_t *to, int64_t toStride) {
    int whole = bytes == 2 ? columns / SIDE * SIDE : 0, wholeRows = bytes == 2 ? rows / SIDE * SIDE : 0;
    for (int row = 0; row < wholeRows; row += SIDE)
        for (int column = 0; column < whole; column += SIDE)
            square(from + row * fromStride + column * 2, fromStride, to + column * toStride + row * 2, toStride);
    for (int row = 0; row < rows; row++) {
        int first = row < wholeRows ? whole : 0;
        const uint8_t *source = from + row * fromStride;
        uint8_t *target = to + (int64_t)row * bytes;
        if (bytes == 1)
            for (int i = first; i < columns; i++) target[i * toStride] = source[i];
        else
            for (int i = first; i < columns; i++) memcpy(target + i * toStride, source + (int64_t)i * bytes, (size_t)bytes);
    }
}

static void move(int out, uint8_t *pool, uint8_t *canonical, int64_t bytes) {
    if (out)
        memcpy(canonical, pool, (size_t)bytes);
    else
        memcpy(pool, canonical, (size_t)bytes);
}

__attribute__((visibility("default"))) void cairn_move_block_layer(int out, const block_layout *l, uint8_t *pool,
                                                                    uint8_t *canonical);

void cairn_move_block_layer(int out, const block_layout *l, uint8_t *pool, uint8_t *canonical) {
    int64_t row = (int64_t)l->heads * l->size * l->bytes, half = row * l->tokens;
    int64_t column = (int64_t)TILE * l->bytes, scales = (int64_t)l->heads * l->tokens * 4;
    for (int head = 0; head < l->heads; head++) {
        uint8_t *inside = pool + head * l->headBytes, *outside = canonical + (int64_t)head * l->size * l->bytes;
        for (int tile = 0; tile < l->tokens; tile += TILE) {
            uint8_t *keys = inside + (int64_t)tile * l->size * l->bytes;
            if (out)
                turn(l->bytes, l->size, TILE, keys, column, outside + tile * row, row);
            else
                turn(l->bytes, TILE, l->size, outside + tile * row, row, keys, column);
        }
        for (int token = 0; token < l->tokens; token++) {
            move(out, inside + l->valueOffset + (int64_t)token * l->valueRow * l->bytes, outside + half + token * row,
                 (int64_t)l->size * l->bytes);
            if (l->scaled) {
                uint8_t *place = canonical + 2 * half + ((int64_t)token * l->heads + head) * 4;
                move(out, inside + l->keyScaleOffset + token * 4, place, 4);
                move(out, inside + l->valueScaleOffset + token * 4, place + scales, 4);
            }
        }
    }
}
