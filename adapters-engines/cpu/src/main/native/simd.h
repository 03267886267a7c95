/*
 * Sixteen float32 or int32 lanes as one value, for each instruction set that the kernels are compiled for.
 *
 * Every function is the same sequence of IEEE operations on every set (a fused multiply-add is always fused, nothing is
 * reassociated, sums over lanes are folded 8, 4, 2, 1), so that all levels and the Java providers agree bit for bit.
 */
#ifndef CAIRN_SIMD_H
#define CAIRN_SIMD_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define LANES 16

/*
 * Code is made anew for each size of tile, and unrolled, where its sums then live in registers. The portable form has none to
 * promise, and its compilation would take half a minute.
 */
#if defined(CAIRN_AVX512) || defined(CAIRN_AVX2)
#define UNROLL _Pragma("GCC unroll 8")
#define PER_SIZE INLINE
#else
#define UNROLL
#define PER_SIZE static __attribute__((noinline))
#endif

#if defined(CAIRN_AVX512)
#include <immintrin.h>

typedef __m512 vf;
typedef __m512i vi;

INLINE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void vf_store(float *p, vf v) { _mm512_storeu_ps(p, v); }
INLINE vf vf_load_part(const float *p, int n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void vf_store_part(float *p, vf v, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v); }
INLINE vf vf_set1(float x) { return _mm512_set1_ps(x); }
INLINE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
INLINE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
INLINE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
INLINE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
INLINE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
INLINE vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
INLINE vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vf vf_abs(vf a) { return _mm512_abs_ps(a); }
INLINE vf vf_neg(vf a) {
    return _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(a), _mm512_set1_epi32((int)0x80000000)));
}
INLINE vf vf_copysign(vf magnitude, vf sign) {
    const __m512i bit = _mm512_set1_epi32((int)0x80000000);
    return _mm512_castsi512_ps(_mm512_or_si512(_mm512_andnot_si512(bit, _mm512_castps_si512(magnitude)),
                                               _mm512_and_si512(bit, _mm512_castps_si512(sign))));
}
/* x < limit ? a : b */
INLINE vf vf_below(vf x, vf limit, vf a, vf b) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, limit, _CMP_LT_OQ), b, a);
}
INLINE vf vf_from_int(vi v) { return _mm512_cvtepi32_ps(v); }
INLINE vi vi_from_float(vf v) { return _mm512_cvtps_epi32(v); }
/* 2^n of whole numbers n */
INLINE vf vf_power2(vf n) {
    __m512i bits = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 23));
}
INLINE vf vf_load_f16(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE vf vf_load_bf16(const uint16_t *p) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}
INLINE vf vf_load_i8(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
INLINE float vf_fold(vf v) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
INLINE float vf_largest(vf v) { return _mm512_reduce_max_ps(v); }

INLINE vi vi_load(const void *p) { return _mm512_loadu_si512(p); }
INLINE vi vi_set1(int x) { return _mm512_set1_epi32(x); }
INLINE vi vi_shift_left(vi v, const int bits) { return _mm512_slli_epi32(v, (unsigned)bits); }
INLINE vi vi_low_nibbles(vi v) { return _mm512_and_si512(v, _mm512_set1_epi8(15)); }
INLINE vi vi_high_nibbles(vi v) { return _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(15)); }
INLINE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
/* some bits of each byte, `left` places higher (or lower, where it is negative), without the others */
INLINE vi vi_field(vi v, const int left, const int mask) {
    vi moved = left >= 0 ? _mm512_slli_epi16(v, (unsigned)(left & 15)) : _mm512_srli_epi16(v, (unsigned)(-left & 15));
    return _mm512_and_si512(moved, _mm512_set1_epi8((char)mask));
}
/* adds the products of four unsigned bytes of w and four signed bytes of x to each lane, exactly */
INLINE vi vi_dot4(vi sum, vi w, vi x) { return _mm512_dpbusd_epi32(sum, w, x); }
INLINE int vi_sum(vi v) { return _mm512_reduce_add_epi32(v); }
INLINE void vi_store_bytes(int8_t *p, vi v) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(v)); }

