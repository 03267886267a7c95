// Attention over paged keys and values. A block of the pool has the canonical layout of a KV block outside the device:
// [layer][k, v][token][head][element].

// Heads are at most this wide.
#define WIDEST_HEAD 256
// Query rows (tokens times query heads of one key head) that share a pass over keys and values.
#define TILE_ROWS 16
// Positions that share one correction of the running maximum, from a multiple of it on.
#define CHUNK 32
// Positions whose partial result is made apart and merged in order, from a multiple of it on. Where a row's positions are cut
// depends on their numbers alone: a row has the same bits whether its partitions were made by one block or by many.
#define PARTITION 256

/**
 * Biases, norms and rotation of the heads of rows [queries | keys | values]; queries stay, keys and values go to the pool.
 * Grid: rows, heads / 4. Block: 4 warps, one head each.
 */
extern "C" __global__ void shape_heads(
        float* rows, const float* bias, const float* query_norm, const float* key_norm, float epsilon,
        const float* rotary, int rotated, const int* positions, const int* slots,
        u8* pool, i64 block_bytes, i64 layer_offset, int kv_type, int block_tokens,
        int heads, int key_heads, int head_size) {
    __shared__ float work[4][WIDEST_HEAD];
    int lane = threadIdx.x & 31;
    float* head_values = work[threadIdx.x >> 5];
    int job = blockIdx.y * 4 + (threadIdx.x >> 5);
    if (job >= heads + 2 * key_heads) {
        return;
    }
    int row = blockIdx.x;
    bool is_query = job < heads;
    bool is_value = job >= heads + key_heads;
    i64 start = (i64)row * (heads + 2 * key_heads) * head_size + (i64)job * head_size;
    for (int i = lane; i < head_size; i += 32) {
        float value = rows[start + i];
        head_values[i] = bias ? value + bias[job * head_size + i] : value;
    }
    __syncwarp();
    const float* norm = is_value ? 0 : is_query ? query_norm : key_norm;
    if (norm) {
        float squares = 0.0f;
        for (int i = lane; i < head_size; i += 32) {
            squares = fmaf(head_values[i], head_values[i], squares);
        }
        float factor = 1.0f / sqrtf(warp_sum(squares) / (float)head_size + epsilon);
        for (int i = lane; i < head_size; i += 32) {
            head_values[i] = head_values[i] * factor * norm[i];
        }
        __syncwarp();
    }
    if (!is_value) {
        int half = rotated >> 1;
        const float* line = rotary + (i64)positions[row] * rotated;
        for (int i = lane; i < half; i += 32) {
            float cosine = line[i];
            float sine = line[half + i];
            float low = head_values[i];
            float high = head_values[half + i];
            head_values[i] = fmaf(low, cosine, -(high * sine));
            head_values[half + i] = fmaf(high, cosine, low * sine);
        }
        __syncwarp();
    }
    if (is_query) {
        for (int i = lane; i < head_size; i += 32) {
            rows[start + i] = head_values[i];
        }
        return;
    }
    int slot = slots[row];
    if (slot < 0) {
        return; // a row that nobody needs
    }
    int token = slot % block_tokens;
    int head = is_value ? job - heads - key_heads : job - heads;
    u8* slice = pool + (i64)(slot / block_tokens) * block_bytes + layer_offset;
    i64 place = ((i64)((is_value ? block_tokens : 0) + token) * key_heads + head) * head_size;
    for (int i = lane; i < head_size; i += 32) {
        put(slice, kv_type, place + i, head_values[i]);
    }
}

/** Rows of one sequence that are attended to together. */
struct Tile {
    int sequence;
    int row;
    /** 0 = the row is one that nobody needs. */
    int rows;
    int first_position;
    /** Where the partial results of its one row go; -1 where one block makes all partitions. */
    int slot;
};

__device__ inline int first_visible(int position, int window) {
    return window > 0 && position - window + 1 > 0 ? position - window + 1 : 0;
}

/** What a partition's maximum does to the running one; a partition that a row does not see changes nothing. */
__device__ inline void merge_factors(float* maximum, float* total, float part_maximum, float part_total, float* keep, float* take) {
    if (part_maximum == MINUS_INFINITY) {
        *keep = 1.0f;
        *take = 0.0f;
        return;
    }
    float highest = *maximum > part_maximum ? *maximum : part_maximum;
    *keep = *maximum == MINUS_INFINITY ? 0.0f : exponential(*maximum - highest);
    *take = exponential(part_maximum - highest);
    *maximum = highest;
    *total = fmaf(*total, *keep, part_total * *take);
}

