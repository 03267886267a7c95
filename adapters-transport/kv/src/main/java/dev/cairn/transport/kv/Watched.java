package dev.cairn.transport.kv;

/** Something that must not take for ever. Threads: the watch's. */
interface Watched {

    /** Ends itself if its time is over; must not wait. */
    void check(long nanos);
}