/* adds the products of a pair of bfloat16: the odd one, then the even one */
#if defined(CAIRN_BF16)
INLINE vf vf_dot_bf16(vf sum, vi w, vi x) { return _mm512_dpbf16_ps(sum, (__m512bh)w, (__m512bh)x); }
#else
INLINE vf vf_dot_bf16(vf sum, vi w, vi x) {
    const __m512i high = _mm512_set1_epi32((int)0xffff0000);
    sum = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_and_si512(w, high)),
                          _mm512_castsi512_ps(_mm512_and_si512(x, high)), sum);
    return _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_slli_epi32(w, 16)),
                           _mm512_castsi512_ps(_mm512_slli_epi32(x, 16)), sum);
}
#endif

/* rows of a product's tile, panels beside each other, and panels where there is one row */
#define TILE_TOKENS 6
#define TILE_PANELS 2
#define VECTOR_PANELS 4

#elif defined(CAIRN_AVX2)
#include <immintrin.h>

typedef struct { __m256 a, b; } vf;
typedef struct { __m256i a, b; } vi;

INLINE vf vf_load(const float *p) { return (vf){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
INLINE void vf_store(float *p, vf v) { _mm256_storeu_ps(p, v.a); _mm256_storeu_ps(p + 8, v.b); }
INLINE vf vf_load_part(const float *p, int n) {
    float all[LANES] = {0};
    for (int i = 0; i < n; i++) all[i] = p[i];
    return vf_load(all);
}
INLINE void vf_store_part(float *p, vf v, int n) {
    float all[LANES];
    vf_store(all, v);
    for (int i = 0; i < n; i++) p[i] = all[i];
}
INLINE vf vf_set1(float x) { return (vf){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
INLINE vf vf_fma(vf a, vf b, vf c) { return (vf){_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)}; }
INLINE vf vf_add(vf a, vf b) { return (vf){_mm256_add_ps(a.a, b.a), _mm256_add_ps(a.b, b.b)}; }
INLINE vf vf_sub(vf a, vf b) { return (vf){_mm256_sub_ps(a.a, b.a), _mm256_sub_ps(a.b, b.b)}; }
INLINE vf vf_mul(vf a, vf b) { return (vf){_mm256_mul_ps(a.a, b.a), _mm256_mul_ps(a.b, b.b)}; }
INLINE vf vf_div(vf a, vf b) { return (vf){_mm256_div_ps(a.a, b.a), _mm256_div_ps(a.b, b.b)}; }
INLINE vf vf_min(vf a, vf b) { return (vf){_mm256_min_ps(a.a, b.a), _mm256_min_ps(a.b, b.b)}; }
INLINE vf vf_max(vf a, vf b) { return (vf){_mm256_max_ps(a.a, b.a), _mm256_max_ps(a.b, b.b)}; }
INLINE vf vf_abs(vf v) {
    const __m256 bit = _mm256_set1_ps(-0.0f);
    return (vf){_mm256_andnot_ps(bit, v.a), _mm256_andnot_ps(bit, v.b)};
}
INLINE vf vf_neg(vf v) {
    const __m256 bit = _mm256_set1_ps(-0.0f);
    return (vf){_mm256_xor_ps(bit, v.a), _mm256_xor_ps(bit, v.b)};
}
INLINE vf vf_copysign(vf magnitude, vf sign) {
    const __m256 bit = _mm256_set1_ps(-0.0f);
    return (vf){_mm256_or_ps(_mm256_andnot_ps(bit, magnitude.a), _mm256_and_ps(bit, sign.a)),
                _mm256_or_ps(_mm256_andnot_ps(bit, magnitude.b), _mm256_and_ps(bit, sign.b))};
}
INLINE vf vf_below(vf x, vf limit, vf a, vf b) {
    return (vf){_mm256_blendv_ps(b.a, a.a, _mm256_cmp_ps(x.a, limit.a, _CMP_LT_OQ)),
                _mm256_blendv_ps(b.b, a.b, _mm256_cmp_ps(x.b, limit.b, _CMP_LT_OQ))};
}
INLINE vf vf_from_int(vi v) { return (vf){_mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b)}; }
INLINE vi vi_from_float(vf v) { return (vi){_mm256_cvtps_epi32(v.a), _mm256_cvtps_epi32(v.b)}; }
INLINE vf vf_power2(vf n) {
    const __m256i bias = _mm256_set1_epi32(127);
    return (vf){_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.a), bias), 23)),
                _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.b), bias), 23))};
}
INLINE vf vf_load_f16(const uint16_t *p) {
    return (vf){_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p + 8)))};
}
INLINE vf vf_load_bf16(const uint16_t *p) {
    __m256i a = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    __m256i b = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(p + 8)));
    return (vf){_mm256_castsi256_ps(_mm256_slli_epi32(a, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(b, 16))};
}
INLINE vf vf_load_i8(const int8_t *p) {
    return (vf){_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p))),
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(p + 8))))};
}
INLINE float vf_fold(vf v) {
    __m256 eight = _mm256_add_ps(v.a, v.b);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
INLINE float vf_largest(vf v) {
    __m256 eight = _mm256_max_ps(v.a, v.b);
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

INLINE vi vi_load(const void *p) {
    return (vi){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)p + 1)};
}
INLINE vi vi_set1(int x) { return (vi){_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
INLINE vi vi_shift_left(vi v, const int bits) {
    return (vi){_mm256_slli_epi32(v.a, bits), _mm256_slli_epi32(v.b, bits)};
}
INLINE vi vi_low_nibbles(vi v) {
    const __m256i low = _mm256_set1_epi8(15);
    return (vi){_mm256_and_si256(v.a, low), _mm256_and_si256(v.b, low)};
}
INLINE vi vi_high_nibbles(vi v) {
    const __m256i low = _mm256_set1_epi8(15);
    return (vi){_mm256_and_si256(_mm256_srli_epi16(v.a, 4), low), _mm256_and_si256(_mm256_srli_epi16(v.b, 4), low)};
}
INLINE vi vi_or(vi a, vi b) { return (vi){_mm256_or_si256(a.a, b.a), _mm256_or_si256(a.b, b.b)}; }
INLINE __m256i field_half(__m256i v, const int left, const int mask) {
    __m256i moved = left >= 0 ? _mm256_slli_epi16(v, left & 15) : _mm256_srli_epi16(v, -left & 15);
    return _mm256_and_si256(moved, _mm256_set1_epi8((char)mask));
}
INLINE vi vi_field(vi v, const int left, const int mask) {
    return (vi){field_half(v.a, left, mask), field_half(v.b, left, mask)};
}
/* pmaddubsw would saturate, so bytes are widened to 16 bits, even and odd ones apart */
INLINE __m256i dot4_half(__m256i sum, __m256i w, __m256i x) {
    __m256i even = _mm256_madd_epi16(_mm256_and_si256(w, _mm256_set1_epi16(255)),
                                     _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8));
    __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), _mm256_srai_epi16(x, 8));
    return _mm256_add_epi32(sum, _mm256_add_epi32(even, odd));
}
INLINE vi vi_dot4(vi sum, vi w, vi x) { return (vi){dot4_half(sum.a, w.a, x.a), dot4_half(sum.b, w.b, x.b)}; }
INLINE int vi_sum(vi v) {
    __m256i eight = _mm256_add_epi32(v.a, v.b);
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}
INLINE void vi_store_bytes(int8_t *p, vi v) {
    int32_t all[LANES];
    _mm256_storeu_si256((__m256i *)all, v.a);
    _mm256_storeu_si256((__m256i *)(all + 8), v.b);
    for (int i = 0; i < LANES; i++) p[i] = (int8_t)all[i];
}
INLINE __m256 dot_bf16_half(__m256 sum, __m256i w, __m256i x) {
    const __m256i high = _mm256_set1_epi32((int)0xffff0000);
    sum = _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_and_si256(w, high)),
                          _mm256_castsi256_ps(_mm256_and_si256(x, high)), sum);
    return _mm256_fmadd_ps(_mm256_castsi256_ps(_mm256_slli_epi32(w, 16)),
                           _mm256_castsi256_ps(_mm256_slli_epi32(x, 16)), sum);
}
INLINE vf vf_dot_bf16(vf sum, vi w, vi x) {
    return (vf){dot_bf16_half(sum.a, w.a, x.a), dot_bf16_half(sum.b, w.b, x.b)};
}

