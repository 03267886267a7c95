#!/bin/sh
# Makes the stand-in for a CUDA device: OUT/libcuda.so.1, and the same file as libnvrtc.so.13 and libcublasLt.so.13. The plugin's
# kernels are compiled into it by the host's C++ compiler.
#
#   build.sh OUT         CXX chooses the compiler; without one it says so and ends with 3
set -eu

here=$(cd "$(dirname "$0")" && pwd)
kernels=$here/../../main/resources/dev/cairn/plugin/cuda/kernels
out=$1
cxx=${CXX:-}
if [ -z "$cxx" ]; then
    for candidate in c++ g++ clang++; do
        if command -v "$candidate" >/dev/null 2>&1; then cxx=$candidate; break; fi
    done
fi
if [ -z "$cxx" ]; then
    echo "stand-in: not built, no C++ compiler found (c++, g++ or clang++; CXX names another)" >&2
    exit 3
fi

now=$(cat "$here"/*.cpp "$here"/*.h "$here/build.sh" "$kernels"/* | cksum; "$cxx" --version | head -n 1)
if [ -f "$out/libcuda.so.1" ] && [ -f "$out/stamp" ] && [ "$now" = "$(cat "$out/stamp")" ]; then
    exit 0
fi
mkdir -p "$out"
work=$(mktemp -d "$out/build.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What a device computes is not contracted either. Fibers change stacks, which a fortified longjmp takes for an attack.
flags="-std=c++17 -O2 -g1 -fPIC -fvisibility=hidden -ffp-contract=off -fno-strict-aliasing -U_FORTIFY_SOURCE -Wall -Wno-attributes -Wno-unknown-pragmas"
case $(uname -m) in
    # every processor of the last ten years has it; without it fmaf is a hundred times slower
    x86_64) flags="$flags -mfma -mtls-dialect=gnu2" ;;
esac
# A device ends a kernel that reads or writes a number, or sixteen bytes at once, at an address that is no multiple of its size.
aligned="-fsanitize=alignment -fsanitize-undefined-trap-on-error"
jobs=
compile() {
    # shellcheck disable=SC2086
    "$cxx" $flags $aligned -I"$here" -I"$kernels" -c "$1" -o "$work/$(basename "$1").o" &
    jobs="$jobs $!"
}

for kernel in "$kernels"/*.cu; do
    file=$(basename "$kernel")
    {
        echo '#include "cuda_host.h"'
        echo '#include "standin.h"'
        cat "$kernels/common.cuh" "$kernel"
        echo 'namespace {'
        printf 'bool source = standin::add_source("%s", R"CAIRN(' "$file"
        cat "$kernels/common.cuh" "$kernel"
        echo ')CAIRN");'
        sed -n 's/^extern "C" __global__ void \([a-z0-9_]*\)(.*/bool added_\1 = standin::add_kernel("'"$file"'", "\1", \&\1);/p' "$kernel"
        echo '}'
    } >"$work/$file.cpp"
    compile "$work/$file.cpp"
done
for source in "$here"/*.cpp; do
    compile "$source"
done
for job in $jobs; do
    wait "$job"
done
"$cxx" -shared -o "$work/libcuda.so.1" "$work"/*.o -lpthread -Wl,-soname,libcuda.so.1
mv "$work/libcuda.so.1" "$out/libcuda.so.1"
for name in libnvrtc.so.13 libcublasLt.so.13; do
    ln -sf libcuda.so.1 "$out/$name"
done
printf '%s' "$now" >"$out/stamp"
