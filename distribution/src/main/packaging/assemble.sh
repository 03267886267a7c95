#!/bin/sh
# Makes the runnable folder target/cairn from the class path that Maven resolved. Called by the build in the phase `package`.
#
#   assemble.sh CHECKOUT JAVA_HOME AOT JAR
#
# AOT is off, auto (if it cannot be recorded, say so and go on) or required; JAR is the one of this module. The class path stands in distribution/target/classpath.txt, with colons.
set -eu

root=$1 java_home=$2 aot=$3 jar=$4
source=$root/distribution/src/main/packaging
target=$root/distribution/target
home=$target/cairn

mkdir -p "$home/plugins" "$home/models" "$home/conf"
[ -e "$home/conf/cairn.properties" ] || cp "$source/files/conf/cairn.properties" "$home/conf/"
if [ -d "$root/distribution/bundled-model/cairn-pebble" ]; then
  rm -rf "$home/models/cairn-pebble.new"
  cp -Rp "$root/distribution/bundled-model/cairn-pebble" "$home/models/cairn-pebble.new"
  rm -rf "$home/models/cairn-pebble"
  mv "$home/models/cairn-pebble.new" "$home/models/cairn-pebble"
fi

# The library folder is made beside the old one and takes its place at once, so that a server that runs from it is not
# served half of a new jar.
new=$target/cairn-lib.new
rm -rf "$new" "$target/cairn-lib.old"
mkdir -p "$new"
tr ':' '\n' <"$target/classpath.txt" | while read -r library; do
  if [ -e "$new/${library##*/}" ]; then
    echo "assemble: two libraries are called ${library##*/}; the second is $library" >&2
    exit 1
  fi
  cp -p "$library" "$new/"
done
cp -p "$jar" "$source/files/lib/jvm.options" "$root/.mvn/find-jdk.sh" "$new/"

# Plugins that come with the program: each built in plugins/NAME, its libraries in target/plugin. What else lies in the folder is
# the user's. A folder of the build's own is made anew where anything in it changed.
for module in "$root"/plugins/*/; do
  name=$(basename "$module")
  [ -d "$module/target/plugin" ] || continue
  staged=$target/cairn-plugin.new
  rm -rf "$staged"
  mkdir -p "$staged"
  cp -p "$module"/target/plugin/*.jar "$module"/target/cairn-plugin-"$name"-*.jar "$staged/"
  if ! diff -rq "$staged" "$home/plugins/$name" >/dev/null 2>&1; then
    rm -rf "$home/plugins/$name"
    mv "$staged" "$home/plugins/$name"
  fi
  rm -rf "$staged"
done

# An incubator module keeps the JVM from taking its modules and lambdas out of the AOT cache, a quarter of the start. So the
# Vector API is there from the start only where the C kernels are not built; `cairn` adds it where someone asks for it.
case $(uname -s)-$(uname -m) in
  Linux-x86_64) kernels=native/linux-x86_64/ ;;
  Linux-aarch64) kernels=native/linux-aarch64/ ;;
  *) kernels=native/other/ ;;
esac
if ! "$java_home/bin/jar" tf "$new"/cairn-engine-cpu-*.jar | grep -q "^${kernels}lib"; then
  printf '\n# The Vector API, since this build has no C kernels for this machine.\n--add-modules jdk.incubator.vector\n' \
    >>"$new/jvm.options"
fi

# Jars are made alike from alike sources; if none differs, the AOT cache beside the old ones still holds.
same=yes
(cd "$new" && ls) >"$target/cairn-lib.names"
(cd "$home/lib" 2>/dev/null && ls | grep -vE '^cairn\.aot(\.log)?$') | cmp -s - "$target/cairn-lib.names" || same=no
if [ $same = yes ]; then
  while read -r name; do cmp -s "$new/$name" "$home/lib/$name" || { same=no && break; }; done <"$target/cairn-lib.names"
fi
rm -f "$target/cairn-lib.names"
if [ $same = yes ]; then
  rm -rf "$new"
else
  if [ -d "$home/lib" ]; then mv "$home/lib" "$target/cairn-lib.old"; fi
  mv "$new" "$home/lib"
  rm -rf "$target/cairn-lib.old"
fi

if [ "$aot" != off ] && [ ! -f "$home/lib/cairn.aot" ]; then
  if ! "$java_home/bin/java" "$source/RecordAotCache.java" "$home" "$java_home"; then
    [ "$aot" != required ] || exit 1
    echo "assemble: no AOT cache; cairn starts without it, only slower" >&2
  fi
fi

# What `cairn` compares with the age of the sources.
touch "$target/cairn.built"
