// What LoRA adapters add to products: each row has its own adapter, or none. A block takes 8 rows; those of one adapter that stand
// side by side share what is read of it. The sums of a row run in the same order whoever stands beside it.

#define ADAPTER_ROWS 8

/** A pair of narrow matrices: down [rank, columns], up [rank, outputs], scaled. */
struct Adapted {
    u64 down;
    u64 up;
    i64 rank;
};

/** The pair of a row's product; null where nothing is added. */
__device__ inline const Adapted* pair_of(const u64* tables, int slot, int place) {
    const Adapted* pair = slot < 0 ? nullptr : at_address<Adapted>(tables[slot]) + place;
    return pair && pair->rank > 0 ? pair : nullptr;
}

/** Where the rows end that have the slot of the row from, at most at end. */
__device__ inline int run_end(const int* row_slots, int from, int end) {
    int to = from + 1;
    while (to < end && row_slots[to] == row_slots[from]) {
        to++;
    }
    return to;
}

/**
 * narrow[row, product] = down . input[row], rank apart. Grid: rank / 4, products, rows / 8. Block: 4 warps, each makes one element.
 */
extern "C" __global__ void narrow_adapters(
        const int* row_slots, const u64* tables, int first, int rank, const u8* input, int type, int columns, float* narrow,
        int rows) {
    int lane = threadIdx.x & 31;
    int element_of_rank = blockIdx.x * 4 + (threadIdx.x >> 5);
    int begin = blockIdx.z * ADAPTER_ROWS;
    int end = begin + ADAPTER_ROWS < rows ? begin + ADAPTER_ROWS : rows;
    i64 row_bytes = (i64)columns * (type == TYPE_F32 ? 4 : 2);
    for (int from = begin; from < end;) {
        int count = run_end(row_slots, from, end) - from;
        const Adapted* pair = pair_of(tables, row_slots[from], first + blockIdx.y);
        if (pair && element_of_rank < pair->rank) {
            const float* weights = at_address<float>(pair->down) + (i64)element_of_rank * columns;
            float sums[ADAPTER_ROWS];
#pragma unroll
            for (int r = 0; r < ADAPTER_ROWS; r++) {
                sums[r] = 0.0f;
            }
            for (int i = lane; i < columns; i += 32) {
                float weight = weights[i];
#pragma unroll
                for (int r = 0; r < ADAPTER_ROWS; r++) {
                    if (r < count) {
                        sums[r] = fmaf(weight, element(input + (from + r) * row_bytes, type, i), sums[r]);
                    }
                }
            }
#pragma unroll
            for (int r = 0; r < ADAPTER_ROWS; r++) {
                float sum = warp_sum(sums[r]);
                if (lane == 0 && r < count) {
                    narrow[((i64)(from + r) * gridDim.y + blockIdx.y) * rank + element_of_rank] = sum;
                }
            }
        }
        from += count;
    }
}

/**
 * out[row] += up . narrow[row, product] for products whose outputs lie one behind the other. Grid: outputs / 128, products, rows / 8.
 * Block: 128 threads, each makes one output.
 */
extern "C" __global__ void widen_adapters(
        const int* row_slots, const u64* tables, int first, int rank, const float* narrow, float* out, int out_width,
        int width0, int width1, int width2, int rows) {
    int product = blockIdx.y;
    int width = product == 0 ? width0 : product == 1 ? width1 : width2;
    int offset = product == 0 ? 0 : product == 1 ? width0 : width0 + width1;
    int output = blockIdx.x * blockDim.x + threadIdx.x;
    if (output >= width) {
        return;
    }
    int begin = blockIdx.z * ADAPTER_ROWS;
    int end = begin + ADAPTER_ROWS < rows ? begin + ADAPTER_ROWS : rows;
    for (int from = begin; from < end;) {
        int count = run_end(row_slots, from, end) - from;
        const Adapted* pair = pair_of(tables, row_slots[from], first + product);
        if (pair) {
            const float* weights = at_address<float>(pair->up);
            float sums[ADAPTER_ROWS];
#pragma unroll
            for (int r = 0; r < ADAPTER_ROWS; r++) {
                sums[r] = 0.0f;
            }
            int own_rank = pair->rank < rank ? (int)pair->rank : rank;
            for (int k = 0; k < own_rank; k++) {
                float weight = weights[(i64)k * width + output];
#pragma unroll
                for (int r = 0; r < ADAPTER_ROWS; r++) {
                    if (r < count) {
                        sums[r] = fmaf(weight, narrow[((i64)(from + r) * gridDim.y + product) * rank + k], sums[r]);
                    }
                }
            }
#pragma unroll
            for (int r = 0; r < ADAPTER_ROWS; r++) {
                if (r < count) {
                    out[(i64)(from + r) * out_width + offset + output] += sums[r];
                }
            }
        }
        from += count;
    }
}
