package dev.cairn.ports.cache;

import java.lang.foreign.MemorySegment;

/**
 * What a {@link BlockTier} also is whose blocks lie in one piece of memory: a device that learns of
 * that piece copies there itself. Whoever wraps a tier wraps its blocks, not its memory.
 */
public interface ContiguousMemory {

    /** All of it, for as long as the tier is open; its {@link BlockTier#room rooms} lie in it. */
    MemorySegment memory();
}
