package dev.cairn.plugin.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A kernel with room for its arguments, which are written anew for each launch and copied by it.
 * Arguments come in the order of the kernel's parameters. Threads: the device's owner.
 */
final class CudaKernel {

    private static final int PLACE = 8;

    private final CudaDriver driver;
    private final String name;
    private final long function;
    private final MemorySegment values;
    private final MemorySegment pointers;
    private final int parameters;
    private int written;

    CudaKernel(CudaDriver driver, Arena arena, String name, long function, int parameters) {
        this.driver = driver;
        this.name = name;
        this.function = function;
        this.parameters = parameters;
        values = arena.allocate((long) PLACE * parameters, PLACE);
        pointers = arena.allocate(ValueLayout.ADDRESS, parameters);
        for (int i = 0; i < parameters; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice((long) PLACE * i, PLACE));
        }
    }

    /** Lets it have so much dynamic shared memory. */
    void allowShared(int bytes) {
        driver.allowShared(function, bytes);
    }

    CudaKernel with(long value) {
        values.setAtIndex(ValueLayout.JAVA_LONG, written++, value);
        return this;
    }

    CudaKernel with(int value) {
        values.set(ValueLayout.JAVA_INT, (long) PLACE * written++, value);
        return this;
    }

    CudaKernel with(float value) {
        values.set(ValueLayout.JAVA_FLOAT, (long) PLACE * written++, value);
        return this;
    }

    CudaKernel with(boolean value) {
        return with(value ? 1 : 0);
    }

    void launch(int gridX, int gridY, int gridZ, int threads, int shared, long stream) {
        if (written != parameters) {
            throw new IllegalStateException(
                    "%s takes %d arguments, got %d".formatted(name, parameters, written));
        }
        written = 0;
        driver.launch(name, function, gridX, gridY, gridZ, threads, shared, stream, pointers);
    }
}
