#!/bin/sh
# What a CUDA device does at best, then what the engine does on it, then how the two compare: figures of one run. Run from a
# checkout that is built. Never run so far; small sizes for the
# stand-in:
#   device_rates.sh plugins/cuda/target/stand-in bundled 4 64 2
#
#   device_rates.sh LIBRARIES [MODEL [MEBIBYTES [WIDTH [RUNS]]]]
#
# LIBRARIES is the folder of libnvrtc.so and libcublasLt.so; MODEL is dummy:llama-3.1-8b where it is left out.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd -P)
. "$root/.mvn/find-jdk.sh"
cairn_find_java javac || {
  cairn_explain_no_java javac
  exit 1
}
[ $# -ge 1 ] || {
  echo "usage: device_rates.sh LIBRARIES [MODEL [MEBIBYTES [WIDTH [RUNS]]]]" >&2
  exit 2
}
libraries=$(CDPATH='' cd "$1" && pwd -P)
model=${2:-dummy:llama-3.1-8b}
shift
[ $# -eq 0 ] || shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
classes=$root/plugins/cuda/target/classes:$root/plugins/device/target/classes:$root/ports/target/classes
"$CAIRN_JDK/bin/java" --enable-native-access=ALL-UNNAMED -cp "$classes" dev.cairn.plugin.cuda.MeasureDevice "$libraries" "$@" |
  tee "$work/rates"
[ "$model" = bundled ] || set -- --model "$model" --dtype bfloat16
[ "$model" != bundled ] || set -- --cases decode-1
"$root/cairn" bench engine --engine cuda --set "cairn.engine.cuda.libraries=$libraries" --json "$@" >"$work/engine"
python3 "$root/docs/measure/device_ratios.py" "$work/rates" "$work/engine"
