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
#define DYNAMIC_SHARED(name) float* name = (float*)standin_dynamic_shared()

void* standin_dynamic_shared();
/** Waits until every thread of the block, or of the warp, has come. */
void standin_block_barrier();
void standin_warp_barrier();
/** A place of 8 bytes for each lane of the warp that asks; the next time others, so that one meeting of the lanes is enough. */
uint64_t* standin_warp_places();

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