/**
 * Grid: tiles, key heads * parts of a group of query heads, partitions. Block: 128 threads.
 * Dynamic shared memory: 3 * TILE_ROWS * head_size + CHUNK * (head_size + 1) + TILE_ROWS * (CHUNK + 6) floats.
 */
extern "C" __global__ void attend(
        const float* rows, int row_width, const u8* pool, i64 block_bytes, i64 layer_offset, int kv_type, int block_tokens,
        int key_heads, int head_size, int group, const int* tables, int table_width, const Tile* tiles,
        float scale, int window, float cap, float* partials, int most_partitions, void* out, int out_type) {
    DYNAMIC_SHARED(shared);
    float* queries = shared;
    float* sums = queries + TILE_ROWS * head_size;
    float* totals = sums + TILE_ROWS * head_size;
    float* loaded = totals + TILE_ROWS * head_size;
    float* scores = loaded + CHUNK * (head_size + 1);
    float* maxima = scores + TILE_ROWS * CHUNK;
    float* weights = maxima + TILE_ROWS;
    float* all_maxima = weights + TILE_ROWS;
    float* all_weights = all_maxima + TILE_ROWS;
    float* keeps = all_weights + TILE_ROWS;
    float* takes = keeps + TILE_ROWS;

    Tile tile = tiles[blockIdx.x];
    int parts_of_group = (group + TILE_ROWS - 1) / TILE_ROWS;
    int key_head = blockIdx.y / parts_of_group;
    int first_head = key_head * group + blockIdx.y % parts_of_group * TILE_ROWS;
    int heads_here = (key_head + 1) * group - first_head;
    heads_here = heads_here < TILE_ROWS ? heads_here : TILE_ROWS;
    int heads = key_heads * group;
    int count = tile.rows * heads_here;
    if (count == 0) {
        return;
    }
    int last = tile.first_position + tile.rows - 1;
    int first = first_visible(tile.first_position, window);
    int from_part = first / PARTITION;
    int to_part = last / PARTITION;
    if (tile.slot >= 0) {
        from_part += blockIdx.z;
        if (from_part > to_part) {
            return;
        }
        to_part = from_part;
    } else if (blockIdx.z > 0) {
        return;
    }
    int t = threadIdx.x;
    int threads = blockDim.x;
    for (int at = t; at < count * head_size; at += threads) {
        int m = at / head_size;
        i64 row = tile.row + m / heads_here;
        queries[at] = rows[row * row_width + (i64)(first_head + m % heads_here) * head_size + at % head_size];
        totals[at] = 0.0f;
    }
    if (t < count) {
        all_maxima[t] = MINUS_INFINITY;
        all_weights[t] = 0.0f;
    }
    const int* table = tables + (i64)tile.sequence * table_width;
    i64 values_start = (i64)block_tokens * key_heads * head_size;
    for (int part = from_part; part <= to_part; part++) {
        __syncthreads();
        for (int at = t; at < count * head_size; at += threads) {
            sums[at] = 0.0f;
        }
        if (t < count) {
            maxima[t] = MINUS_INFINITY;
            weights[t] = 0.0f;
        }
        int begin = part * PARTITION;
        int visible_chunk = first / CHUNK * CHUNK;
        int end = (part + 1) * PARTITION - 1;
        end = end < last ? end : last;
        for (int chunk = begin > visible_chunk ? begin : visible_chunk; chunk <= end; chunk += CHUNK) {
            for (int half = 0; half < 2; half++) {
                // keys, then values; what nobody of the tile sees is not read: it may be no block, or never written
                for (int at = t; at < CHUNK * head_size; at += threads) {
                    int position = chunk + at / head_size;
                    int i = at % head_size;
                    float value = 0.0f;
                    if (position >= first && position <= last) {
                        const u8* slice = pool + (i64)table[position / block_tokens] * block_bytes + layer_offset;
                        i64 place = ((i64)(position % block_tokens) * key_heads + key_head) * head_size + i;
                        value = element(slice, kv_type, (int)(place + (half ? values_start : 0)));
                    }
                    loaded[at / head_size * (head_size + 1) + i] = value;
                }
                __syncthreads();
                if (half == 0) {
                    for (int at = t; at < count * CHUNK; at += threads) {
                        int m = at / CHUNK;
                        int position = chunk + at % CHUNK;
                        int own = tile.first_position + m / heads_here;
                        float score = MINUS_INFINITY;
                        if (position <= own && position >= first_visible(own, window)) {
                            const float* key = loaded + at % CHUNK * (head_size + 1);
                            float dot = 0.0f;
                            for (int i = 0; i < head_size; i++) {
                                dot = fmaf(queries[m * head_size + i], key[i], dot);
                            }
                            score = dot * scale;
                            score = cap > 0.0f ? softcapped(score, cap) : score;
                        }
                        scores[at] = score;
                    }
                    __syncthreads();
                    if (t < count) {
                        float highest = maxima[t];
                        for (int p = 0; p < CHUNK; p++) {
                            float score = scores[t * CHUNK + p];
                            highest = score > highest ? score : highest;
                        }
                        float keep = maxima[t] == MINUS_INFINITY ? 0.0f : exponential(maxima[t] - highest);
                        float sum = 0.0f;
                        for (int p = 0; p < CHUNK; p++) {
                            float score = scores[t * CHUNK + p];
                            float weight = score == MINUS_INFINITY ? 0.0f : exponential(score - highest);
                            scores[t * CHUNK + p] = weight;
                            sum += weight;
                        }
                        keeps[t] = keep;
                        maxima[t] = highest;
                        weights[t] = fmaf(weights[t], keep, sum);
                    }
                } else {
                    for (int at = t; at < count * head_size; at += threads) {
                        int m = at / head_size;
                        int i = at % head_size;
                        float sum = sums[at] * keeps[m];
                        for (int p = 0; p < CHUNK; p++) {
                            sum = fmaf(scores[m * CHUNK + p], loaded[p * (head_size + 1) + i], sum);
                        }
                        sums[at] = sum;
                    }
                    __syncthreads();
                }
            }
        }
        if (t < count) {
            merge_factors(&all_maxima[t], &all_weights[t], maxima[t], weights[t], &keeps[t], &takes[t]);
        }
        __syncthreads();
        for (int at = t; at < count * head_size && tile.slot < 0; at += threads) {
            int m = at / head_size;
            totals[at] = fmaf(totals[at], keeps[m], sums[at] * takes[m]);
        }
    }
    for (int at = t; at < count * head_size; at += threads) {
        int m = at / head_size;
        int head = first_head + m % heads_here;
        if (tile.slot < 0) {
            i64 row = tile.row + m / heads_here;
            put(out, out_type, (row * heads + head) * head_size + at % head_size, totals[at] / all_weights[m]);
        } else {
            float* partial = partials + (((i64)tile.slot * heads + head) * most_partitions + blockIdx.z) * (head_size + 2);
            partial[at % head_size] = sums[at];
            if (at % head_size == 0) {
                partial[head_size] = maxima[m];
                partial[head_size + 1] = weights[m];
            }
        }
    }
}

