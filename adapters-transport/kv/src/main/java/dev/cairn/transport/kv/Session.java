package dev.cairn.transport.kv;

import java.util.Optional;

/**
 * What two sides have agreed on.
 *
 * @param version of the protocol
 * @param credit bytes of payload that the serving side may send before it is granted more
 * @param ring memory that payloads and answers take instead of the connection; empty = none
 * @param frames of the other side, the handshake's last one read
 * @param answers to the other side, the handshake's last one written
 */
record Session(
        int version, long credit, Optional<Ring> ring, FrameReader frames, FrameWriter answers) {}
