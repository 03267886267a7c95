#!/usr/bin/env python3
"""Leaves out each wait for the device in the plugins' code, one after the other, and demands that a test goes red.

    leave_out_waits.py [--jdk JAVA_HOME]        from a checkout that is built, tests included; nightly, some minutes

A wait is a call of await, isPassed, synchronize or awaitEvent on a device or its driver. Left out, the first and the last two do
nothing, and isPassed answers yes. Prints a line per wait; the status is 1 if some are missed by every test.
"""

import argparse
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[5]
TESTS = ["EventWaitsTest", "PinnedMemoryTest", "FailuresTest", "MeasureDeviceTest"]
DOES_NOTHING = re.compile(r"(?<![\w.])(?:device|driver|machine\.device\(\)|target)\s*\.(?:await|synchronize|awaitEvent)\([^;]*?\)(?=;|\)\);)")
SAYS_YES = re.compile(r"(?<![\w.])(?:device|driver|machine\.device\(\)|machine\(\)\.device\(\))\s*\.isPassed\((?:[^()]|\([^()]*\))*\)")
RUNNER = """
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.*;
import org.junit.platform.launcher.listeners.*;
class Run {
  public static void main(String[] names) {
    var request = LauncherDiscoveryRequestBuilder.request();
    for (String name : names) request.selectors(DiscoverySelectors.selectClass("dev.cairn.plugin.cuda." + name));
    var summary = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request.build(), summary);
    for (var failure : summary.getSummary().getFailures()) System.out.println("RED " + failure.getTestIdentifier().getDisplayName());
    System.exit(summary.getSummary().getTotalFailureCount() > 0 ? 1 : 0);
  }
}
"""


def sources():
    return sorted(p for m in ("device", "cuda") for p in (ROOT / f"plugins/{m}/src/main/java").rglob("*.java"))


def waits():
    for path in sources():
        text = path.read_text()
        for pattern, instead in ((DOES_NOTHING, "nothing()"), (SAYS_YES, "yes()")):
            for match in pattern.finditer(text):
                yield path, match, instead


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jdk", default=os.environ.get("JAVA_HOME", "/usr"))
    given = parser.parse_args()
    repository = os.path.expanduser("~/.m2/repository")
    jars = [j for g in ("org/junit", "org/opentest4j", "org/assertj", "org/apiguardian", "org/jspecify", "net/bytebuddy")
            for j in glob.glob(f"{repository}/{g}/**/*.jar", recursive=True) if "sources" not in j]
    tests = [str(ROOT / "plugins/cuda/target/test-classes"), str(ROOT / "ports/tck/target/classes")]
    ports = str(ROOT / "ports/target/classes")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "Run.java").write_text(RUNNER)
        for path, match, instead in [(None, None, None), *waits()]:
            classes = work / "classes"
            shutil.rmtree(classes, ignore_errors=True)
            shutil.copytree(ROOT / "plugins/cuda/src/main/resources", classes)
            changed = []
            for source in sources():
                text = source.read_text()
                if source == path:
                    text = text[: match.start()] + "dev.cairn.plugin.device.LeftOut." + instead + text[match.end():]
                copy = work / "sources" / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text(text)
                changed.append(str(copy))
            left = work / "LeftOut.java"
            left.write_text("package dev.cairn.plugin.device;\npublic class LeftOut {\n public static void nothing() {}\n"
                            " public static boolean yes() { return true; }\n}\n")
            subprocess.run([f"{given.jdk}/bin/javac", "-nowarn", "-proc:none", "-parameters", "-d", classes, "-cp",
                            ":".join([ports, *jars]), work / "Run.java", left, *changed], check=True, stderr=subprocess.DEVNULL)
            place = "nothing left out" if path is None else f"{path.stem}:{path.read_text()[: match.start()].count(chr(10)) + 1}"
            try:
                run = subprocess.run([f"{given.jdk}/bin/java", "-ea", "--enable-native-access=ALL-UNNAMED", "-cp",
                                      ":".join([str(classes), *tests, ports, *jars]), "Run", *TESTS],
                                     cwd=ROOT / "plugins/cuda", capture_output=True, text=True, timeout=900)
                red = sorted({line[4:] for line in run.stdout.splitlines() if line.startswith("RED ")})
                status, told = run.returncode, ", ".join(red) or "the process ended"
            except subprocess.TimeoutExpired:
                status, told = 1, "never ended"
            right = (status == 0) == (path is None)
            missed += not right
            print(f"{place}: {'green' if status == 0 else told}{'' if right else '  <-- WRONG'}", flush=True)
    sys.exit(missed > 0)


main()
