# shellcheck shell=sh
# Finds a Java of at least the release that Cairn needs. Sourced by `mvnw` and `cairn`; POSIX sh, no output unless it fails.
#
#   cairn_find_java PROGRAM [HOME...]   PROGRAM is `java` where running is enough, `javac` where a full JDK is needed;
#                                       each HOME is tried before anything else. Sets CAIRN_JDK, or returns 1.
#   cairn_explain_no_java PROGRAM       says on standard error what was sought and how to install it.

CAIRN_JAVA_RELEASE=25

# The release of a Java home from its `release` file, so that no JVM has to start only to be asked; empty if unknown.
cairn_java_release() {
  [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release" | head -n 1
}

# cairn_try_java PROGRAM HOME: takes HOME if it has PROGRAM and is new enough.
cairn_try_java() {
  [ -n "$2" ] && [ -x "$2/bin/$1" ] && [ -x "$2/bin/java" ] || return 1
  cairn_release=$(cairn_java_release "$2")
  [ -n "$cairn_release" ] && [ "$cairn_release" -ge "$CAIRN_JAVA_RELEASE" ] || return 1
  CAIRN_JDK=$2
}

# The home that `java` on the PATH belongs to, all links followed.
cairn_path_java_home() {
  cairn_on_path=$(command -v java 2>/dev/null) || return 0
  while [ -h "$cairn_on_path" ]; do
    cairn_link=$(readlink "$cairn_on_path") || return 0
    case $cairn_link in
      /*) cairn_on_path=$cairn_link ;;
      *) cairn_on_path=$(dirname "$cairn_on_path")/$cairn_link ;;
    esac
  done
  (cd "$(dirname "$cairn_on_path")/.." 2>/dev/null && pwd -P) || return 0
}

cairn_find_java() {
  cairn_program=$1
  shift
  CAIRN_JDK=
  # CAIRN_JAVA_HOME is an order, not a hint: to pass over a wrong one silently would hide the mistake.
  if [ -n "${CAIRN_JAVA_HOME-}" ]; then
    cairn_try_java "$cairn_program" "$CAIRN_JAVA_HOME"
    return
  fi
  for cairn_home in "$@" "${JAVA_HOME-}" "$(cairn_path_java_home)"; do
    if cairn_try_java "$cairn_program" "$cairn_home"; then return 0; fi
  done
  for cairn_home in /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/java/* /opt/* /opt/java/* /opt/jdk/* \
    "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.asdf/installs/java/* \
    "${HOME-}"/.local/share/mise/installs/java/* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME-}"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if cairn_try_java "$cairn_program" "$cairn_home"; then return 0; fi
  done
  return 1
}

cairn_explain_no_java() {
  case $1 in
    javac) cairn_what="JDK $CAIRN_JAVA_RELEASE or later" ;;
    *) cairn_what="Java $CAIRN_JAVA_RELEASE or later" ;;
  esac
  {
    if [ -n "${CAIRN_JAVA_HOME-}" ]; then
      cairn_release=$(cairn_java_release "$CAIRN_JAVA_HOME")
      echo "cairn: CAIRN_JAVA_HOME=$CAIRN_JAVA_HOME is no $cairn_what: its release is ${cairn_release:-unknown}, its program bin/$1" \
        "$(if [ -x "$CAIRN_JAVA_HOME/bin/$1" ]; then echo is there; else echo is missing; fi)." \
        "Unset it to search the usual places."
    else
      echo "cairn: no $cairn_what found. Sought: CAIRN_JAVA_HOME (not set), JAVA_HOME (${JAVA_HOME:-not set}), java on the PATH,"
      echo "  /usr/lib/jvm, /usr/java, /opt, ~/.sdkman, ~/.jdks, ~/.asdf, mise, Homebrew, /Library/Java/JavaVirtualMachines."
      echo "  Install one with: apt-get install openjdk-$CAIRN_JAVA_RELEASE-jdk-headless   (or temurin-$CAIRN_JAVA_RELEASE-jdk where Adoptium's packages are set up)"
      echo "                    dnf install java-$CAIRN_JAVA_RELEASE-openjdk-devel"
      echo "                    brew install openjdk@$CAIRN_JAVA_RELEASE"
      echo "                    sdk install java $CAIRN_JAVA_RELEASE-tem"
      echo "  If it lies elsewhere, set CAIRN_JAVA_HOME to its folder."
    fi
  } >&2
}
