// What all kernels share. Put in front of each of them as text, so that the compiler needs no include path.
//
// Everything is compiled without contraction (--fmad=false): where a product and a sum are to be one operation, fmaf says so.
// So a row has the same bits in whichever kernel, tile or batch it is computed, and the host's compiler gives them too.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#ifndef CAIRN_HOST
/** What lies at an address that was read from the device's memory. */
template <typename T> __device__ inline const T* at_address(u64 address) { return (const T*)address; }

#define DYNAMIC_SHARED(name) extern __shared__ __align__(16) float name[]

/**
 * One step of the matrix cores, made by a warp: d += a . b with a [16, 16] and b [16, 8] in bfloat16, d [16, 8] in float32. What a
 * lane holds is the PTX manual's: of a rows lane / 4 and 8 below, columns 2 * (lane % 4) and 8 beyond, pairs in one word; of b
 * column lane / 4, rows likewise; of d rows as of a, columns 2 * (lane % 4). An element of d depends on its row of a, its column of
 * b and itself alone. The host's version is in the stand-in.
 */
__device__ inline void multiply_16_8_16_bf16(float* d, const u32* a, const u32* b) {
#if __CUDA_ARCH__ >= 800
    asm volatile(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
            : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    asm volatile("trap;");
#endif
}
#endif

// Element types, numbered as dev.cairn.plugin.device.ElementType.
#define TYPE_F32 0
#define TYPE_F16 1
#define TYPE_BF16 2
#define TYPE_Q8_0 3
#define TYPE_Q4_0 4
#define TYPE_Q5_0 5
#define TYPE_Q4_K 6
#define TYPE_Q5_K 7
#define TYPE_Q6_K 8

#define MINUS_INFINITY __uint_as_float(0xff800000u)

__device__ inline float from_bf16(u16 bits) { return __uint_as_float((u32)bits << 16); }

/** To the nearest, ties to even; a NaN stays one. */
__device__ inline u16 to_bf16(float value) {
    u32 bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) {
        return (u16)((bits >> 16) | 0x40u);
    }
    return (u16)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

__device__ inline float from_f16(u16 half) {
    u32 sign = (u32)(half & 0x8000u) << 16;
    u32 rest = half & 0x7fffu;
    if (rest >= 0x7c00u) {
        return __uint_as_float(sign | 0x7f800000u | (rest << 13));
    }
    // subnormals too: the product with 2^112 is exact
    return __uint_as_float(sign | __float_as_uint(__uint_as_float(rest << 13) * 5.192296858534828e33f));
}

/** To the nearest, ties to even. */
__device__ inline u16 to_f16(float value) {
    u32 bits = __float_as_uint(value);
    u32 sign = (bits >> 16) & 0x8000u;
    u32 rest = bits & 0x7fffffffu;
    if (rest > 0x7f800000u) {
        return (u16)(sign | 0x7e00u);
    }
    if (rest >= 0x477ff000u) {
        return (u16)(sign | 0x7c00u);
    }
    if (rest < 0x38800000u) {
        return (u16)(sign | (__float_as_uint(__uint_as_float(rest) + 0.5f) - 0x3f000000u));
    }
    return (u16)(sign | ((rest + 0xc8000fffu + ((rest >> 13) & 1u)) >> 13));
}

/** The block of a quantised row that element i is in: GGUF's, of 32 or 256 elements. */
__device__ inline const u8* block_of(const u8* row, int type, int i) {
    switch (type) {
        case TYPE_Q8_0: return row + (i64)(i >> 5) * 34;
        case TYPE_Q4_0: return row + (i64)(i >> 5) * 18;
        case TYPE_Q5_0: return row + (i64)(i >> 5) * 22;
        case TYPE_Q4_K: return row + (i64)(i >> 8) * 144;
        case TYPE_Q5_K: return row + (i64)(i >> 8) * 176;
        default: return row + (i64)(i >> 8) * 210;
    }
}

/** The whole number that a quantised block has for element i; bfloat16 holds each of them. */
__device__ inline int code_of(const u8* block, int type, int i) {
    int place = i & 31;
    int part = i >> 5 & 7;
    switch (type) {
        case TYPE_Q8_0: return (signed char)block[2 + place];
        case TYPE_Q4_0: return (block[2 + (place & 15)] >> (place >> 4 << 2) & 15) - 8;
        case TYPE_Q5_0:
            return ((block[6 + (place & 15)] >> (place >> 4 << 2) & 15) | (block[2 + (place >> 3)] >> (place & 7) & 1) << 4) - 16;
        case TYPE_Q4_K: return block[16 + (part >> 1) * 32 + place] >> ((part & 1) << 2) & 15;
        case TYPE_Q5_K:
            return (block[48 + (part >> 1) * 32 + place] >> ((part & 1) << 2) & 15) | (block[16 + place] >> part & 1) << 4;
        default:
            return ((block[(part >> 2) * 64 + (part & 1) * 32 + place] >> ((part >> 1 & 1) << 2) & 15)
                    | (block[128 + (part >> 2) * 32 + place] >> ((part & 3) << 1) & 3) << 4) - 32;
    }
}

/** Whether an element is scale * code - minimum, not scale * code. */
__device__ inline bool has_minimum(int type) { return type == TYPE_Q4_K || type == TYPE_Q5_K; }

/** What the code of element i is multiplied by; the same for each 16 elements from a multiple of it on. */
__device__ inline float scale_of(const u8* block, int type, int i) {
    if (type == TYPE_Q6_K) {
        return from_f16(*(const u16*)(block + 208)) * (float)(signed char)block[192 + (i >> 4 & 15)];
    }
    float d = from_f16(*(const u16*)block);
    if (!has_minimum(type)) {
        return d;
    }
    const u8* packed = block + 4;
    int part = i >> 5 & 7;
    int six = part < 4 ? packed[part] & 63 : (packed[part + 4] & 15) | packed[part - 4] >> 6 << 4;
    return d * (float)six;
}

__device__ inline float minimum_of(const u8* block, int i) {
    const u8* packed = block + 4;
    int part = i >> 5 & 7;
    int six = part < 4 ? packed[part + 4] & 63 : packed[part + 4] >> 4 | packed[part] >> 6 << 4;
    return from_f16(*(const u16*)(block + 2)) * (float)six;
}

/** Element i of a stored row. */
__device__ inline float element(const u8* row, int type, int i) {
    if (type == TYPE_F32) {
        return ((const float*)row)[i];
    }
    if (type == TYPE_F16) {
        return from_f16(((const u16*)row)[i]);
    }
    if (type == TYPE_BF16) {
        return from_bf16(((const u16*)row)[i]);
    }
    const u8* block = block_of(row, type, i);
    float value = scale_of(block, type, i) * (float)code_of(block, type, i);
    return has_minimum(type) ? value - minimum_of(block, i) : value;
}

/** Writes one element of a row of plain type. */
__device__ inline void put(void* row, int type, i64 i, float value) {
    if (type == TYPE_F32) {
        ((float*)row)[i] = value;
    } else if (type == TYPE_F16) {
        ((u16*)row)[i] = to_f16(value);
    } else {
        ((u16*)row)[i] = to_bf16(value);
    }
}

/** To the nearest integer, ties to even; magnitudes below 2^22. */
__device__ inline float round_even(float x) { return (x + 12582912.0f) - 12582912.0f; }

/** e to the x by the polynomial of the Cephes library (expf); 0 where the result would be subnormal. */
__device__ inline float exponential(float x) {
    if (x < -87.33654f) {
        return 0.0f;
    }
    float bounded = x < 88.0f ? x : 88.0f;
    float n = round_even(bounded * 1.44269504f);
    float r = fmaf(-n, -2.12194440e-4f, fmaf(-n, 0.693359375f, bounded));
    float p = fmaf(1.9875691500e-4f, r, 1.3981999507e-3f);
    p = fmaf(p, r, 8.3334519073e-3f);
    p = fmaf(p, r, 4.1665795894e-2f);
    p = fmaf(p, r, 1.6666665459e-1f);
    p = fmaf(p, r, 5.0000001201e-1f);
    float y = fmaf(p, r * r, r) + 1.0f;
    return y * __uint_as_float((u32)((int)n + 127) << 23);
}

/** The hyperbolic tangent: Cephes' polynomial (tanhf) near zero, made of the exponential elsewhere. */
__device__ inline float tangent(float x) {
    float magnitude = x < 0.0f ? -x : x;
    if (magnitude < 0.625f) {
        float z = x * x;
        float p = fmaf(-5.70498872745e-3f, z, 2.06390887954e-2f);
        p = fmaf(p, z, -5.37397155531e-2f);
        p = fmaf(p, z, 1.33314422036e-1f);
        p = fmaf(p, z, -3.33332819422e-1f);
        return fmaf(p * z, x, x);
    }
    float e = exponential(-2.0f * magnitude);
    float t = (1.0f - e) / (1.0f + e);
    return x < 0.0f ? -t : t;
}

__device__ inline float softcapped(float x, float cap) { return cap * tangent(x / cap); }

/** Eight elements of 16 bits, moved at once. */
struct __align__(16) Eight {
    u64 low;
    u64 high;
};

/** The same sum in every lane, folded in one order. */
__device__ inline float warp_sum(float value) {
    for (int distance = 16; distance > 0; distance >>= 1) {
        value += __shfl_xor_sync(0xffffffffu, value, distance);
    }
    return value;
}

/** The same sum in every thread of a block of whole warps, at most 32 of them. */
__device__ inline float block_sum(float value) {
    __shared__ float sums[32];
    float own = warp_sum(value);
    __syncthreads();
    if ((threadIdx.x & 31) == 0) {
        sums[threadIdx.x >> 5] = own;
    }
    __syncthreads();
    float total = 0.0f;
    for (int warp = 0; warp < (int)(blockDim.x >> 5); warp++) {
        total += sums[warp];
    }
    return total;
}
