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
