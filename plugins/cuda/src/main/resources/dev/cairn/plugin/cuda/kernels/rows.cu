// Operations along rows of activations, float32 [rows, width]. One block per row.

/** Gathers embedding rows. Grid: rows. */
extern "C" __global__ void embed(
        const int* tokens, const u8* table, int type, i64 row_bytes, float scale, float* out, int hidden) {
    const u8* row = table + (i64)tokens[blockIdx.x] * row_bytes;
    for (int i = threadIdx.x; i < hidden; i += blockDim.x) {
        out[(i64)blockIdx.x * hidden + i] = element(row, type, i) * scale;
    }
}

/**
 * residual += norm(branch), out = norm(residual). Without branch nothing is added, without branch_weight it is added as it is,
 * without weight nothing is put out. With chosen, row i of out is made of row chosen[i]. Grid: rows.
 */
extern "C" __global__ void add_norm(
        float* residual, const float* branch, const float* branch_weight, const float* weight, float epsilon,
        const int* chosen, void* out, int out_type, int hidden) {
    i64 source = (i64)(chosen ? chosen[blockIdx.x] : (int)blockIdx.x) * hidden;
    if (branch) {
        float factor = 1.0f;
        if (branch_weight) {
            float squares = 0.0f;
            for (int i = threadIdx.x; i < hidden; i += blockDim.x) {
                squares = fmaf(branch[source + i], branch[source + i], squares);
            }
            factor = 1.0f / sqrtf(block_sum(squares) / (float)hidden + epsilon);
        }
        for (int i = threadIdx.x; i < hidden; i += blockDim.x) {
            float value = branch[source + i];
            residual[source + i] += branch_weight ? value * factor * branch_weight[i] : value;
        }
    }
    if (!weight) {
        return;
    }
    // a thread reads what it has written itself
    float squares = 0.0f;
    for (int i = threadIdx.x; i < hidden; i += blockDim.x) {
        squares = fmaf(residual[source + i], residual[source + i], squares);
    }
    float factor = 1.0f / sqrtf(block_sum(squares) / (float)hidden + epsilon);
    for (int i = threadIdx.x; i < hidden; i += blockDim.x) {
        put(out, out_type, (i64)blockIdx.x * hidden + i, residual[source + i] * factor * weight[i]);
    }
}

/** out = activation(gate) * up of rows [gate | up]. Grid: rows, parts of the width. */
extern "C" __global__ void gated(const float* gate_up, void* out, int out_type, int width, int gelu) {
    int i = blockIdx.y * blockDim.x + threadIdx.x;
    if (i >= width) {
        return;
    }
    const float* row = gate_up + (i64)blockIdx.x * 2 * width;
    float x = row[i];
    float slope = gelu ? 1.5957691216f * (x * fmaf(0.044715f, x * x, 1.0f)) : x;
    put(out, out_type, (i64)blockIdx.x * width + i, x / (1.0f + exponential(-slope)) * row[width + i]);
}

/** Adds a bias to every row. Grid: rows, parts of the width. */
extern "C" __global__ void add_bias(float* rows, const float* bias, int width) {
    int i = blockIdx.y * blockDim.x + threadIdx.x;
    if (i < width) {
        rows[(i64)blockIdx.x * width + i] += bias[i];
    }
}

/** Caps every element. Grid: rows, parts of the width. */
extern "C" __global__ void softcap(float* rows, float cap, int width) {
    int i = blockIdx.y * blockDim.x + threadIdx.x;
    if (i < width) {
        rows[(i64)blockIdx.x * width + i] = softcapped(rows[(i64)blockIdx.x * width + i], cap);
    }
}

/** A plain copy, to know how fast memory is. Grid: any. */
extern "C" __global__ void copy_eights(Eight* target, const Eight* source, i64 count) {
    i64 step = (i64)gridDim.x * blockDim.x;
    for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
        target[i] = source[i];
    }
}
