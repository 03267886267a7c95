/* The operations along one row, and storing keys and values: PlainRows.java and PlainKernels.java, lane by lane. */
#include "kernels.h"
#include "simd.h"

INLINE int part(int i, int width) { return width - i < LANES ? width - i : LANES; }
INLINE vf load_row(const float *p, int n) { return n == LANES ? vf_load(p) : vf_load_part(p, n); }
INLINE void store_row(float *p, vf v, int n) {
    if (n == LANES) {
        vf_store(p, v);
    } else {
        vf_store_part(p, v, n);
    }
}

static uint16_t to_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
}

static void prepare_bf16(const float *input, int columns, uint16_t *output) {
    for (int i = 0; i < columns; i++) output[i] = to_bf16(input[i]);
    if (columns % 2) output[columns] = 0;
}

static float largest_of(const float *values, int count) {
    vf largest = vf_set1(0);
    for (int i = 0; i < count; i += LANES) largest = vf_max(largest, vf_abs(load_row(values + i, part(i, count))));
    return vf_largest(largest);
}

static void prepare_int8(const float *input, int columns, int8_t *output) {
    int blocks = (columns + QUANT_BLOCK - 1) / QUANT_BLOCK;
    float *scales = (float *)(output + (int64_t)blocks * QUANT_BLOCK);
    int32_t *sums = (int32_t *)(scales + blocks);
    int32_t *halves = sums + blocks;
    for (int block = 0; block < blocks; block++) {
        int first = block * QUANT_BLOCK;
        int count = columns - first < QUANT_BLOCK ? columns - first : QUANT_BLOCK;
        float largest = largest_of(input + first, count);
        float inverse = largest < QUANT_SMALLEST ? 0 : 127 / largest;
        int sum = 0;
        for (int i = 0; i < QUANT_BLOCK; i += LANES) {
            int n = count - i < 0 ? 0 : part(i, count);
            vi quants = vi_from_float(vf_mul(load_row(input + first + i, n), vf_set1(inverse)));
            vi_store_bytes(output + first + i, quants);
            sum -= vi_sum(quants);
            if (i == 0) halves[block] = sum;
        }
        scales[block] = inverse == 0 ? 0 : largest / 127;
        sums[block] = sum;
    }
}

EXPORT void LEVEL_NAME(prepare)(int format, const float *input, int columns, uint8_t *prepared, int64_t rowBytes, int from,
                                int to) {
    for (int64_t token = from; token < to; token++) {
        const float *row = input + token * columns;
        uint8_t *output = prepared + token * rowBytes;
        switch (format) {
            case ACTIVATION_BF16: prepare_bf16(row, columns, (uint16_t *)output); break;
            case ACTIVATION_INT8: prepare_int8(row, columns, (int8_t *)output); break;
            default: memcpy(output, row, (size_t)columns * 4);
        }
    }
}

/* Elements of one head, `spread` elements apart; returns the scale of bytes. */
static float store_head(int element, const float *input, int size, uint8_t *output, int spread) {
    switch (element) {
        case KV_F32:
            for (int i = 0; i < size; i++) ((float *)output)[i * spread] = input[i];
            return 0;
        case KV_BF16:
            for (int i = 0; i < size; i++) ((uint16_t *)output)[i * spread] = to_bf16(input[i]);
            return 0;
        default: {
            float largest = largest_of(input, size);
            float inverse = largest < QUANT_SMALLEST ? 0 : 127 / largest;
            for (int i = 0; i < size; i++) {
                float rounded = (input[i] * inverse + 12582912.0f) - 12582912.0f;
                ((int8_t *)output)[i * spread] = (int8_t)rounded;
            }
            return inverse == 0 ? 0 : largest / 127;
        }
    }
}

EXPORT void LEVEL_NAME(store_kv)(const kv_layout *layout, uint8_t *pool, int64_t layerOffset, const int32_t *slots,
                                 const float *keys, const float *values, int64_t stride, int from, int to) {
    int bytes = layout->element == KV_F32 ? 4 : layout->element == KV_BF16 ? 2 : 1;
    int size = layout->headSize;
    for (int64_t token = from; token < to; token++) {
        int block = slots[token] / layout->blockTokens;
        int place = slots[token] % layout->blockTokens;
        for (int head = 0; head < layout->kvHeads; head++) {
            uint8_t *base = pool + layerOffset + block * layout->blockBytes + head * layout->headBytes;
            int64_t tile = (int64_t)(place / LANES) * LANES * size + place % LANES;
            int64_t row = token * stride + (int64_t)head * size;
            float keyScale = store_head(layout->element, keys + row, size, base + tile * bytes, LANES);
            float valueScale = store_head(layout->element, values + row, size,
                                          base + layout->valueOffset + (int64_t)place * layout->valueRow * bytes, 1);
            if (layout->element == KV_INT8) {
                ((float *)(base + layout->keyScaleOffset))[place] = keyScale;
                ((float *)(base + layout->valueScaleOffset))[place] = valueScale;
            }
        }
    }
}

