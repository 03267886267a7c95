/*
 * Paged attention (PlainAttention.java): softmax online over chunks of positions aligned to the sequence's beginning.
 *
 * Up to eight queries that read one KV head, of one token or of several, share every load of keys and values. What a query
 * does not see has weight zero, which leaves its sums as they are, so its result does not depend on its companions.
 */
#include "kernels.h"
#include "simd.h"

#define CHUNK 128
#define MOST_QUERIES 8
#define LARGEST_HEAD 1024
#define LINE 64

typedef struct {
    const kv_layout *layout;
    const uint8_t *pool;  /* of the layer */
    const int32_t *blockTable;
    int kvHead;
    float scale;
    float softcap;
} source;

typedef struct {
    const float *query[MOST_QUERIES];
    int position[MOST_QUERIES];
    int first[MOST_QUERIES];  /* position that the query sees */
    float maximum[LANES];
    float total[MOST_QUERIES];
    float weights[MOST_QUERIES][CHUNK];
    float sums[MOST_QUERIES][LARGEST_HEAD];
} queries;

INLINE const uint8_t *head_at(const source *s, int position) {
    int64_t block = s->blockTable[position / s->layout->blockTokens];
    return s->pool + block * s->layout->blockBytes + s->kvHead * s->layout->headBytes;
}

INLINE vf load_elements(const int element, const uint8_t *base, int64_t index) {
    if (element == KV_F32) return vf_load((const float *)base + index);
    if (element == KV_BF16) return vf_load_bf16((const uint16_t *)base + index);
    return vf_load_i8((const int8_t *)base + index);
}

INLINE int element_bytes(const int element) { return element == KV_F32 ? 4 : element == KV_BF16 ? 2 : 1; }

/*
 * Half of a chunk is products with keys and half sums of values, in blocks that lie apart: the processor fetches neither ahead by
 * itself. So values are asked for while keys are multiplied, and the keys a chunk on while values are summed.
 */
INLINE void fetch(const uint8_t *from, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += LINE) __builtin_prefetch(from + i, 0, 2);
}

/* Scores of all queries against the sixteen tokens from `position` on, into their weights. */
PER_SIZE void score_tile(const source *s, queries *q, const int count, const int element, int position) {
    const kv_layout *layout = s->layout;
    const uint8_t *head = head_at(s, position);
    int token = position % layout->blockTokens;
    const uint8_t *keys = head + (int64_t)token * layout->headSize * element_bytes(element);
    const uint8_t *values = head + layout->valueOffset + (int64_t)token * layout->valueRow * element_bytes(element);
    vf scores[MOST_QUERIES];
    UNROLL
    for (int k = 0; k < count; k++) scores[k] = vf_set1(0);
    for (int i = 0; i < layout->headSize; i++) {
        int64_t place = (int64_t)i * LANES * element_bytes(element);
        if (place % LINE == 0) fetch(values + place, LINE);
        vf key = load_elements(element, keys, (int64_t)i * LANES);
        UNROLL
        for (int k = 0; k < count; k++) scores[k] = vf_fma(vf_set1(q->query[k][i]), key, scores[k]);
    }
    for (int k = 0; k < count; k++) {
        vf score = scores[k];
        if (element == KV_INT8) score = vf_mul(score, vf_load((const float *)(head + layout->keyScaleOffset) + token));
        score = vf_mul(score, vf_set1(s->scale));
        if (s->softcap > 0) {
            vf cap = vf_set1(s->softcap);
            score = vf_mul(cap, vf_tanh(vf_div(score, cap)));
        }
        float *weights = q->weights[k] + position % CHUNK;
        vf_store(weights, score);
        if (position < q->first[k] || position + LANES - 1 > q->position[k]) {
            for (int lane = 0; lane < LANES; lane++) {
                int at = position + lane;
                if (at < q->first[k] || at > q->position[k]) weights[lane] = -INFINITY;
            }
        }
    }
}

/* Turns scores into weights against the new maximum, and corrects what was summed against the old one. */
PER_SIZE void weigh_chunk(const source *s, queries *q, const int count, const int element, int from, int to) {
    float after[LANES] = {0}, correction[LANES];
    for (int k = 0; k < count; k++) {
        vf highest = vf_set1(-INFINITY);
        for (int at = from; at < to; at += LANES) highest = vf_max(highest, vf_load(q->weights[k] + at % CHUNK));
        float largest = vf_largest(highest);
        if (largest < q->maximum[k]) largest = q->maximum[k];
        after[k] = largest;
    }
    float against[LANES] = {0};
    for (int k = 0; k < count; k++) against[k] = after[k] == -INFINITY ? 0 : after[k];
    vf_store(correction, vf_exp(vf_sub(vf_load(q->maximum), vf_load(against))));
    for (int k = 0; k < count; k++) {
        q->maximum[k] = after[k];
        vf sum = vf_set1(0);
        for (int at = from; at < to; at += LANES) {
            float *weights = q->weights[k] + at % CHUNK;
            vf weight = vf_exp(vf_sub(vf_load(weights), vf_set1(against[k])));
            sum = vf_add(sum, weight);
            if (element == KV_INT8) {
                const float *scales = (const float *)(head_at(s, at) + s->layout->valueScaleOffset);
                weight = vf_mul(weight, vf_load(scales + at % s->layout->blockTokens));
            }
            vf_store(weights, weight);
        }
        q->total[k] = q->total[k] * correction[k] + vf_fold(sum);
        vf times = vf_set1(correction[k]);
        for (int i = 0; i < s->layout->valueRow; i += LANES) {
            vf_store(q->sums[k] + i, vf_mul(vf_load(q->sums[k] + i), times));
        }
    }
}

