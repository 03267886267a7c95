// Matrix products of our own: quantised weights as stored, and experts. A warp makes one output of up to ROWS rows, whose sums
// run over the columns in the same order whatever the number of rows.

#define ROWS 4

/** Rows of a product: count of them from first on, or those that order names there; per_input rows share one of the input. */
struct RowSet {
    const int* order;
    int first;
    int count;
    int per_input;
};

__device__ inline i64 output_row(const RowSet& rows, int r) { return rows.order ? rows.order[rows.first + r] : rows.first + r; }
__device__ inline i64 input_row(const RowSet& rows, int r) { return output_row(rows, r) / rows.per_input; }

/** The rows of a tile where all rows are taken in their order. */
__device__ inline RowSet rows_of_tile(int tile, int tile_rows, int rows) {
    int first = tile * tile_rows;
    return {nullptr, first, rows - first < tile_rows ? rows - first : tile_rows, 1};
}

/** Any type, without matrix cores: a warp makes one output of all rows. */
__device__ inline void multiply_by_warps(
        const u8* weights, int type, i64 row_bytes, const RowSet& rows, const float* input, float* out, int out_width, int outputs,
        int columns) {
    int lane = threadIdx.x & 31;
    int output = blockIdx.x * 4 + (threadIdx.x >> 5);
    if (output >= outputs) {
        return;
    }
    const u8* row = weights + (i64)output * row_bytes;
    for (int first = 0; first < rows.count; first += ROWS) {
        float sums[ROWS];
        const float* inputs[ROWS];
        for (int r = 0; r < ROWS; r++) {
            sums[r] = 0.0f;
            inputs[r] = input + (first + r < rows.count ? input_row(rows, first + r) * columns : 0);
        }
        for (int i = lane; i < columns; i += 32) {
            float weight = element(row, type, i);
            for (int r = 0; r < ROWS; r++) {
                if (first + r < rows.count) {
                    sums[r] = fmaf(weight, inputs[r][i], sums[r]);
                }
            }
        }
        for (int r = 0; r < ROWS && first + r < rows.count; r++) {
            float sum = warp_sum(sums[r]);
            if (lane == 0) {
                out[output_row(rows, first + r) * out_width + output] = sum;
            }
        }
    }
}

/**
 * out[row, n] = weights[n] . input[row], rows of out out_width apart. Grid: outputs / 4, rows / ROWS. Block: 4 warps.
 */
extern "C" __global__ void multiply_stored(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    multiply_by_warps(weights, type, row_bytes, rows_of_tile(blockIdx.y, ROWS, rows), input, out, out_width, outputs, columns);
}

// Columns whose sum is made apart by the matrix cores' products, from a multiple of it on; the sums are added in their order.
#define SEGMENT 512
#define PRODUCT_OUTPUTS 16

