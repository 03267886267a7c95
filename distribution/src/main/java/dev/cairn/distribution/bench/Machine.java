package dev.cairn.distribution.bench;

import dev.cairn.ports.system.JsonValue;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What a report says about the machine that it was made on. */
public final class Machine {

    private Machine() {}

    /** By name; the load is of the last minute, as the system counts it. */
    public static SequencedMap<String, JsonValue> describe() {
        SequencedMap<String, JsonValue> machine = new LinkedHashMap<>();
        machine.put(
                "os",
                JsonValue.of(System.getProperty("os.name") + " " + System.getProperty("os.arch")));
        machine.put("processors", JsonValue.of((long) Runtime.getRuntime().availableProcessors()));
        machine.put("java", JsonValue.of(System.getProperty("java.version")));
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        machine.put(
                "load", load < 0 ? JsonValue.NULL : JsonValue.of(Math.round(load * 100) / 100.0));
        return machine;
    }
}