/* Adds the weighted values of the positions from..to, `width` registers of each row at a time; `last` is the last to be seen. */
PER_SIZE void add_values(const source *s, queries *q, const int count, const int width, const int element, int offset,
                       int from, int to, int last) {
    const kv_layout *layout = s->layout;
    vf sums[MOST_QUERIES][8];
    UNROLL
    for (int k = 0; k < count; k++)
        UNROLL
        for (int r = 0; r < width; r++) sums[k][r] = vf_load(q->sums[k] + offset + r * LANES);
    int at = from;
    while (at < to) {
        int token = at % layout->blockTokens;
        const uint8_t *values = head_at(s, at) + layout->valueOffset;
        const uint8_t *nextKeys = head_at(s, at + CHUNK <= last ? at + CHUNK : last);
        int end = at + layout->blockTokens - token;
        if (end > to) end = to;
        for (; at < end; at++, token++) {
            int64_t row = (int64_t)token * layout->valueRow + offset;
            fetch(nextKeys + row * element_bytes(element), (int64_t)width * LANES * element_bytes(element));
            vf value[8];
            UNROLL
            for (int r = 0; r < width; r++) value[r] = load_elements(element, values, row + r * LANES);
            UNROLL
            for (int k = 0; k < count; k++) {
                vf weight = vf_set1(q->weights[k][at % CHUNK]);
                UNROLL
                for (int r = 0; r < width; r++) sums[k][r] = vf_fma(weight, value[r], sums[k][r]);
            }
        }
    }
    UNROLL
    for (int k = 0; k < count; k++)
        UNROLL
        for (int r = 0; r < width; r++) vf_store(q->sums[k] + offset + r * LANES, sums[k][r]);
}

PER_SIZE void attend_queries(const source *s, queries *q, const int count, const int wide, const int element, int first,
                           int last) {
    for (int k = 0; k < LANES; k++) q->maximum[k] = -INFINITY;
    for (int k = 0; k < count; k++) {
        q->total[k] = 0;
        memset(q->sums[k], 0, (size_t)s->layout->valueRow * sizeof(float));
    }
    for (int chunk = first / CHUNK * CHUNK; chunk <= last; chunk += CHUNK) {
        int from = chunk < first ? first : chunk;
        int to = chunk + CHUNK <= last ? chunk + CHUNK : last + 1;
        int tile = from / LANES * LANES;
        for (int at = tile; at < to; at += LANES) score_tile(s, q, count, element, at);
        weigh_chunk(s, q, count, element, tile, to);
        int offset = 0;
        for (; offset + wide * LANES <= s->layout->valueRow; offset += wide * LANES) {
            add_values(s, q, count, wide, element, offset, from, to, last);
        }
        for (; offset < s->layout->valueRow; offset += LANES) {
            add_values(s, q, count, 1, element, offset, from, to, last);
        }
    }
}

/* One function per number of queries and element, so that sums stay in registers. */
#define ATTEND(name, element)                                                                       \
    static void name##_1(const source *s, queries *q, int first, int last) {                        \
        attend_queries(s, q, 1, 4, element, first, last);                                           \
    }                                                                                               \
    static void name##_2(const source *s, queries *q, int first, int last) {                        \
        attend_queries(s, q, 2, 4, element, first, last);                                           \
    }                                                                                               \
    static void name##_4(const source *s, queries *q, int first, int last) {                        \
        attend_queries(s, q, 4, 4, element, first, last);                                           \
    }                                                                                               \
    static void name##_8(const source *s, queries *q, int first, int last) {                        \
        attend_queries(s, q, 8, 2, element, first, last);                                           \
    }

ATTEND(attend_f32, KV_F32)
ATTEND(attend_bf16, KV_BF16)
ATTEND(attend_int8, KV_INT8)

typedef void attend_function(const source *s, queries *q, int first, int last);

static attend_function *const attend_functions[3][4] = {
    {attend_f32_1, attend_f32_2, attend_f32_4, attend_f32_8},
    {attend_bf16_1, attend_bf16_2, attend_bf16_4, attend_bf16_8},
    {attend_int8_1, attend_int8_2, attend_int8_4, attend_int8_8},
};

EXPORT void LEVEL_NAME(attend)(const kv_layout *layout, const uint8_t *pool, int64_t layerOffset, int group, float scale,
                               int window, float softcap, const int32_t *blockTable, int firstPosition,
                               const float *input, float *output, int64_t stride, int kvHead, int from, int to) {
    source s = {layout, pool + layerOffset, blockTable, kvHead, scale, softcap};
    queries q;
    int64_t all = (int64_t)(to - from) * group;
    for (int64_t next = 0; next < all; next += MOST_QUERIES) {
        int count = all - next < MOST_QUERIES ? (int)(all - next) : MOST_QUERIES;
        int size = count > 4 ? 3 : count > 2 ? 2 : count - 1;
        int first = 0, last = 0;
        for (int k = 0; k < 1 << size; k++) {
            /* a group is filled up with its last query */
            int64_t item = next + (k < count ? k : count - 1);
            int64_t token = from + item / group;
            q.query[k] = input + token * stride + (kvHead * (int64_t)group + item % group) * layout->headSize;
            q.position[k] = firstPosition + (int)token;
            q.first[k] = window == 0 || q.position[k] < window ? 0 : q.position[k] - window + 1;
            if (k == 0) first = q.first[k];
            last = q.position[k];
        }
        attend_functions[layout->element][size](&s, &q, first, last);
        for (int k = 0; k < count; k++) {
            float *row = output + (q.query[k] - input);
            for (int i = 0; i < layout->headSize; i++) row[i] = q.sums[k][i] / q.total[k];
        }
    }
}
