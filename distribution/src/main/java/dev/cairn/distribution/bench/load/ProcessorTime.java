package dev.cairn.distribution.bench.load;

import java.lang.management.ManagementFactory;

/** Processor time, to tell whether the load's own side was the bottleneck. */
final class ProcessorTime {

    private ProcessorTime() {}

    /** Nanoseconds that all threads of this process have computed; 0 where nobody counts them. */
    static long ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? Math.max(0, system.getProcessCpuTime())
                : 0;
    }
}