/** Sixteen columns of sixteen outputs, as a lane of a warp holds them for the matrix cores. */
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
        if (output < outputs && type == TYPE_BF16) {
            const u16* row = (const u16*)(weights + (i64)output * row_bytes) + i + column;
            piece.codes[half] = *(const u32*)row;
            piece.codes[half + 2] = *(const u32*)(row + 8);
            piece.scales[half] = 1.0f;
        } else if (output < outputs) {
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
 * By the matrix cores, of quantised types and bfloat16, for at most 8 rows: the warps of a block take the segments of the columns in
 * turn. Parts: 128 floats of shared memory for each segment.
 */
__device__ inline void multiply_few(
        float* parts, const u8* weights, int type, i64 row_bytes, const RowSet& rows, const float* input, float* out, int out_width,
        int outputs, int columns) {
    int warp = threadIdx.x >> 5;
    int line = (threadIdx.x & 31) >> 2;
    int column = (threadIdx.x & 3) * 2;
    int first_output = blockIdx.x * PRODUCT_OUTPUTS;
    const float* own_input = input + (line < rows.count ? input_row(rows, line) * columns : 0);
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
                if (line < rows.count) {
                    const float* values = own_input + i + column + 8 * beyond;
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
        int own = at % 8;
        if (output < outputs && own < rows.count) {
            float total = 0.0f;
            for (int segment = 0; segment < segments; segment++) {
                total += parts[segment * 128 + at];
            }
            out[output_row(rows, own) * out_width + output] = total;
        }
    }
}

/** As multiply_stored, for few rows. Grid: outputs / 16, rows / 8. Block: 8 warps. */
extern "C" __global__ void multiply_few_cores(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    DYNAMIC_SHARED(parts);
    multiply_few(parts, weights, type, row_bytes, rows_of_tile(blockIdx.y, 8, rows), input, out, out_width, outputs, columns);
}

// Rows and columns of the input that a block of multiply_many has in shared memory.
#define PRODUCT_ROWS 64
#define PRODUCT_COLUMNS 64
#define PRODUCT_STRIDE (PRODUCT_COLUMNS + 8)

/** The same for up to 64 rows, with the same bits: a warp makes 16 outputs of all of them. */
__device__ inline void multiply_many(
        const u8* weights, int type, i64 row_bytes, const RowSet& rows, const float* input, float* out, int out_width, int outputs,
        int columns) {
    // pairs of bfloat16, rows 8 elements further apart than they are long: lanes of a warp then meet different banks
    __shared__ u32 high_pairs[PRODUCT_ROWS * PRODUCT_STRIDE / 2];
    __shared__ u32 low_pairs[PRODUCT_ROWS * PRODUCT_STRIDE / 2];
    u16* highs = (u16*)high_pairs;
    u16* lows = (u16*)low_pairs;
    int line = (threadIdx.x & 31) >> 2;
    int column = (threadIdx.x & 3) * 2;
    int upper = (blockIdx.x * 4 + (threadIdx.x >> 5)) * PRODUCT_OUTPUTS + line;
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
            bool there = r < rows.count && begin + i < columns;
            split(there ? input[input_row(rows, r) * columns + begin + i] : 0.0f, &highs[r * PRODUCT_STRIDE + i],
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
            int row = j * 8 + column + (e & 1);
            if (output < outputs && row < rows.count) {
                out[output_row(rows, row) * out_width + output] = totals[j][e];
            }
        }
    }
}