EXPORT void LEVEL_NAME(rms_norm)(const float *input, const float *weight, float epsilon, float *output, int width, int from,
                                 int to) {
    for (int64_t row = from; row < to; row++) {
        const float *in = input + row * width;
        float *out = output + row * width;
        vf squares = vf_set1(0);
        for (int i = 0; i < width; i += LANES) {
            vf x = load_row(in + i, part(i, width));
            squares = vf_fma(x, x, squares);
        }
        vf inverse = vf_set1(1 / sqrtf(vf_fold(squares) / (float)width + epsilon));
        for (int i = 0; i < width; i += LANES) {
            int n = part(i, width);
            vf normal = vf_mul(load_row(in + i, n), inverse);
            store_row(out + i, vf_mul(normal, load_row(weight + i, n)), n);
        }
    }
}

EXPORT void LEVEL_NAME(rotate)(float *rows, int64_t stride, int heads, int headSize, const float *table, int rotary,
                               const int32_t *entries, int from, int to) {
    int half = rotary / 2;
    for (int64_t token = from; token < to; token++) {
        const float *line = table + (int64_t)entries[token] * rotary;
        for (int head = 0; head < heads; head++) {
            float *at = rows + token * stride + (int64_t)head * headSize;
            for (int i = 0; i < half; i += LANES) {
                int n = part(i, half);
                vf cosine = load_row(line + i, n), sine = load_row(line + half + i, n);
                vf low = load_row(at + i, n), high = load_row(at + half + i, n);
                store_row(at + i, vf_fma(low, cosine, vf_neg(vf_mul(high, sine))), n);
                store_row(at + half + i, vf_fma(high, cosine, vf_mul(low, sine)), n);
            }
        }
    }
}

INLINE vf logistic_times(vf x, vf slope) {
    return vf_div(x, vf_add(vf_set1(1), vf_exp(vf_neg(slope))));
}

INLINE vf open_gate(int gate, vf x) {
    if (gate == GATE_SILU) return logistic_times(x, x);
    vf inner = vf_mul(x, vf_fma(vf_set1(0.044715f), vf_mul(x, x), vf_set1(1)));
    return logistic_times(x, vf_mul(vf_set1(1.5957691216f), inner));
}

EXPORT void LEVEL_NAME(gate)(int gate, const float *gates, const float *inputs, int64_t stride, float *output, int width,
                             int from, int to) {
    for (int64_t row = from; row < to; row++) {
        for (int i = 0; i < width; i += LANES) {
            int n = part(i, width);
            vf open = open_gate(gate, load_row(gates + row * stride + i, n));
            store_row(output + row * width + i, vf_mul(open, load_row(inputs + row * stride + i, n)), n);
        }
    }
}

EXPORT void LEVEL_NAME(add_scaled)(float *sum, const float *addend, float factor, int64_t count) {
    vf times = vf_set1(factor);
    for (int64_t i = 0; i < count; i += LANES) {
        int n = count - i < LANES ? (int)(count - i) : LANES;
        store_row(sum + i, vf_fma(load_row(addend + i, n), times, load_row(sum + i, n)), n);
    }
}

EXPORT void LEVEL_NAME(add_bias)(float *rows, int64_t stride, const float *bias, int width, int from, int to) {
    for (int64_t row = from; row < to; row++) {
        float *at = rows + row * stride;
        for (int i = 0; i < width; i += LANES) {
            int n = part(i, width);
            store_row(at + i, vf_add(load_row(at + i, n), load_row(bias + i, n)), n);
        }
    }
}

EXPORT void LEVEL_NAME(softcap)(float *values, float cap, int64_t count) {
    vf limit = vf_set1(cap);
    for (int64_t i = 0; i < count; i += LANES) {
        int n = count - i < LANES ? (int)(count - i) : LANES;
        store_row(values + i, vf_mul(limit, vf_tanh(vf_div(load_row(values + i, n), limit))), n);
    }
}
