/* What every level exports, with the level's name behind it; the Java side is NativeKernels.java. Sizes are checked there. */
#ifndef CAIRN_KERNELS_H
#define CAIRN_KERNELS_H

#include <stdint.h>

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define LEVEL_NAME(name) JOIN(cairn_##name, CAIRN_LEVEL)
#define EXPORT __attribute__((visibility("default")))

/* as the ordinals of WeightFormat, ActivationFormat, KvElement and Gate */
enum { WEIGHT_F32, WEIGHT_F16, WEIGHT_BF16, WEIGHT_Q8_0, WEIGHT_Q4_0, WEIGHT_Q5_0, WEIGHT_Q4_K, WEIGHT_Q5_K, WEIGHT_Q6_K };
enum { ACTIVATION_F32, ACTIVATION_BF16, ACTIVATION_INT8 };
enum { KV_F32, KV_BF16, KV_INT8 };
enum { GATE_SILU, GATE_GELU_TANH };

#define QUANT_BLOCK 32
#define QUANT_SMALLEST 1e-30f

/* Where a layer's keys and values lie: KvLayout.java. Offsets and strides in bytes. */
typedef struct {
    int32_t element;
    int32_t blockTokens;
    int32_t kvHeads;
    int32_t headSize;
    int32_t valueRow;
    int32_t padding;
    int64_t blockBytes;
    int64_t headBytes;
    int64_t valueOffset;
    int64_t keyScaleOffset;
    int64_t valueScaleOffset;
} kv_layout;

#endif