// Query rows of one step of the matrix cores.
#define CORE_ROWS 16
// Elements between rows in shared memory, beyond a row's own: lanes of a warp then meet different banks.
#define CORE_GAP 8

/** What the cores' attention keeps in shared memory for so many query rows of so many elements, a multiple of 16. */
struct CoreRooms {
    float* totals;
    float* scores;
    float* maxima;
    float* weights;
    float* all_maxima;
    float* all_weights;
    float* keeps;
    float* takes;
    u16* queries;
    u16* keys;
    u16* values;
    u16* shares;

    __device__ CoreRooms(float* start, int rows, int width) {
        totals = start;
        scores = totals + rows * width;
        maxima = scores + rows * (CHUNK + 4);
        weights = maxima + rows;
        all_maxima = weights + rows;
        all_weights = all_maxima + rows;
        keeps = all_weights + rows;
        takes = keeps + rows;
        queries = (u16*)(takes + rows);
        keys = queries + rows * (width + CORE_GAP);
        values = keys + CHUNK * (width + CORE_GAP);
        shares = values + CHUNK * (width + CORE_GAP);
    }
};

__device__ inline u32 pair(const u16* at) { return *(const u32*)at; }

/**
 * Attention as attend makes it, in the same chunks and partitions, by the matrix cores: queries, keys, values and the weights of
 * values in bfloat16, sums in float32. A row's bits depend on its own query and on what it sees alone, so that one row of a
 * sequence and many of them give the same: a warp with a tile of 16 rows to itself, or four warps that share one.
 *
 * Grid and arguments as attend's, groups in parts of most_heads, at most 64. Block: 4 warps. most_rows: query rows that shared
 * memory has room for, a multiple of 16; TILES: at least head_size / 8; head_size is a multiple of 8. Dynamic shared memory: CoreRooms.
 */
