// Choosing and scoring tokens by the definition of dev.cairn.ports.engine.Sampler, bit for bit: float32 and float64 operations in
// the order written there, noise as a function of (seed, position, id), nuclei by exact integer weights.

#define KIND_IGNORE 0
#define KIND_SAMPLE 1
#define KIND_SCORE 2

#define FAULT_NONE 0
#define FAULT_NOT_FINITE 1
#define FAULT_NO_TOKEN 2

/** One row's wishes; dev.cairn.plugin.device.SamplingPlan writes it. */
struct SampleRow {
    int kind;
    int token;
    /** log-probabilities of so many likeliest tokens; -1 = none at all */
    int top;
    int top_k;
    float temperature;
    float top_p;
    float min_p;
    float repetition;
    float frequency;
    float presence;
    /** first word of the mask and how many; -1 = no mask */
    int mask;
    int mask_words;
    /** first pair (id, bias) and how many */
    int bias;
    int biases;
    /** first triple (id, generated, in the prompt) and how many */
    int count;
    int counts;
    u64 noise_key;
};

/** What became of it, followed by top ids and top log-probabilities. */
struct SampleResult {
    int token;
    int rank;
    float logprob;
    int fault;
};

__device__ inline u64 mixed(u64 value) {
    u64 z = value + 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

__device__ inline double defined_exp(double x) {
    if (x < -700.0) {
        return 0.0;
    }
    const double inverse_factorials[14] = {
        1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0, 1.0 / 40320.0, 1.0 / 5040.0,
        1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0};
    double k = rint(x * 1.4426950408889634);
    double r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
    double sum = inverse_factorials[0];
    for (int i = 1; i < 14; i++) {
        sum = sum * r + inverse_factorials[i];
    }
    return sum * __longlong_as_double(((i64)k + 1023) << 52);
}

__device__ inline double defined_log(double x) {
    i64 bits = __double_as_longlong(x);
    int exponent = (int)((u64)bits >> 52) - 1023;
    double m = __longlong_as_double((bits & 0x000fffffffffffffLL) | 0x3ff0000000000000LL);
    if (m > 1.4142135623730951) {
        m = m * 0.5;
        exponent++;
    }
    double f = (m - 1.0) / (m + 1.0);
    double square = f * f;
    double sum = 0.0;
    for (int n = 21; n >= 3; n -= 2) {
        sum = (sum + 1.0 / n) * square;
    }
    return exponent * 0.6931471805599453 + 2.0 * f * (sum + 1.0);
}

__device__ inline double noise(u64 key, int id) {
    double uniform = ((double)(mixed(key + (u64)(i64)id) >> 12) + 0.5) * (1.0 / 4503599627370496.0);
    return -defined_log(-defined_log(uniform));
}

/** Order of tokens by (value descending, id ascending) as ascending unsigned numbers. */
__device__ inline u64 ranking(float value, int id) {
    u32 bits = __float_as_uint(value + 0.0f);
    u32 ascending = bits ^ ((u32)((int)bits >> 31) & 0x7fffffffu);
    return ((u64)(~ascending ^ 0x80000000u) << 32) | (u32)id;
}

/** What the whole block finds: the largest value, and the lowest id that has it. */
struct Best {
    double value;
    int id;
};

__device__ inline Best block_best(Best own) {
    __shared__ double values[1024];
    __shared__ int ids[1024];
    __syncthreads();
    values[threadIdx.x] = own.value;
    ids[threadIdx.x] = own.id;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if ((int)threadIdx.x < half) {
            int other = threadIdx.x + half;
            bool better = values[other] > values[threadIdx.x]
                    || (values[other] == values[threadIdx.x] && ids[other] < ids[threadIdx.x]);
            if (better) {
                values[threadIdx.x] = values[other];
                ids[threadIdx.x] = ids[other];
            }
        }
        __syncthreads();
    }
    Best best = {values[0], ids[0]};
    return best;
}

/** The sum over the block, threads in pairs, always the same pairs. */
__device__ inline double block_total(double own) {
    __shared__ double totals[1024];
    __syncthreads();
    totals[threadIdx.x] = own;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if ((int)threadIdx.x < half) {
            totals[threadIdx.x] += totals[threadIdx.x + half];
        }
        __syncthreads();
    }
    return totals[0];
}

