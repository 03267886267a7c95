#!/bin/sh
# Products, attention and row kernels of all levels under the address and undefined behaviour sanitizers, and of the portable level on aarch64 under qemu
# where Debian's cross compiler and qemu-user-static are here. All must print one digest.
#
#   check.sh [CASES]            of each format; 40 unless told
set -eu

here=$(cd "$(dirname "$0")" && pwd)
main=$here/../../main/native
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cases=${1:-40}
flags="-std=gnu11 -O2 -g -ffp-contract=off -fno-math-errno -fno-trapping-math -Wall -Wextra -I$main"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
avx512="-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c"
expected=

# run NAME COMMAND...: its digest is that of all others
run() {
    name=$1
    shift
    digest=$("$@")
    echo "$name $digest"
    expected=${expected:-$digest}
    [ "$digest" = "$expected" ] || { echo "$name computes otherwise"; exit 1; }
}

# level NAME COMPILER FLAGS...
level() {
    name=$1
    compiler=$2
    shift 2
    # shellcheck disable=SC2086
    "$compiler" $flags "$@" -DCAIRN_LEVEL="${name%_aarch64}" "$here/check.c" "$main/matmul.c" "$main/rows.c" "$main/attention.c" -o "$work/$name" -lm
}

case $(uname -m) in
    x86_64 | amd64)
        # shellcheck disable=SC2086
        level avx2 cc $sanitizers -DCAIRN_AVX2 -mavx2 -mfma -mf16c
        run "avx2, sanitized" "$work/avx2" "$cases"
        if grep -q avx512_vnni /proc/cpuinfo; then
            # shellcheck disable=SC2086
            level avx512_vnni cc $sanitizers -DCAIRN_AVX512 $avx512
            run "avx512-vnni, sanitized" "$work/avx512_vnni" "$cases"
        fi
        if grep -q avx512_bf16 /proc/cpuinfo; then
            # shellcheck disable=SC2086
            level avx512_vnni_bf16 cc $sanitizers -DCAIRN_AVX512 -DCAIRN_BF16 $avx512 -mavx512bf16
            run "avx512-vnni-bf16, sanitized" "$work/avx512_vnni_bf16" "$cases"
        fi
        ;;
esac
# The portable form is long: optimised, it would take minutes to compile.
# shellcheck disable=SC2086
level portable cc $sanitizers -O0
run "portable, sanitized" "$work/portable" "$cases"
if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64-static >/dev/null; then
    level portable_aarch64 aarch64-linux-gnu-gcc -O0 -static
    run "portable on aarch64" qemu-aarch64-static "$work/portable_aarch64" "$cases"
else
    echo "aarch64: not checked, aarch64-linux-gnu-gcc or qemu-aarch64-static is missing"
fi