template <int TILES>
__device__ inline void attend_on_cores(
        const float* rows, int row_width, const u8* pool, i64 block_bytes, i64 layer_offset, int block_tokens,
        int key_heads, int head_size, int group, const int* tables, int table_width, const Tile* tiles,
        float scale, int window, float cap, float* partials, int most_partitions, void* out, int out_type, int most_rows,
        int most_heads) {
    DYNAMIC_SHARED(shared);
    int width = (head_size + 15) / 16 * 16;
    int stride = width + CORE_GAP;
    CoreRooms rooms(shared, most_rows, width);

    Tile tile = tiles[blockIdx.x];
    int parts_of_group = (group + most_heads - 1) / most_heads;
    int key_head = blockIdx.y / parts_of_group;
    int first_head = key_head * group + blockIdx.y % parts_of_group * most_heads;
    int heads_here = (key_head + 1) * group - first_head;
    heads_here = heads_here < most_heads ? heads_here : most_heads;
    int heads = key_heads * group;
    int count = tile.rows * heads_here;
    if (count == 0) {
        return;
    }
    int last = tile.first_position + tile.rows - 1;
    int first = first_visible(tile.first_position, window);
    int from_part = first / PARTITION;
    int to_part = last / PARTITION;
    if (tile.slot >= 0) {
        from_part += blockIdx.z;
        if (from_part > to_part) {
            return;
        }
        to_part = from_part;
    } else if (blockIdx.z > 0) {
        return;
    }
    int t = threadIdx.x;
    int threads = blockDim.x;
    int warp = t >> 5;
    int line = (t & 31) >> 2;
    int column = (t & 3) * 2;
    int row_tiles = (count + CORE_ROWS - 1) / CORE_ROWS;
    // one tile of rows is shared by all warps, several have a warp each
    bool shares_tile = row_tiles == 1;
    int base = shares_tile ? 0 : warp * CORE_ROWS;
    bool works = shares_tile || warp < row_tiles;
    int upper = base + line;
    int lower = upper + 8;

    for (int at = t; at < row_tiles * CORE_ROWS * width; at += threads) {
        int m = at / width;
        int i = at % width;
        i64 row = tile.row + m / heads_here;
        bool there = m < count && i < head_size;
        rooms.queries[m * stride + i] = there
                ? to_bf16(rows[row * row_width + (i64)(first_head + m % heads_here) * head_size + i]) : (u16)0;
        rooms.totals[at] = 0.0f;
    }
    if (t < row_tiles * CORE_ROWS) {
        rooms.all_maxima[t] = MINUS_INFINITY;
        rooms.all_weights[t] = 0.0f;
    }
    const int* table = tables + (i64)tile.sequence * table_width;
    i64 values_start = (i64)block_tokens * key_heads * head_size;
    float sums[TILES][4];
    for (int part = from_part; part <= to_part; part++) {
        __syncthreads();
#pragma unroll
        for (int j = 0; j < TILES; j++) {
            sums[j][0] = sums[j][1] = sums[j][2] = sums[j][3] = 0.0f;
        }
        if (t < row_tiles * CORE_ROWS) {
            rooms.maxima[t] = MINUS_INFINITY;
            rooms.weights[t] = 0.0f;
        }
        int begin = part * PARTITION;
        int visible_chunk = first / CHUNK * CHUNK;
        int end = (part + 1) * PARTITION - 1;
        end = end < last ? end : last;
        for (int chunk = begin > visible_chunk ? begin : visible_chunk; chunk <= end; chunk += CHUNK) {
            __syncthreads();
            // what nobody of the tile sees is not read: it may be no block, or never written
            int eights = width / 8;
            for (int at = t; at < CHUNK * eights; at += threads) {
                int position = chunk + at / eights;
                int i = at % eights * 8;
                Eight key = {0, 0};
                Eight value = {0, 0};
                if (position >= first && position <= last && i < head_size) {
                    const u16* slice =
                            (const u16*)(pool + (i64)table[position / block_tokens] * block_bytes + layer_offset);
                    i64 place = ((i64)(position % block_tokens) * key_heads + key_head) * head_size + i;
                    key = *(const Eight*)(slice + place);
                    value = *(const Eight*)(slice + place + values_start);
                }
                *(Eight*)(rooms.keys + at / eights * stride + i) = key;
                *(Eight*)(rooms.values + at / eights * stride + i) = value;
            }
            __syncthreads();
            for (int j = 0; j < CHUNK / 8; j++) {
                if (!works || (shares_tile && j != warp)) {
                    continue;
                }
                float dots[4] = {0.0f, 0.0f, 0.0f, 0.0f};
                for (int i = 0; i < width; i += 16) {
                    const u16* query = rooms.queries + upper * stride + i + column;
                    const u16* key = rooms.keys + (j * 8 + line) * stride + i + column;
                    u32 a[4] = {pair(query), pair(query + 8 * stride), pair(query + 8), pair(query + 8 * stride + 8)};
                    u32 b[2] = {pair(key), pair(key + 8)};
                    multiply_16_8_16_bf16(dots, a, b);
                }
                for (int e = 0; e < 4; e++) {
                    int m = e < 2 ? upper : lower;
                    int place = j * 8 + column + (e & 1);
                    int position = chunk + place;
                    int own = tile.first_position + m / heads_here;
                    float score = MINUS_INFINITY;
                    if (m < count && position <= own && position >= first_visible(own, window)) {
                        score = dots[e] * scale;
                        score = cap > 0.0f ? softcapped(score, cap) : score;
                    }
                    rooms.scores[m * (CHUNK + 4) + place] = score;
                }
            }
            __syncthreads();
            // eight lanes make the weights of a row, four positions each
            for (int m = t >> 3; m < row_tiles * CORE_ROWS; m += threads >> 3) {
                const float* own = rooms.scores + m * (CHUNK + 4) + (t & 7) * 4;
                u16* share = rooms.shares + m * (CHUNK + CORE_GAP) + (t & 7) * 4;
                float before = rooms.maxima[m];
                float highest = before;
                for (int p = 0; p < 4; p++) {
                    highest = own[p] > highest ? own[p] : highest;
                }
                for (int distance = 1; distance < 8; distance <<= 1) {
                    float other = __shfl_xor_sync(0xffffffffu, highest, distance);
                    highest = other > highest ? other : highest;
                }
                float sum = 0.0f;
                for (int p = 0; p < 4; p++) {
                    share[p] = to_bf16(own[p] == MINUS_INFINITY ? 0.0f : exponential(own[p] - highest));
                    sum += from_bf16(share[p]);
                }
                for (int distance = 1; distance < 8; distance <<= 1) {
                    sum += __shfl_xor_sync(0xffffffffu, sum, distance);
                }
                if ((t & 7) == 0) {
                    float keep = before == MINUS_INFINITY ? 0.0f : exponential(before - highest);
                    rooms.keeps[m] = keep;
                    rooms.maxima[m] = highest;
                    rooms.weights[m] = fmaf(rooms.weights[m], keep, sum);
                }
            }
            __syncthreads();
            if (works) {
                u32 a[CHUNK / 16][4];
                for (int half = 0; half < CHUNK / 16; half++) {
                    const u16* share = rooms.shares + upper * (CHUNK + CORE_GAP) + half * 16 + column;
                    const u16* below = share + 8 * (CHUNK + CORE_GAP);
                    a[half][0] = pair(share);
                    a[half][1] = pair(below);
                    a[half][2] = pair(share + 8);
                    a[half][3] = pair(below + 8);
                }
                float keep_upper = rooms.keeps[upper];
                float keep_lower = rooms.keeps[lower];
#pragma unroll
                for (int j = 0; j < TILES; j++) {
                    if (j * 8 < width && (!shares_tile || (j & 3) == warp)) {
                        sums[j][0] *= keep_upper;
                        sums[j][1] *= keep_upper;
                        sums[j][2] *= keep_lower;
                        sums[j][3] *= keep_lower;
                        for (int half = 0; half < CHUNK / 16; half++) {
                            const u16* value = rooms.values + (half * 16 + column) * stride + j * 8 + line;
                            u32 b[2] = {value[0] | (u32)value[stride] << 16,
                                        value[8 * stride] | (u32)value[9 * stride] << 16};
                            multiply_16_8_16_bf16(sums[j], a[half], b);
                        }
                    }
                }
            }
        }
        __syncthreads();
        if (t < row_tiles * CORE_ROWS) {
            merge_factors(
                    &rooms.all_maxima[t], &rooms.all_weights[t], rooms.maxima[t], rooms.weights[t], &rooms.keeps[t],
                    &rooms.takes[t]);
        }
        __syncthreads();
        if (works) {
            float keeps[2] = {rooms.keeps[upper], rooms.keeps[lower]};
            float takes[2] = {rooms.takes[upper], rooms.takes[lower]};
            bool merges = tile.slot < 0;
#pragma unroll
            for (int j = 0; j < TILES; j++) {
                if (j * 8 < width && (!shares_tile || (j & 3) == warp)) {
                    float* total = rooms.totals + upper * width + j * 8 + column;
                    for (int e = 0; e < 4; e++) {
                        float* own = total + e / 2 * 8 * width + (e & 1);
                        *own = merges ? fmaf(*own, keeps[e / 2], sums[j][e] * takes[e / 2]) : sums[j][e];
                    }
                }
            }
        }
    }
    __syncthreads();
    for (int at = t; at < count * head_size; at += threads) {
        int m = at / head_size;
        int i = at % head_size;
        float total = rooms.totals[m * width + i];
        int head = first_head + m % heads_here;
        if (tile.slot < 0) {
            i64 row = tile.row + m / heads_here;
            put(out, out_type, (row * heads + head) * head_size + i, total / rooms.all_weights[m]);
        } else {
            float* partial = partials + (((i64)tile.slot * heads + head) * most_partitions + blockIdx.z) * (head_size + 2);
            partial[i] = total;
            if (i == 0) {
                partial[head_size] = rooms.maxima[m];
                partial[head_size + 1] = rooms.weights[m];
            }
        }
    }
}

