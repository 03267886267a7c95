// NVRTC and cuBLASLt, as far as the plugin binds them. The compiler takes only the sources that were compiled into this library,
// so what the stand-in runs is what a device would be given. A product's sums run in an order that is the algorithm's, and the
// heuristic proposes other algorithms for other numbers of rows: whoever lets it choose anew for each batch is found out.
#include "cuda_host.h"
#include "standin.h"

#include <functional>

#define EXPORT extern "C" __attribute__((visibility("default")))

void standin_enqueue(void* stream, std::function<void()> work, const std::vector<uint64_t>& addresses);
int standin_begin();

#include "common.cuh"

namespace {

struct Program {
    std::string name;
    std::string text;
    std::string log;
    std::string binary;
};

constexpr int ARCHITECTURES[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

}  // namespace

EXPORT int nvrtcVersion(int* major, int* minor) {
    *major = 13;
    *minor = 0;
    return 0;
}

EXPORT int nvrtcGetNumSupportedArchs(int* count) {
    *count = (int)(sizeof(ARCHITECTURES) / sizeof(int));
    return 0;
}

EXPORT int nvrtcGetSupportedArchs(int* architectures) {
    memcpy(architectures, ARCHITECTURES, sizeof(ARCHITECTURES));
    return 0;
}

EXPORT int nvrtcCreateProgram(void** program, const char* text, const char* name, int, const char**, const char**) {
    *program = new Program{name, text, "", ""};
    return 0;
}

EXPORT int nvrtcCompileProgram(void* handle, int, const char**) {
    Program* program = (Program*)handle;
    for (const standin::Source& source : standin::sources()) {
        if (source.file == program->name && source.text == program->text) {
            program->binary = "CAIRN-STANDIN " + program->name;
            return 0;
        }
    }
    program->log = program->name + " is not the source that the stand-in was built of; build it anew";
    return 6;
}

EXPORT int nvrtcGetCUBINSize(void* handle, size_t* size) {
    *size = ((Program*)handle)->binary.size() + 1;
    return 0;
}

EXPORT int nvrtcGetCUBIN(void* handle, char* binary) {
    memcpy(binary, ((Program*)handle)->binary.c_str(), ((Program*)handle)->binary.size() + 1);
    return 0;
}

EXPORT int nvrtcGetProgramLogSize(void* handle, size_t* size) {
    *size = ((Program*)handle)->log.size() + 1;
    return 0;
}

EXPORT int nvrtcGetProgramLog(void* handle, char* log) {
    memcpy(log, ((Program*)handle)->log.c_str(), ((Program*)handle)->log.size() + 1);
    return 0;
}

EXPORT int nvrtcDestroyProgram(void** handle) {
    delete (Program*)*handle;
    *handle = nullptr;
    return 0;
}

EXPORT const char* nvrtcGetErrorString(int code) { return code == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC error"; }

namespace {

enum BlasStatus { OK = 0, BLAS_INVALID = 7, NOT_SUPPORTED = 15 };

struct Description {
    int transposed[2] = {0, 0};
};

struct Layout {
    int type;
    uint64_t rows;
    uint64_t columns;
    int64_t leading;
};

struct Algorithm {
    uint64_t data[8];
};

struct Heuristic {
    Algorithm algorithm;
    size_t workspace;
    int status;
    float waves;
    int reserved[4];
};

/** Algorithms are proposed for matrices that begin at multiples of this, unless the preference says less. */
constexpr int USUAL_ALIGNMENT = 256;

constexpr int ALGORITHMS = 3;
constexpr int LANES[ALGORITHMS] = {8, 1, 4};

bool supports(uint64_t algorithm, const Layout* b) { return algorithm != 2 || b->columns >= 4; }

float value(const void* matrix, int type, int64_t at) {
    switch (type) {
        case 0: return ((const float*)matrix)[at];
        case 2: return from_f16(((const u16*)matrix)[at]);
        default: return from_bf16(((const u16*)matrix)[at]);
    }
}

}  // namespace

EXPORT int cublasLtCreate(void** handle) {
    *handle = new int(0);
    return OK;
}

EXPORT int cublasLtDestroy(void* handle) {
    delete (int*)handle;
    return OK;
}

EXPORT size_t cublasLtGetVersion() { return 130000; }

EXPORT int cublasLtMatmulDescCreate(void** description, int compute, int scale) {
    *description = new Description();
    return compute == 68 && scale == 0 ? OK : BLAS_INVALID;
}

EXPORT int cublasLtMatmulDescSetAttribute(void* description, int attribute, const void* value, size_t size) {
    if ((attribute != 3 && attribute != 4) || size != 4) {
        return BLAS_INVALID;
    }
    ((Description*)description)->transposed[attribute - 3] = *(const int*)value;
    return OK;
}

EXPORT int cublasLtMatmulDescDestroy(void* description) {
    delete (Description*)description;
    return OK;
}

EXPORT int cublasLtMatrixLayoutCreate(void** layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    *layout = new Layout{type, rows, columns, leading};
    return OK;
}

EXPORT int cublasLtMatrixLayoutSetAttribute(void* layout, int attribute, const void* value, size_t size) {
    if (attribute != 3 || size != 8) {
        return BLAS_INVALID;
    }
    ((Layout*)layout)->columns = *(const uint64_t*)value;
    return OK;
}

EXPORT int cublasLtMatrixLayoutDestroy(void* layout) {
    delete (Layout*)layout;
    return OK;
}

EXPORT int cublasLtMatmulPreferenceCreate(void** preference) {
    *preference = new int(USUAL_ALIGNMENT);
    return OK;
}

EXPORT int cublasLtMatmulPreferenceSetAttribute(void* preference, int attribute, const void* value, size_t size) {
    if ((attribute == 7 || attribute == 8) && size == 4) {
        *(int*)preference = *(const int*)value;
        return OK;
    }
    return (attribute == 1 && size == 8) || (attribute == 3 && size == 4) ? OK : BLAS_INVALID;
}

EXPORT int cublasLtMatmulPreferenceDestroy(void* preference) {
    delete (int*)preference;
    return OK;
}

EXPORT int cublasLtMatmulAlgoGetHeuristic(void*, void*, void*, void* b, void*, void*, void* preference, int wanted, void* results,
                                          int* found) {
    uint64_t rows = ((Layout*)b)->columns;
    int first = rows >= 64 ? 2 : rows >= 4 ? 0 : 1;
    *found = 0;
    for (int i = 0; i < ALGORITHMS && *found < wanted; i++) {
        uint64_t algorithm = (uint64_t)((first + i) % ALGORITHMS);
        if (supports(algorithm, (Layout*)b)) {
            Heuristic* heuristic = (Heuristic*)results + (*found)++;
            *heuristic = {};
            heuristic->algorithm.data[0] = algorithm;
            heuristic->algorithm.data[1] = (uint64_t) * (int*)preference;
        }
    }
    return OK;
}

EXPORT int cublasLtMatmulAlgoCheck(void*, void*, void*, void* b, void*, void*, const void* algorithm, void* result) {
    *(Heuristic*)result = {};
    ((Heuristic*)result)->algorithm = *(const Algorithm*)algorithm;
    return supports(((const Algorithm*)algorithm)->data[0], (Layout*)b) ? OK : NOT_SUPPORTED;
}

EXPORT int cublasLtMatmul(void*, void* description, const void* alpha, const void* a, void* a_layout, const void* b, void* b_layout,
                          const void* beta, const void*, void*, void* d, void* d_layout, const void* algorithm, void*, size_t,
                          void* stream) {
    if (standin_begin() != 0) {
        return 13;
    }
    Description form = *(Description*)description;
    Layout left = *(Layout*)a_layout;
    Layout right = *(Layout*)b_layout;
    Layout out = *(Layout*)d_layout;
    uint64_t chosen = ((const Algorithm*)algorithm)->data[0];
    bool fits = form.transposed[0] == 1 && form.transposed[1] == 0 && left.rows == right.rows && left.columns == out.rows
            && right.columns == out.columns && out.type == 0 && left.type == right.type && *(const float*)alpha == 1
            && *(const float*)beta == 0 && stream != nullptr;
    uint64_t alignment = ((const Algorithm*)algorithm)->data[1];
    fits = fits && (uint64_t)a % USUAL_ALIGNMENT == 0 && (uint64_t)b % USUAL_ALIGNMENT == 0 && (uint64_t)d % alignment == 0;
    if (!fits) {
        return BLAS_INVALID;
    }
    if (!supports(chosen, &right)) {
        return NOT_SUPPORTED;
    }
    standin_enqueue(stream, [=] {
        const void* weights = standin::real(a);
        const void* rows = standin::real(b);
        float* result = (float*)standin::real(d);
        int lanes = LANES[chosen];
        for (uint64_t row = 0; row < right.columns; row++) {
            for (uint64_t n = 0; n < left.columns; n++) {
                float sums[8] = {};
                for (uint64_t k = 0; k < left.rows; k++) {
                    sums[k % lanes] = fmaf(value(weights, left.type, n * left.leading + k),
                                           value(rows, right.type, row * right.leading + k), sums[k % lanes]);
                }
                float sum = 0;
                for (int lane = 0; lane < lanes; lane++) {
                    sum += sums[lane];
                }
                result[row * out.leading + n] = sum;
            }
        }
    }, {(uint64_t)a, (uint64_t)b, (uint64_t)d});
    return OK;
}
