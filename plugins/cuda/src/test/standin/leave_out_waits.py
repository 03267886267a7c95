#!/usr/bin/env python3
"""Leaves out each wait for the device in the plugins' code, one after the other, and demands that a test goes red.

    leave_out_waits.py [--jdk JAVA_HOME] [NAME...]        from a checkout that is built; NAME chooses classes

A wait is a call of await, isPassed, synchronize or awaitEvent on a device or its driver. Left out, the first and the last two do
nothing, and isPassed answers yes. Only the class that holds the wait is compiled anew, and the process ends with the first test
that goes red. Prints a line per wait; the status is 1 if some are missed by every test.
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
import time

ROOT = pathlib.Path(__file__).resolve().parents[5]
USUAL = ["PinnedMemoryTest", "FailuresTest", "EventWaitsTest", "AdaptersTest"]
# the tests that are likely to notice, first
FIRST = {"AdapterRoom": ["AdaptersTest"], "SamplingPlan": ["EventWaitsTest"], "WeightUpload": ["EventWaitsTest"],
         "DeviceRunner": ["FailuresTest"], "MeasureDevice": ["MeasureDeviceTest"]}
SECONDS = 300
DOES_NOTHING = re.compile(r"(?<![\w.])(?:device|driver|machine\.device\(\)|target)\s*\.(?:await|synchronize|awaitEvent)\([^;]*?\)(?=;|\)\);)")
SAYS_YES = re.compile(r"(?<![\w.])(?:device|driver|machine\.device\(\)|machine\(\)\.device\(\))\s*\.isPassed\((?:[^()]|\([^()]*\))*\)")
RUNNER = """
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.*;
import org.junit.platform.launcher.core.*;
class Run {
  public static void main(String[] names) {
    var firstFailure = new TestExecutionListener() {
      @Override public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() != TestExecutionResult.Status.FAILED) return;
        String why = String.valueOf(result.getThrowable().orElse(null)).strip().lines().findFirst().orElse("");
        System.out.println("RED " + test.getLegacyReportingName() + ": " + why);
        System.out.flush();
        Runtime.getRuntime().halt(1);
      }
    };
    for (String name : names) {
      System.out.println("RUN " + name);
      var request = LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass("dev.cairn.plugin.cuda." + name));
      LauncherFactory.create().execute(request.build(), firstFailure);
    }
    Runtime.getRuntime().halt(0);
  }
}
"""
LEFT_OUT = """package dev.cairn.plugin.device;
public class LeftOut {
  public static void nothing() {}
  public static boolean yes() { return true; }
}
"""


def sources(tests=False):
    parts = ["plugins/cuda/src/test/java"] if tests else ["plugins/device/src/main/java", "plugins/cuda/src/main/java"]
    return sorted(p for part in parts for p in (ROOT / part).rglob("*.java"))


def waits():
    for path in sources():
        text = path.read_text()
        found = [(match, instead) for pattern, instead in ((DOES_NOTHING, "nothing()"), (SAYS_YES, "yes()"))
                 for match in pattern.finditer(text)]
        for match, instead in sorted(found, key=lambda pair: pair[0].start()):
            yield path, match, instead


def jars():
    version = re.search(r"<junit.version>(.*)</junit.version>", (ROOT / "pom.xml").read_text())[1]
    repository = os.path.expanduser("~/.m2/repository")
    return [jar for group in ("org/junit", "org/opentest4j", "org/assertj", "org/apiguardian", "org/jspecify", "net/bytebuddy")
            for jar in glob.glob(f"{repository}/{group}/**/*.jar", recursive=True)
            if "sources" not in jar and (group != "org/junit" or f"/{version}/" in jar)]


def compiled(jdk, into, path, files):
    subprocess.run([f"{jdk}/bin/javac", "-nowarn", "-proc:none", "-parameters", "-d", into, "-cp", ":".join(path), *map(str, files)],
                   check=True)


def run(jdk, path, names):
    """The test that goes red, or None."""
    command = [f"{jdk}/bin/java", "-ea", "--enable-native-access=ALL-UNNAMED", "-cp", ":".join(path), "Run", *names]
    with subprocess.Popen(command, cwd=ROOT / "plugins/cuda", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as tests:
        try:
            out, _ = tests.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            tests.kill()
            out, _ = tests.communicate()
            return f"{last_run(out)} never ends"
    if tests.returncode == 0:
        return None
    red = [line[4:] for line in out.splitlines() if line.startswith("RED ")]
    return f"{last_run(out)}#{red[0]}" if red else f"{last_run(out)} ends the process ({tests.returncode})"


def last_run(out):
    return ([line[4:] for line in out.splitlines() if line.startswith("RUN ")] or ["the start"])[-1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jdk", default=os.environ.get("JAVA_HOME", "/usr"))
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        whole, changed = str(work / "whole"), str(work / "changed")
        (work / "Run.java").write_text(RUNNER)
        (work / "LeftOut.java").write_text(LEFT_OUT)
        shutil.copytree(ROOT / "plugins/cuda/src/main/resources", whole)
        others = [str(ROOT / "ports/target/classes"), str(ROOT / "ports/tck/target/classes"), *jars()]
        compiled(given.jdk, whole, others, [work / "Run.java", work / "LeftOut.java", *sources(), *sources(tests=True)])
        for path, match, instead in [(None, None, None), *waits()]:
            if given.names and path is not None and path.stem not in given.names:
                continue
            begin = time.monotonic()
            shutil.rmtree(changed, ignore_errors=True)
            os.mkdir(changed)
            names = USUAL + ["MeasureDeviceTest"]
            place = "nothing left out"
            if path is not None:
                text = path.read_text()
                place = f"{path.stem}:{text[: match.start()].count(chr(10)) + 1} {' '.join(match[0].split())}"
                text = text[: match.start()] + "dev.cairn.plugin.device.LeftOut." + instead + text[match.end():]
                copy = work / path.name
                copy.write_text(text)
                compiled(given.jdk, changed, [whole, *others], [copy])
                first = FIRST.get(path.stem, [])
                names = first + [name for name in USUAL if name not in first]
            red = run(given.jdk, [changed, whole, *others], names)
            right = (red is None) == (path is None)
            missed += not right
            print(f"{place}: {red or 'green'}{'' if right else '  <-- WRONG'} [{time.monotonic() - begin:.0f} s]", flush=True)
    sys.exit(missed > 0)


main()
