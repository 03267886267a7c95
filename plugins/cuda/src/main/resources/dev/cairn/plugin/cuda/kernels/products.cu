// Matrix products of our own: quantised weights as stored, and experts. A warp makes one output of up to ROWS rows, whose sums
// run over the columns in the same order whatever the number of rows.

#define ROWS 4

/**
 * out[row, n] = weights[n] . input[row], rows of out out_width apart. Grid: outputs / 4, rows / ROWS. Block: 4 warps.
 */
extern "C" __global__ void multiply_stored(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    int lane = threadIdx.x & 31;
    int output = blockIdx.x * 4 + (threadIdx.x >> 5);
    if (output >= outputs) {
        return;
    }
    int first = blockIdx.y * ROWS;
    const u8* row = weights + (i64)output * row_bytes;
    float sums[ROWS];
    for (int r = 0; r < ROWS; r++) {
        sums[r] = 0.0f;
    }
    for (int i = lane; i < columns; i += 32) {
        float weight = element(row, type, i);
        for (int r = 0; r < ROWS; r++) {
            if (first + r < rows) {
                sums[r] = fmaf(weight, input[(i64)(first + r) * columns + i], sums[r]);
            }
        }
    }
    for (int r = 0; r < ROWS && first + r < rows; r++) {
        float sum = warp_sum(sums[r]);
        if (lane == 0) {
            out[(i64)(first + r) * out_width + output] = sum;
        }
    }
}

// Columns whose sum is made apart by the matrix cores' products, from a multiple of it on; the sums are added in their order.
#define SEGMENT 512
#define PRODUCT_OUTPUTS 16

/** Sixteen columns of sixteen quantised outputs, as a lane of a warp holds them for the matrix cores. */
struct StoredPiece {
    u32 codes[4];
    float scales[2];
    float minima[2];
};

/** Of outputs upper and upper + 8, columns i + 2 * (lane % 4) and on; outputs that are not there are zeros. */
__device__ inline StoredPiece stored_piece(const u8* weights, int type, i64 row_bytes, int upper, int outputs, int i, int column) {
    StoredPiece piece;
    for (int half = 0; half < 2; half++) {
        int output = upper + 8 * half;
        piece.codes[half] = piece.codes[half + 2] = 0;
        piece.scales[half] = piece.minima[half] = 0.0f;
        if (output < outputs) {
            const u8* block = block_of(weights + (i64)output * row_bytes, type, i);
            for (int beyond = 0; beyond < 2; beyond++) {
                int at = i + column + 8 * beyond;
                // whole numbers below 256: the upper half of their float32 is their bfloat16
                u32 first = __float_as_uint((float)code_of(block, type, at)) >> 16;
                u32 second = __float_as_uint((float)code_of(block, type, at + 1)) & 0xffff0000u;
                piece.codes[half + 2 * beyond] = first | second;
            }
            piece.scales[half] = scale_of(block, type, i);
            piece.minima[half] = has_minimum(type) ? minimum_of(block, i) : 0.0f;
        }
    }
    return piece;
}

/** An input as the sum of two numbers of bfloat16, which hold 16 of its 24 bits. */
__device__ inline void split(float value, u16* high, u16* low) {
    *high = to_bf16(value);
    *low = to_bf16(value - from_bf16(*high));
}