/** For heads of at most 128 elements. */
extern "C" __global__ void attend_cores_128(
        const float* rows, int row_width, const u8* pool, i64 block_bytes, i64 layer_offset, int block_tokens,
        int key_heads, int head_size, int group, const int* tables, int table_width, const Tile* tiles,
        float scale, int window, float cap, float* partials, int most_partitions, void* out, int out_type, int most_rows,
        int most_heads) {
    attend_on_cores<16>(
            rows, row_width, pool, block_bytes, layer_offset, block_tokens, key_heads, head_size, group, tables, table_width,
            tiles, scale, window, cap, partials, most_partitions, out, out_type, most_rows, most_heads);
}

/** For heads of at most 256 elements. */
extern "C" __global__ void attend_cores_256(
        const float* rows, int row_width, const u8* pool, i64 block_bytes, i64 layer_offset, int block_tokens,
        int key_heads, int head_size, int group, const int* tables, int table_width, const Tile* tiles,
        float scale, int window, float cap, float* partials, int most_partitions, void* out, int out_type, int most_rows,
        int most_heads) {
    attend_on_cores<32>(
            rows, row_width, pool, block_bytes, layer_offset, block_tokens, key_heads, head_size, group, tables, table_width,
            tiles, scale, window, cap, partials, most_partitions, out, out_type, most_rows, most_heads);
}

/** Merges the partitions of split tiles in their order, as attend does it for the others. Grid: tiles, heads. */
extern "C" __global__ void merge_partitions(
        const float* partials, int most_partitions, const Tile* tiles, int heads, int head_size, int window,
        void* out, int out_type) {
    Tile tile = tiles[blockIdx.x];
    if (tile.slot < 0) {
        return;
    }
    int head = blockIdx.y;
    int count = tile.first_position / PARTITION - first_visible(tile.first_position, window) / PARTITION + 1;
    const float* partial = partials + ((i64)tile.slot * heads + head) * most_partitions * (head_size + 2);
    for (int i = threadIdx.x; i < head_size; i += blockDim.x) {
        float maximum = MINUS_INFINITY;
        float total = 0.0f;
        float sum = 0.0f;
        for (int part = 0; part < count; part++) {
            const float* own = partial + (i64)part * (head_size + 2);
            float keep;
            float take;
            merge_factors(&maximum, &total, own[head_size], own[head_size + 1], &keep, &take);
            sum = fmaf(sum, keep, own[i] * take);
        }
        put(out, out_type, ((i64)tile.row * heads + head) * head_size + i, sum / total);
    }
}