__device__ inline u64 block_count(u64 own) {
    __shared__ u64 sum;
    __syncthreads();
    if (threadIdx.x == 0) {
        sum = 0;
    }
    __syncthreads();
    atomicAdd(&sum, own);
    __syncthreads();
    return sum;
}

__device__ inline u64 nucleus_weight(float value, float highest) {
    return (u64)(i64)(defined_exp((double)value - (double)highest) * 1099511627776.0);
}

/** Among tokens of these keys and better: the key at which the sum of weights (or the count) reaches what is wanted. */
__device__ inline u64 select_key(
        const float* z, int vocabulary, double least, u64 limit, bool weighted, float highest, u64 wanted) {
    __shared__ u64 bins[256];
    __shared__ u64 found;
    __shared__ u64 missing;
    __syncthreads();
    if (threadIdx.x == 0) {
        found = 0;
        missing = wanted;
    }
    for (int digit = 7; digit >= 0; digit--) {
        __syncthreads();
        for (int bin = threadIdx.x; bin < 256; bin += blockDim.x) {
            bins[bin] = 0;
        }
        __syncthreads();
        u64 prefix = found;
        for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
            u64 key = ranking(z[i], i);
            bool kept = z[i] > MINUS_INFINITY && (double)z[i] >= least && key <= limit;
            if (kept && (digit == 7 || key >> (8 * (digit + 1)) == prefix >> (8 * (digit + 1)))) {
                atomicAdd(&bins[key >> (8 * digit) & 255], weighted ? nucleus_weight(z[i], highest) : (u64)1);
            }
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            int bin = 0;
            while (bin < 255 && bins[bin] < missing) {
                missing -= bins[bin];
                bin++;
            }
            found |= (u64)bin << (8 * digit);
        }
    }
    __syncthreads();
    return found;
}

/** z = logits under mask, bias and penalties. */
__device__ inline void penalise(
        const SampleRow& row, const u32* masks, const int* biases, const int* counts, const float* raw, float* z, int vocabulary) {
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        bool allowed = row.mask < 0 || ((i >> 5) < row.mask_words && (masks[row.mask + (i >> 5)] >> (i & 31) & 1));
        z[i] = allowed ? raw[i] : MINUS_INFINITY;
    }
    __syncthreads();
    for (int k = threadIdx.x; k < row.biases; k += blockDim.x) {
        const int* pair = biases + row.bias + 2 * k;
        z[pair[0]] += __uint_as_float((u32)pair[1]);
    }
    __syncthreads();
    for (int k = threadIdx.x; k < row.counts; k += blockDim.x) {
        const int* triple = counts + row.count + 3 * k;
        float value = z[triple[0]];
        if (row.repetition != 1.0f && (triple[2] || triple[1] > 0)) {
            value = value > 0.0f ? value / row.repetition : value * row.repetition;
        }
        if (triple[1] > 0) {
            value -= row.frequency * (float)triple[1];
            value -= row.presence;
        }
        z[triple[0]] = value;
    }
    __syncthreads();
}

__device__ inline Best likeliest(const float* z, int vocabulary) {
    Best best = {(double)MINUS_INFINITY, 0x7fffffff};
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        if ((double)z[i] > best.value) {
            best.value = (double)z[i];
            best.id = i;
        }
    }
    return block_best(best);
}

/** Chooses a token of z, which is divided by the temperature. */
__device__ inline int choose(const SampleRow& row, float* z, int vocabulary, int likeliest_id) {
    if (row.temperature < 1e-5f) {
        return likeliest_id;
    }
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        z[i] = z[i] / row.temperature;
    }
    __syncthreads();
    float highest = z[likeliest_id];
    if (highest == -MINUS_INFINITY) {
        return likeliest_id;
    }
    double least = row.min_p > 0.0f ? (double)highest + defined_log((double)row.min_p) : (double)MINUS_INFINITY;
    u64 limit = ~(u64)0;
    if (row.top_k > 0) {
        u64 kept = 0;
        for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
            kept += z[i] > MINUS_INFINITY && (double)z[i] >= least ? 1 : 0;
        }
        kept = block_count(kept);
        if ((u64)row.top_k < kept) {
            limit = select_key(z, vocabulary, least, limit, false, highest, (u64)row.top_k);
        }
    }
    if (row.top_p < 1.0f) {
        u64 total = 0;
        for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
            bool kept = z[i] > MINUS_INFINITY && (double)z[i] >= least && ranking(z[i], i) <= limit;
            total += kept ? nucleus_weight(z[i], highest) : 0;
        }
        total = block_count(total);
        u64 wanted = (u64)(i64)ceil((double)row.top_p * (double)(i64)total);
        limit = select_key(z, vocabulary, least, limit, true, highest, wanted);
    }
    Best best = {(double)MINUS_INFINITY, 0x7fffffff};
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        if (z[i] > MINUS_INFINITY && (double)z[i] >= least && ranking(z[i], i) <= limit) {
            double value = (double)z[i] + noise(row.noise_key, i);
            if (value > best.value) {
                best.value = value;
                best.id = i;
            }
        }
    }
    return block_best(best).id;
}

