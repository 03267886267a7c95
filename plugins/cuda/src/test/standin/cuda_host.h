// What a CUDA kernel's source needs to be compiled by the host's C++ compiler: threads of a block are fibers of one thread of the
// machine, which take turns at barriers and at operations of a warp.
#pragma once
#define CAIRN_HOST 1

#include <cmath>
#include <cstdint>
#include <cstring>

struct Dim3 {
    unsigned int x, y, z;
};

// Plain ones: a thread_local of C++ asks at each use whether it was made.
extern __thread Dim3 threadIdx, blockIdx, blockDim, gridDim;

#define __global__
#define __device__
#define __shared__ static __thread
#define __launch_bounds__(...)
#define __align__(bytes) alignas(bytes)
#define DYNAMIC_SHARED(name) float* name = (float*)standin_dynamic_shared()

void* standin_dynamic_shared();

namespace standin {
const void* read(uint64_t address);
}

/** Addresses in the device's memory are those that are handed out; at any other one there are zeros, so that it is a wrong answer. */
template <typename T> const T* at_address(unsigned long long address) { return (const T*)standin::read(address); }

/** Waits until every thread of the block, or of the warp, has come. */
void standin_block_barrier();
void standin_warp_barrier();
/** A place of 8 bytes for each lane of the warp that asks; the next time others, so that one meeting of the lanes is enough. */
uint64_t* standin_warp_places();
/** Likewise, with room for a lane's operands of a step of the matrix cores. */
uint32_t (*standin_warp_operands())[6];

inline void __syncthreads() { standin_block_barrier(); }
inline void __syncwarp() { standin_warp_barrier(); }

template <typename T> T __shfl_xor_sync(unsigned int, T value, int distance) {
    static_assert(sizeof(T) <= 8, "a lane gives at most 8 bytes");
    uint64_t* places = standin_warp_places();
    int lane = (int)(threadIdx.x & 31);
    memcpy(&places[lane], &value, sizeof(T));
    standin_warp_barrier();
    T other;
    memcpy(&other, &places[lane ^ distance], sizeof(T));
    return other;
}

inline unsigned int __ballot_sync(unsigned int, int predicate) {
    uint64_t* places = standin_warp_places();
    places[threadIdx.x & 31] = predicate != 0;
    standin_warp_barrier();
    unsigned int mask = 0;
    for (int lane = 0; lane < 32; lane++) {
        mask |= (unsigned int)places[lane] << lane;
    }
    return mask;
}

inline int __popc(unsigned int bits) { return __builtin_popcount(bits); }

inline float standin_bf16(uint32_t pair, int half) {
    uint32_t bits = half ? pair & 0xffff0000u : pair << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/** The step of the matrix cores that common.cuh describes: sums run along k, from what d holds. */
inline void multiply_16_8_16_bf16(float* d, const uint32_t* a, const uint32_t* b) {
    uint32_t(*lanes)[6] = standin_warp_operands();
    int lane = (int)(threadIdx.x & 31);
    memcpy(lanes[lane], a, 16);
    memcpy(lanes[lane] + 4, b, 8);
    standin_warp_barrier();
    for (int e = 0; e < 4; e++) {
        int row = lane / 4 * 4;
        int column = (lane % 4 * 2 + (e & 1)) * 4;
        for (int k = 0; k < 16; k++) {
            // the lane of its row that holds column k of a, and the lane of its column that holds row k of b
            int holder = k % 8 / 2;
            uint32_t left = lanes[row + holder][(k / 8) * 2 + e / 2];
            uint32_t right = lanes[column + holder][4 + k / 8];
            d[e] = fmaf(standin_bf16(left, k & 1), standin_bf16(right, k & 1), d[e]);
        }
    }
}

// Fibers of a block take turns only where they ask for it: nothing comes between.
inline unsigned long long atomicAdd(unsigned long long* place, unsigned long long value) {
    unsigned long long old = *place;
    *place += value;
    return old;
}

inline unsigned int __float_as_uint(float value) {
    unsigned int bits;
    memcpy(&bits, &value, 4);
    return bits;
}
inline float __uint_as_float(unsigned int bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
inline long long __double_as_longlong(double value) {
    long long bits;
    memcpy(&bits, &value, 8);
    return bits;
}
inline double __longlong_as_double(long long bits) {
    double value;
    memcpy(&value, &bits, 8);
    return value;
}
