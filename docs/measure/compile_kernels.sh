#!/bin/sh
# Compiles every kernel of the CUDA engine by NVIDIA's own compiler, for devices that need not be here. It runs the plugin's
# code, from a checkout that is built.
#
#   compile_kernels.sh LIBRARIES [TARGET [ARCHITECTURE...]]
#
# LIBRARIES is the folder of libnvrtc.so, for example of `pip install nvidia-cuda-nvrtc`:
#   .../site-packages/nvidia/cu13/lib
# TARGET gets the binaries and can be named by cairn.engine.cuda.kernel-cache; a temporary folder where it is left out.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd -P)
. "$root/.mvn/find-jdk.sh"
cairn_find_java javac || {
  cairn_explain_no_java javac
  exit 1
}
[ $# -ge 1 ] || {
  echo "usage: compile_kernels.sh LIBRARIES [TARGET [ARCHITECTURE...]]" >&2
  exit 2
}
libraries=$1
shift
if [ $# -ge 1 ]; then
  target=$1
  shift
else
  target=$(mktemp -d)
  trap 'rm -rf "$target"' EXIT
fi
[ $# -ge 1 ] || set -- sm_80 sm_90 sm_100
classes=$root/plugins/cuda/target/classes:$root/plugins/device/target/classes:$root/ports/target/classes
"$CAIRN_JDK/bin/java" --enable-native-access=ALL-UNNAMED -cp "$classes" dev.cairn.plugin.cuda.CompileKernels "$libraries" "$target" "$@"