/** Log-probabilities of the untouched row. */
__device__ inline void report(const SampleRow& row, const float* raw, int vocabulary, SampleResult* result, int most_top) {
    float highest = (float)likeliest(raw, vocabulary).value;
    double sum = 0.0;
    u64 better = 0;
    float chosen = raw[result->token];
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        sum += defined_exp((double)raw[i] - (double)highest);
        better += raw[i] > chosen ? 1 : 0;
    }
    sum = block_total(sum);
    better = block_count(better);
    double normaliser = (double)highest + defined_log(sum);
    int* ids = (int*)(result + 1);
    float* logprobs = (float*)(ids + most_top);
    float last = -MINUS_INFINITY;
    int last_id = -1;
    for (int k = 0; k < row.top && k < vocabulary; k++) {
        Best best = {(double)MINUS_INFINITY, 0x7fffffff};
        for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
            bool after = raw[i] < last || (raw[i] == last && i > last_id);
            if (after && (double)raw[i] > best.value) {
                best.value = (double)raw[i];
                best.id = i;
            }
        }
        best = block_best(best);
        last = (float)best.value;
        last_id = best.id;
        if (threadIdx.x == 0) {
            ids[k] = last_id;
            logprobs[k] = (float)((double)last - normaliser);
        }
    }
    if (threadIdx.x == 0) {
        result->logprob = (float)((double)chosen - normaliser);
        result->rank = 1 + (int)better;
    }
}

/**
 * Serves rows of logits. Grid: rows. Block: a power of two, at most 1024.
 * work is [rows, vocabulary] float32; a result takes 16 + 8 * most_top bytes.
 */
extern "C" __global__ void sample(
        const SampleRow* rows, const u32* masks, const int* biases, const int* counts, const float* logits, float* work,
        u8* results, int most_top, int vocabulary) {
    __shared__ int fault;
    const SampleRow row = rows[blockIdx.x];
    if (row.kind == KIND_IGNORE) {
        return;
    }
    const float* raw = logits + (i64)blockIdx.x * vocabulary;
    float* z = work + (i64)blockIdx.x * vocabulary;
    SampleResult* result = (SampleResult*)(results + (i64)blockIdx.x * (sizeof(SampleResult) + 8 * (i64)most_top));
    if (threadIdx.x == 0) {
        fault = FAULT_NONE;
    }
    __syncthreads();
    for (int i = threadIdx.x; i < vocabulary; i += blockDim.x) {
        if ((__float_as_uint(raw[i]) & 0x7f800000u) == 0x7f800000u) {
            fault = FAULT_NOT_FINITE;
        }
    }
    __syncthreads();
    if (fault != FAULT_NONE) {
        if (threadIdx.x == 0) {
            result->fault = fault;
        }
        return;
    }
    int token = row.token;
    if (row.kind == KIND_SAMPLE) {
        penalise(row, masks, biases, counts, raw, z, vocabulary);
        Best best = likeliest(z, vocabulary);
        if (best.id == 0x7fffffff) {
            if (threadIdx.x == 0) {
                result->fault = FAULT_NO_TOKEN;
            }
            return;
        }
        token = choose(row, z, vocabulary, best.id);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        result->token = token;
        result->rank = 0;
        result->logprob = __uint_as_float(0x7fc00000u);
        result->fault = FAULT_NONE;
    }
    __syncthreads();
    if (row.top >= 0) {
        report(row, raw, vocabulary, result, most_top);
    }
}