/** sums += piece . input of sixteen columns: scale * (codes . input) - minimum * (ones . input) of each output. */
__device__ inline void add_piece(float* sums, const StoredPiece& piece, bool has_minima, const u32* high, const u32* low) {
    float dots[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    multiply_16_8_16_bf16(dots, piece.codes, high);
    multiply_16_8_16_bf16(dots, piece.codes, low);
    for (int e = 0; e < 4; e++) {
        sums[e] = fmaf(piece.scales[e >> 1], dots[e], sums[e]);
    }
    if (has_minima) {
        const u32 ones[4] = {0x3f803f80u, 0x3f803f80u, 0x3f803f80u, 0x3f803f80u};
        float totals[4] = {0.0f, 0.0f, 0.0f, 0.0f};
        multiply_16_8_16_bf16(totals, ones, high);
        multiply_16_8_16_bf16(totals, ones, low);
        for (int e = 0; e < 4; e++) {
            sums[e] = fmaf(-piece.minima[e >> 1], totals[e], sums[e]);
        }
    }
}

/**
 * As multiply_stored, by the matrix cores, for few rows: the warps of a block take the segments of its columns in turn.
 * Grid: outputs / 16, rows / 8. Block: 8 warps. Dynamic shared memory: 128 floats for each segment.
 */
extern "C" __global__ void multiply_few_cores(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    DYNAMIC_SHARED(parts);
    int warp = threadIdx.x >> 5;
    int line = (threadIdx.x & 31) >> 2;
    int column = (threadIdx.x & 3) * 2;
    int first_output = blockIdx.x * PRODUCT_OUTPUTS;
    int row = blockIdx.y * 8 + line;
    int segments = (columns + SEGMENT - 1) / SEGMENT;
    bool has_minima = has_minimum(type);
    for (int segment = warp; segment < segments; segment += blockDim.x >> 5) {
        int end = (segment + 1) * SEGMENT < columns ? (segment + 1) * SEGMENT : columns;
        float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
        for (int i = segment * SEGMENT; i < end; i += 16) {
            StoredPiece piece = stored_piece(weights, type, row_bytes, first_output + line, outputs, i, column);
            u32 high[2];
            u32 low[2];
            for (int beyond = 0; beyond < 2; beyond++) {
                u16 highs[2] = {0, 0};
                u16 lows[2] = {0, 0};
                if (row < rows) {
                    const float* values = input + (i64)row * columns + i + column + 8 * beyond;
                    split(values[0], &highs[0], &lows[0]);
                    split(values[1], &highs[1], &lows[1]);
                }
                high[beyond] = highs[0] | (u32)highs[1] << 16;
                low[beyond] = lows[0] | (u32)lows[1] << 16;
            }
            add_piece(sums, piece, has_minima, high, low);
        }
        for (int e = 0; e < 4; e++) {
            parts[segment * 128 + (line + 8 * (e >> 1)) * 8 + column + (e & 1)] = sums[e];
        }
    }
    __syncthreads();
    for (int at = threadIdx.x; at < 128; at += blockDim.x) {
        int output = first_output + at / 8;
        int own = blockIdx.y * 8 + at % 8;
        if (output < outputs && own < rows) {
            float total = 0.0f;
            for (int segment = 0; segment < segments; segment++) {
                total += parts[segment * 128 + at];
            }
            out[(i64)own * out_width + output] = total;
        }
    }
}

// Rows and columns of the input that a block of multiply_many_cores has in shared memory.
#define PRODUCT_ROWS 64
#define PRODUCT_COLUMNS 64
#define PRODUCT_STRIDE (PRODUCT_COLUMNS + 8)

/**
 * The same for many rows, with the same bits: a warp makes 16 outputs of 64 rows. Grid: outputs / 64, rows / 64. Block: 4 warps.
 */
extern "C" __global__ void multiply_many_cores(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    // pairs of bfloat16, rows 8 elements further apart than they are long: lanes of a warp then meet different banks
    __shared__ u32 high_pairs[PRODUCT_ROWS * PRODUCT_STRIDE / 2];
    __shared__ u32 low_pairs[PRODUCT_ROWS * PRODUCT_STRIDE / 2];
    u16* highs = (u16*)high_pairs;
    u16* lows = (u16*)low_pairs;
    int line = (threadIdx.x & 31) >> 2;
    int column = (threadIdx.x & 3) * 2;
    int upper = (blockIdx.x * 4 + (threadIdx.x >> 5)) * PRODUCT_OUTPUTS + line;
    int first_row = blockIdx.y * PRODUCT_ROWS;
    bool has_minima = has_minimum(type);
    float sums[PRODUCT_ROWS / 8][4];
    float totals[PRODUCT_ROWS / 8][4];
#pragma unroll
    for (int j = 0; j < PRODUCT_ROWS / 8; j++) {
        for (int e = 0; e < 4; e++) {
            sums[j][e] = totals[j][e] = 0.0f;
        }
    }
    for (int begin = 0; begin < columns; begin += PRODUCT_COLUMNS) {
        __syncthreads();
        for (int at = threadIdx.x; at < PRODUCT_ROWS * PRODUCT_COLUMNS; at += blockDim.x) {
            int r = at / PRODUCT_COLUMNS;
            int i = at % PRODUCT_COLUMNS;
            bool there = first_row + r < rows && begin + i < columns;
            split(there ? input[(i64)(first_row + r) * columns + begin + i] : 0.0f, &highs[r * PRODUCT_STRIDE + i],
                  &lows[r * PRODUCT_STRIDE + i]);
        }
        __syncthreads();
        for (int i = 0; i < PRODUCT_COLUMNS && begin + i < columns; i += 16) {
            StoredPiece piece = stored_piece(weights, type, row_bytes, upper, outputs, begin + i, column);
#pragma unroll
            for (int j = 0; j < PRODUCT_ROWS / 8; j++) {
                int own = ((j * 8 + line) * PRODUCT_STRIDE + i + column) / 2;
                u32 high[2] = {high_pairs[own], high_pairs[own + 4]};
                u32 low[2] = {low_pairs[own], low_pairs[own + 4]};
                add_piece(sums[j], piece, has_minima, high, low);
            }
        }
        if ((begin + PRODUCT_COLUMNS) % SEGMENT == 0 || begin + PRODUCT_COLUMNS >= columns) {
#pragma unroll
            for (int j = 0; j < PRODUCT_ROWS / 8; j++) {
                for (int e = 0; e < 4; e++) {
                    totals[j][e] += sums[j][e];
                    sums[j][e] = 0.0f;
                }
            }
        }
    }
#pragma unroll
    for (int j = 0; j < PRODUCT_ROWS / 8; j++) {
        for (int e = 0; e < 4; e++) {
            int output = upper + 8 * (e >> 1);
            int row = first_row + j * 8 + column + (e & 1);
            if (output < outputs && row < rows) {
                out[(i64)row * out_width + output] = totals[j][e];
            }
        }
    }
}

/**
 * Chooses experts: softmax over all, the likeliest ones, ties to the lower index. One thread per row. Grid: rows / 32.
 */
extern "C" __global__ void route(
        const float* logits, int rows, int experts, int per_row, int renormalise, int* chosen, float* weights) {
    int row = blockIdx.x * blockDim.x + threadIdx.x;
    if (row >= rows) {
        return;
    }
    const float* own = logits + (i64)row * experts;
    float highest = MINUS_INFINITY;
    for (int e = 0; e < experts; e++) {
        highest = own[e] > highest ? own[e] : highest;
    }
    float sum = 0.0f;
    for (int e = 0; e < experts; e++) {
        sum += exponential(own[e] - highest);
    }
    float chosen_sum = 0.0f;
    for (int k = 0; k < per_row; k++) {
        int best = -1;
        for (int e = 0; e < experts; e++) {
            bool taken = false;
            for (int before = 0; before < k; before++) {
                taken = taken || chosen[(i64)row * per_row + before] == e;
            }
            if (!taken && (best < 0 || own[e] > own[best])) {
                best = e;
            }
        }
        float weight = exponential(own[best] - highest) / sum;
        chosen[(i64)row * per_row + k] = best;
        weights[(i64)row * per_row + k] = weight;
        chosen_sum += weight;
    }
    for (int k = 0; k < per_row && renormalise; k++) {
        weights[(i64)row * per_row + k] /= chosen_sum;
    }
}

/**
 * One product of every chosen expert: out[choice, n] = weights[expert of choice][n] . input[choice / per_input].
 * Grid: choices, outputs / 4. Block: 4 warps.
 */
extern "C" __global__ void multiply_experts(
        const u8* weights, int type, i64 row_bytes, const int* chosen, int per_input, const float* input, float* out,
        int out_width, int outputs, int columns) {
    int lane = threadIdx.x & 31;
    int output = blockIdx.y * 4 + (threadIdx.x >> 5);
    if (output >= outputs) {
        return;
    }
    int choice = blockIdx.x;
    const u8* row = weights + ((i64)chosen[choice] * outputs + output) * row_bytes;
    const float* values = input + (i64)(choice / per_input) * columns;
    float sum = 0.0f;
    for (int i = lane; i < columns; i += 32) {
        sum = fmaf(element(row, type, i), values[i], sum);
    }
    sum = warp_sum(sum);
    if (lane == 0) {
        out[(i64)choice * out_width + output] = sum;
    }
}

/** The weighted sum of a row's experts, in the order of their likelihood. Grid: rows, parts of the width. */
extern "C" __global__ void sum_experts(const float* outputs, const float* weights, int per_row, float* out, int width) {
    int i = blockIdx.y * blockDim.x + threadIdx.x;
    if (i >= width) {
        return;
    }
    float sum = 0.0f;
    for (int k = 0; k < per_row; k++) {
        i64 choice = (i64)blockIdx.x * per_row + k;
        sum = fmaf(weights[choice], outputs[choice * width + i], sum);
    }
    out[(i64)blockIdx.x * width + i] = sum;
}
