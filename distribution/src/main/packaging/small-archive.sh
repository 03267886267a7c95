#!/bin/sh
# Makes target/cairn-VERSION-device-OS-ARCH.tar.gz: what travels to a machine with a device. A Java of its own, the program and the
# engines on devices; without Hazelcast, the desktop's modules, ONNX Runtime with its tokenizers, and an AOT cache. At most 45 MB,
# which it checks.
#
#   small-archive.sh CHECKOUT JAVA_HOME VERSION         from a checkout that is built
set -eu

root=$1 java_home=$2 version=$3
source=$root/distribution/src/main/packaging
target=$root/distribution/target
most=$((45 * 1000 * 1000))
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x86_64 ;;
  Linux-aarch64) platform=linux-aarch64 ;;
  *)
    echo "small-archive: no such archive is made for $(uname -s) on $(uname -m)" >&2
    exit 1
    ;;
esac
name=cairn-$version-device-$platform
home=$target/small-archive/$name

# As archive.sh says, less the desktop and what looks into a running server.
modules=java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
modules=$modules,jdk.crypto.ec,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

rm -rf "$target/small-archive"
mkdir -p "$home/lib" "$home/plugins" "$home/conf"
cp -p "$root/cairn" "$root/LICENSE" "$home/"
cp -Rp "$target/cairn/models" "$home/"
cp -Rp "$target/cairn/plugins/cuda" "$home/plugins/"
cp -p "$source/files/conf/cairn.properties" "$home/conf/"
cp -p "$target"/cairn/lib/find-jdk.sh "$target"/cairn/lib/jvm.options "$home/lib/"
"$java_home/bin/java" "$source/CopyForOnePlatform.java" "$target/cairn/lib" "$home/lib" $platform
# The engine for ONNX, and what nobody but it needs.
rm -f "$home"/lib/cairn-engine-onnx-* "$home"/lib/onnxruntime-* "$home"/lib/tokenizers-* "$home"/lib/api-0.* "$home"/lib/jna-* \
  "$home"/lib/gson-* "$home"/lib/commons-compress-* "$home"/lib/commons-codec-* "$home"/lib/commons-io-* "$home"/lib/commons-lang3-*

# Classes are not compressed one by one: the archive does that better over all of them, and they are loaded faster.
"$java_home/bin/jlink" --add-modules "$modules" --output "$home/jre" --compress zip-0 --strip-debug --no-header-files \
  --no-man-pages
chmod -R a+rX "$home"
tar -C "$target/small-archive" --owner=0 --group=0 -cf - "$name" | gzip -9 >"$target/$name.tar.gz"
bytes=$(wc -c <"$target/$name.tar.gz")
echo "small-archive: $target/$name.tar.gz, $bytes bytes"
if [ "$bytes" -gt $most ]; then
  echo "small-archive: more than $most bytes" >&2
  exit 1
fi