/** As multiply_stored, for many rows. Grid: outputs / 64, rows / 64. Block: 4 warps. */
extern "C" __global__ void multiply_many_cores(
        const u8* weights, int type, i64 row_bytes, const float* input, float* out, int out_width, int outputs, int columns, int rows) {
    multiply_many(
            weights, type, row_bytes, rows_of_tile(blockIdx.y, PRODUCT_ROWS, rows), input, out, out_width, outputs, columns);
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

// Choices of experts, grouped: int32 [choices] in the order of their experts, [experts] how many each has, then tiles of choices of one
// expert: its number, the first choice's place in the order, how many.
#define TILE_INTS 3

/** How many choices each expert has. Grid: experts. Block: whole warps. */
extern "C" __global__ void count_choices(const int* chosen, int choices, int* groups) {
    int own = 0;
    for (int i = threadIdx.x; i < choices; i += blockDim.x) {
        own += chosen[i] == (int)blockIdx.x;
    }
    // exact: far fewer than 2^24
    float total = block_sum((float)own);
    if (threadIdx.x == 0) {
        groups[choices + blockIdx.x] = (int)total;
    }
}

/**
 * Sorts choices by expert, those of one in their order, and cuts them into tiles; tiles that are not needed are empty. Behind
 * count_choices. Grid: experts. Block: 8 warps.
 */
extern "C" __global__ void place_choices(const int* chosen, int choices, int* groups, int tile_rows, int tiles) {
    __shared__ int found[8];
    int expert = blockIdx.x;
    int experts = gridDim.x;
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    const int* counts = groups + choices;
    int* tile = groups + choices + experts;
    int first = 0;
    for (int e = 0; e < expert; e++) {
        first += counts[e];
        tile += (counts[e] + tile_rows - 1) / tile_rows * TILE_INTS;
    }
    int at = first;
    for (int begin = 0; begin < choices; begin += blockDim.x) {
        int i = begin + threadIdx.x;
        bool mine = i < choices && chosen[i] == expert;
        u32 others = __ballot_sync(0xffffffffu, mine);
        __syncthreads();
        if (lane == 0) {
            found[warp] = __popc(others);
        }
        __syncthreads();
        int place = at + __popc(others & ((1u << lane) - 1));
        for (int w = 0; w < 8; w++) {
            place += w < warp ? found[w] : 0;
            at += found[w];
        }
        if (mine) {
            groups[place] = i;
        }
    }
    int count = counts[expert];
    int own_tiles = (count + tile_rows - 1) / tile_rows;
    for (int t = threadIdx.x; t < own_tiles; t += blockDim.x) {
        tile[t * TILE_INTS] = expert;
        tile[t * TILE_INTS + 1] = first + t * tile_rows;
        tile[t * TILE_INTS + 2] = count - t * tile_rows < tile_rows ? count - t * tile_rows : tile_rows;
    }
    const int* end = groups + choices + experts + tiles * TILE_INTS;
    if (expert == experts - 1) {
        for (int* rest = tile + (own_tiles + threadIdx.x) * TILE_INTS; rest < end; rest += blockDim.x * TILE_INTS) {
            rest[2] = 0;
        }
    }
}

/** Choices of one expert that a block takes. Without groups each choice is a tile of its own. */
__device__ inline RowSet expert_rows(
        const int* chosen, const int* groups, int choices, int experts, int per_input, int tile, int* expert) {
    if (!groups) {
        *expert = chosen[tile];
        return {nullptr, tile, 1, per_input};
    }
    const int* own = groups + choices + experts + tile * TILE_INTS;
    *expert = own[2] > 0 ? own[0] : 0;
    return {groups, own[1], own[2], per_input};
}

/**
 * One product of every chosen expert: out[choice, n] = weights[expert of choice][n] . input[choice / per_input]. Any type. Grid: outputs
 * / 4, tiles. Block: 4 warps.
 */
extern "C" __global__ void multiply_experts(
        const u8* weights, int type, i64 row_bytes, const int* chosen, const int* groups, int choices, int experts, int per_input,
        const float* input, float* out, int out_width, int outputs, int columns) {
    int expert;
    RowSet rows = expert_rows(chosen, groups, choices, experts, per_input, blockIdx.y, &expert);
    multiply_by_warps(
            weights + (i64)expert * outputs * row_bytes, type, row_bytes, rows, input, out, out_width, outputs, columns);
}

/** The same by the matrix cores, for tiles of up to 8 choices. Grid: outputs / 16, tiles. Block: 8 warps. */
extern "C" __global__ void multiply_experts_few(
        const u8* weights, int type, i64 row_bytes, const int* chosen, const int* groups, int choices, int experts, int per_input,
        const float* input, float* out, int out_width, int outputs, int columns) {
    DYNAMIC_SHARED(parts);
    int expert;
    RowSet rows = expert_rows(chosen, groups, choices, experts, per_input, blockIdx.y, &expert);
    if (rows.count > 0) {
        multiply_few(
                parts, weights + (i64)expert * outputs * row_bytes, type, row_bytes, rows, input, out, out_width, outputs, columns);
    }
}

/** The same for tiles of up to 64 choices, with the same bits. Grid: outputs / 64, tiles. Block: 4 warps. */
extern "C" __global__ void multiply_experts_many(
        const u8* weights, int type, i64 row_bytes, const int* chosen, const int* groups, int choices, int experts, int per_input,
        const float* input, float* out, int out_width, int outputs, int columns) {
    int expert;
    RowSet rows = expert_rows(chosen, groups, choices, experts, per_input, blockIdx.y, &expert);
    if (rows.count > 0) {
        multiply_many(weights + (i64)expert * outputs * row_bytes, type, row_bytes, rows, input, out, out_width, outputs, columns);
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
