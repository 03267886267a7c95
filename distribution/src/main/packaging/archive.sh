#!/bin/sh
# Makes target/cairn-VERSION-OS-ARCH.tar.gz: target/cairn with a Java of its own, the libraries of this platform only, and an
# AOT cache recorded with exactly these. Called by the build's profile `dist`.
#
#   archive.sh CHECKOUT JAVA_HOME VERSION
set -eu

root=$1 java_home=$2 version=$3
source=$root/distribution/src/main/packaging
target=$root/distribution/target
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x86_64 ;;
  Linux-aarch64) platform=linux-aarch64 ;;
  Darwin-arm64) platform=osx-aarch64 ;;
  *)
    echo "archive: no archive is made for $(uname -s) on $(uname -m)" >&2
    exit 1
    ;;
esac
name=cairn-$version-$platform
home=$target/archive/$name

# jdk.zipfs: configuration lies in jars and is read through their file system. java.desktop (its beans), java.naming and
# jdk.unsupported: what CDI loads. jdk.crypto.ec: TLS. jdk.jcmd, jdk.jfr: to look into a running server. The rest of what is
# named here is for plugins, which see the JDK and the ports and nothing else.
modules=java.base,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml
modules=$modules,jdk.crypto.ec,jdk.incubator.vector,jdk.jcmd,jdk.jfr,jdk.management,jdk.management.jfr,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

rm -rf "$target/archive"
mkdir -p "$home/lib" "$home/plugins"
cp -p "$root/cairn" "$root/LICENSE" "$home/"
cp -Rp "$target/cairn/models" "$home/"
for module in "$root"/plugins/*/; do
  plugin=$(basename "$module")
  if [ -d "$module/target/plugin" ]; then cp -Rp "$target/cairn/plugins/$plugin" "$home/plugins/"; fi
done
mkdir "$home/conf"
cp -p "$source/files/conf/cairn.properties" "$home/conf/"
cp -p "$target"/cairn/lib/find-jdk.sh "$target"/cairn/lib/jvm.options "$home/lib/"
"$java_home/bin/java" "$source/CopyForOnePlatform.java" "$target/cairn/lib" "$home/lib" $platform

"$java_home/bin/jlink" --add-modules "$modules" --output "$home/jre" --compress zip-6 --strip-debug --no-header-files \
  --no-man-pages

"$java_home/bin/java" "$source/RecordAotCache.java" "$home" "$home/jre"

chmod -R a+rX "$home"

# tar keeps times, modes and links: the JVM takes the cache only beside jars of the recorded times.
tar -C "$target/archive" --owner=0 --group=0 -czf "$target/$name.tar.gz" "$name"
echo "archive: $target/$name.tar.gz, $(du -h "$target/$name.tar.gz" | cut -f1)"
