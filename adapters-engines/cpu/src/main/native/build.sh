#!/bin/sh
# Compiles the kernels into OUT/native/OS-ARCH/libcairn-kernels.so (.dylib on macOS), all instruction sets in one library.
# Without a C compiler it says so and succeeds: the Vector API computes instead, and `cairn serve` says why.
#
#   build.sh OUT OBJECTS         CC chooses the compiler
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$1
objects=$2
cc=${CC:-}
if [ -z "$cc" ]; then
    for candidate in cc gcc clang; do
        if command -v "$candidate" >/dev/null 2>&1; then cc=$candidate; break; fi
    done
fi
if [ -z "$cc" ]; then
    echo "native kernels: not built, no C compiler found (cc, gcc or clang; CC names another)"
    exit 0
fi

case $(uname -s) in
    Linux) os=linux; library=libcairn-kernels.so ;;
    Darwin) os=macos; library=libcairn-kernels.dylib ;;
    *) echo "native kernels: not built for $(uname -s)"; exit 0 ;;
esac
case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) arch=$(uname -m) ;;
esac

target=$out/native/$os-$arch
stamp=$objects/stamp
now=$(cat "$here"/*.c "$here"/*.h "$here/build.sh" | cksum; "$cc" --version | head -n 1)
if [ -f "$target/$library" ] && [ -f "$stamp" ] && [ "$now" = "$(cat "$stamp")" ]; then
    exit 0
fi
mkdir -p "$target" "$objects"

# Products must never be contracted or reassociated behind our back: answers are promised bit for bit.
flags="-std=c11 -O3 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -fno-trapping-math -Wall -Wextra -Werror=implicit-function-declaration"

# level NAME FLAGS...: compiles every kernel for one instruction set; a compiler too old for it leaves the level out.
linked=
level() {
    name=$1
    shift
    jobs=
    made=
    for source in matmul rows attention limits; do
        # shellcheck disable=SC2086
        "$cc" $flags "$@" -DCAIRN_LEVEL="$name" -c "$here/$source.c" -o "$objects/$source-$name.o" \
            2>"$objects/$source-$name.log" &
        jobs="$jobs $!"
        made="$made $objects/$source-$name.o"
    done
    for job in $jobs; do
        if ! wait "$job"; then
            echo "native kernels: level $name left out, $cc cannot compile it:"
            cat "$objects"/*-"$name.log" | head -n 5
            return 0
        fi
    done
    linked="$linked $made"
}

if [ "$arch" = x86_64 ]; then
    avx512="-mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni -mfma -mf16c -mprefer-vector-width=512"
    # shellcheck disable=SC2086
    level avx512_vnni_bf16 -DCAIRN_AVX512 -DCAIRN_BF16 $avx512 -mavx512bf16
    # shellcheck disable=SC2086
    level avx512_vnni -DCAIRN_AVX512 $avx512
    level avx2 -DCAIRN_AVX2 -mavx2 -mfma -mf16c
    # Compiled here too, so that the tests run what other platforms get.
    level portable -mavx2 -mfma
else
    level portable
fi
"$cc" $flags -c "$here/levels.c" -o "$objects/levels.o"
"$cc" $flags -c "$here/blocks.c" -o "$objects/blocks.o"
# shellcheck disable=SC2086
"$cc" -shared -o "$target/$library" $linked "$objects/levels.o" "$objects/blocks.o" -lm
printf '%s' "$now" >"$stamp"
echo "native kernels: built $target/$library"