#define TILE_TOKENS 4
#define TILE_PANELS 1
#define VECTOR_PANELS 2

#else

/* Portable C: loops of fixed length that a compiler turns into whatever vectors the machine has. */
typedef struct { float v[LANES]; } vf;
typedef struct { int32_t v[LANES]; } vi;

#define EACH for (int i = 0; i < LANES; i++)
#define VF(expression) vf r; EACH r.v[i] = (expression); return r
#define VI(expression) vi r; EACH r.v[i] = (expression); return r

INLINE float bits_to_float(uint32_t bits) { float f; memcpy(&f, &bits, 4); return f; }

INLINE vf vf_load(const float *p) { VF(p[i]); }
INLINE void vf_store(float *p, vf v) { EACH p[i] = v.v[i]; }
INLINE vf vf_load_part(const float *p, int n) { VF(i < n ? p[i] : 0); }
INLINE void vf_store_part(float *p, vf v, int n) { for (int i = 0; i < n; i++) p[i] = v.v[i]; }
INLINE vf vf_set1(float x) { VF(x); }
INLINE vf vf_fma(vf a, vf b, vf c) { VF(__builtin_fmaf(a.v[i], b.v[i], c.v[i])); }
INLINE vf vf_add(vf a, vf b) { VF(a.v[i] + b.v[i]); }
INLINE vf vf_sub(vf a, vf b) { VF(a.v[i] - b.v[i]); }
INLINE vf vf_mul(vf a, vf b) { VF(a.v[i] * b.v[i]); }
INLINE vf vf_div(vf a, vf b) { VF(a.v[i] / b.v[i]); }
INLINE vf vf_min(vf a, vf b) { VF(a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
INLINE vf vf_max(vf a, vf b) { VF(a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
INLINE vf vf_abs(vf a) { VF(__builtin_fabsf(a.v[i])); }
INLINE vf vf_neg(vf a) { VF(-a.v[i]); }
INLINE vf vf_copysign(vf a, vf s) { VF(__builtin_copysignf(a.v[i], s.v[i])); }
INLINE vf vf_below(vf x, vf limit, vf a, vf b) { VF(x.v[i] < limit.v[i] ? a.v[i] : b.v[i]); }
INLINE vf vf_from_int(vi a) { VF((float)a.v[i]); }
INLINE vi vi_from_float(vf a) { VI((int32_t)((a.v[i] + 12582912.0f) - 12582912.0f)); }
INLINE vf vf_power2(vf n) { VF(bits_to_float((uint32_t)((int32_t)n.v[i] + 127) << 23)); }
INLINE float f16_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t rest = (uint32_t)(h & 0x7fff) << 13;
    if ((h & 0x7c00) == 0x7c00) return bits_to_float(sign | 0x7f800000 | rest);
    /* the exponent's bias differs by 112; the product is exact and takes care of subnormals */
    return (sign ? -1.0f : 1.0f) * (bits_to_float(rest) * 0x1p112f);
}
INLINE vf vf_load_f16(const uint16_t *p) { VF(f16_to_float(p[i])); }
INLINE vf vf_load_bf16(const uint16_t *p) { VF(bits_to_float((uint32_t)p[i] << 16)); }
INLINE vf vf_load_i8(const int8_t *p) { VF((float)p[i]); }
INLINE float vf_fold(vf v) {
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) v.v[i] += v.v[i + half];
    return v.v[0];
}
INLINE float vf_largest(vf v) {
    float largest = v.v[0];
    EACH if (v.v[i] > largest) largest = v.v[i];
    return largest;
}
INLINE vi vi_load(const void *p) { vi r; memcpy(&r, p, sizeof r); return r; }
INLINE vi vi_set1(int x) { VI(x); }
INLINE vi vi_shift_left(vi a, const int bits) { VI((int32_t)((uint32_t)a.v[i] << bits)); }
INLINE vi vi_low_nibbles(vi a) { VI(a.v[i] & 0x0f0f0f0f); }
INLINE vi vi_high_nibbles(vi a) { VI((a.v[i] >> 4) & 0x0f0f0f0f); }
INLINE vi vi_or(vi a, vi b) { VI(a.v[i] | b.v[i]); }
INLINE vi vi_field(vi a, const int left, const int mask) {
    const int32_t all = mask * 0x01010101;
    VI((int32_t)(left >= 0 ? (uint32_t)a.v[i] << left : (uint32_t)a.v[i] >> -left) & all);
}
INLINE int32_t dot4_lane(int32_t w, int32_t x) {
    return (w & 255) * (int8_t)x + (w >> 8 & 255) * (int8_t)(x >> 8) + (w >> 16 & 255) * (int8_t)(x >> 16)
           + (w >> 24 & 255) * (int8_t)(x >> 24);
}
INLINE vi vi_dot4(vi sum, vi w, vi x) { VI(sum.v[i] + dot4_lane(w.v[i], x.v[i])); }
INLINE int vi_sum(vi a) { int sum = 0; EACH sum += a.v[i]; return sum; }
INLINE void vi_store_bytes(int8_t *p, vi a) { EACH p[i] = (int8_t)a.v[i]; }
INLINE vf vf_dot_bf16(vf sum, vi w, vi x) {
    vf r;
    EACH {
        uint32_t a = (uint32_t)w.v[i], b = (uint32_t)x.v[i];
        float odd = __builtin_fmaf(bits_to_float(a & 0xffff0000), bits_to_float(b & 0xffff0000), sum.v[i]);
        r.v[i] = __builtin_fmaf(bits_to_float(a << 16), bits_to_float(b << 16), odd);
    }
    return r;
}

#define TILE_TOKENS 4
#define TILE_PANELS 1
#define VECTOR_PANELS 2

#endif

/* exp, tanh: the polynomials of Cephes, as in PlainMath.java, operation for operation */
INLINE vf vf_exp(vf x) {
    const vf round = vf_set1(12582912.0f);
    vf bounded = vf_min(x, vf_set1(88.0f));
    vf n = vf_sub(vf_add(vf_mul(bounded, vf_set1(1.44269504f)), round), round);
    vf minus = vf_neg(n);
    vf r = vf_fma(minus, vf_set1(-2.12194440e-4f), vf_fma(minus, vf_set1(0.693359375f), bounded));
    vf p = vf_fma(vf_set1(1.9875691500e-4f), r, vf_set1(1.3981999507e-3f));
    p = vf_fma(p, r, vf_set1(8.3334519073e-3f));
    p = vf_fma(p, r, vf_set1(4.1665795894e-2f));
    p = vf_fma(p, r, vf_set1(1.6666665459e-1f));
    p = vf_fma(p, r, vf_set1(5.0000001201e-1f));
    vf y = vf_add(vf_fma(p, vf_mul(r, r), r), vf_set1(1.0f));
    return vf_below(x, vf_set1(-87.33654f), vf_set1(0.0f), vf_mul(y, vf_power2(n)));
}

INLINE vf vf_tanh(vf x) {
    const vf one = vf_set1(1.0f);
    vf z = vf_mul(x, x);
    vf p = vf_fma(vf_set1(-5.70498872745e-3f), z, vf_set1(2.06390887954e-2f));
    p = vf_fma(p, z, vf_set1(-5.37397155531e-2f));
    p = vf_fma(p, z, vf_set1(1.33314422036e-1f));
    p = vf_fma(p, z, vf_set1(-3.33332819422e-1f));
    vf small = vf_fma(vf_mul(p, z), x, x);
    vf magnitude = vf_abs(x);
    vf e = vf_exp(vf_mul(vf_set1(-2.0f), magnitude));
    vf large = vf_copysign(vf_div(vf_sub(one, e), vf_add(one, e)), x);
    return vf_below(magnitude, vf_set1(0.625f), small, large);
}

#endif
