#!/usr/bin/env python3
"""Cuts a fleet of four processes into two and two as a network does: packets are lost, no connection ends.

Each member runs in a network namespace of its own, two behind each of two bridges; the cut takes the link between the bridges down. Needs
root, `ip`, and the class path of the tests of plugins/hazelcast in a file:

    ./mvnw -o -q test-compile dependency:build-classpath -pl plugins/hazelcast -am -Dmdep.outputFile=/tmp/cp
    docs/measure/split_brain.py --class-path "plugins/hazelcast/target/test-classes:plugins/hazelcast/target/classes:$(cat /tmp/cp)" --seconds 60 --rounds 3

Blocks come and go on both sides meanwhile. Printed: from the end of the cut until all see all, and until everybody's directory is what the
others hold. The seed is printed, too.
"""

import argparse
import os
import random
import subprocess
import time

TAG = "cs%d" % (os.getpid() % 10000)
BLOCKS = 4000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Member:
    def __init__(self, number, java, class_path):
        self.number, self.truth, self.space = number, {}, "%sn%d" % (TAG, number)
        outside, inside = "%so%d" % (TAG, number), "%si%d" % (TAG, number)
        ip("netns", "add", self.space)
        ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", self.space)
        ip("link", "set", outside, "master", "%sb%d" % (TAG, number // 2), "up")
        ip("-n", self.space, "addr", "add", "10.99.7.%d/24" % (number + 1), "dev", inside)
        ip("-n", self.space, "link", "set", inside, "up")
        ip("-n", self.space, "link", "set", "lo", "up")
        join = ",".join("10.99.7.%d:5701" % (other + 1) for other in range(4) if other != number)
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.space, java, "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", class_path,
             "dev.cairn.plugin.hazelcast.FleetProcess", "host=10.99.7.%d" % (number + 1), "port=5701", "join=" + join,
             "heartbeat=2000", "key=shared"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def begin(self):
        self.id = self.process.stdout.readline().split()[1]

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def change(self, dice):
        start, tier = dice.randrange(BLOCKS - 100), dice.choice(["host", "disk"])
        verb = "announce" if dice.randrange(5) < 3 else "withdraw"
        self.ask("%s %d %d %s" % (verb, start, start + 100, tier))
        for block in range(start, start + 100):
            tiers = self.truth.setdefault(block, set())
            (tiers.add if verb == "announce" else tiers.discard)(tier)

    def knows(self, members):
        held = {"%d@%s:%s" % (block, other.id, tier) for other in members if other is not self
                for block, tiers in other.truth.items() for tier in tiers}
        return set(self.ask("known 0 %d" % BLOCKS).split()) == held

    def end(self):
        self.process.kill()
        self.process.wait()
        ip("netns", "del", self.space)


def until(holds):
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > 120:
            raise SystemExit("not in two minutes")
        time.sleep(0.005)
    return time.monotonic() - start


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--class-path", required=True)
    options.add_argument("--java", default="java")
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    chosen = options.parse_args()
    print("seed", chosen.seed, flush=True)
    dice, members, link = random.Random(chosen.seed), [], TAG + "l0"
    try:
        for side in range(2):
            ip("link", "add", "%sb%d" % (TAG, side), "type", "bridge")
            ip("link", "set", "%sb%d" % (TAG, side), "up")
        ip("link", "add", link, "type", "veth", "peer", "name", TAG + "l1")
        for side in range(2):
            ip("link", "set", "%sl%d" % (TAG, side), "master", "%sb%d" % (TAG, side), "up")
        for number in range(4):
            members.append(Member(number, chosen.java, chosen.class_path))
        for member in members:
            member.begin()
        until(lambda: all(member.ask("members") == "4" for member in members))
        for _ in range(chosen.rounds):
            ip("link", "set", link, "down")
            print("halves after %.1f s" % until(lambda: all(member.ask("members") == "2" for member in members)), flush=True)
            end = time.monotonic() + chosen.seconds
            while time.monotonic() < end:
                dice.choice(members).change(dice)
            ip("link", "set", link, "up")
            seeing = until(lambda: all(member.ask("members") == "4" for member in members))
            knowing = until(lambda: all(member.knows(members) for member in members))
            print("all see all after %.2f s, all know everything after %.2f s" % (seeing, seeing + knowing), flush=True)
    finally:
        for member in members:
            member.end()
        for side in range(2):
            subprocess.run(["ip", "link", "del", "%sb%d" % (TAG, side)])
        subprocess.run(["ip", "link", "del", link])


main()
