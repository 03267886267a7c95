/* Which of the compiled levels this processor runs: 1 yes, 0 no. The names are those behind the exported functions. */
#include <string.h>

__attribute__((visibility("default"))) int cairn_supports(const char *level);

int cairn_supports(const char *level) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    int vnni = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
               && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
               && __builtin_cpu_supports("avx512vnni");
    if (strcmp(level, "avx512_vnni_bf16") == 0) return vnni && __builtin_cpu_supports("avx512bf16");
    if (strcmp(level, "avx512_vnni") == 0) return vnni;
    if (strcmp(level, "avx2") == 0) return avx2;
    return strcmp(level, "portable") == 0 && avx2;
#else
    return strcmp(level, "portable") == 0;
#endif
}
