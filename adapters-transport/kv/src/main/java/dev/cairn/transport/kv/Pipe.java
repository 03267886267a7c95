package dev.cairn.transport.kv;

/** A connected pair of directions. Threads: one reads, one writes, any closes. */
interface Pipe extends ByteSource, ByteSink, AutoCloseable {

    /** {@code "tcp"} or {@code "tls"}. */
    String name();

    /** Wakes whoever reads or writes; may be called again. */
    @Override
    void close();
}
