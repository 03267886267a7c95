package dev.cairn.distribution.bench.client;

import java.io.InputStream;

/** Bytes that come in the given pieces, as a network may cut them. */
final class CutStream extends InputStream {

    private final byte[] bytes;
    private final int piece;
    private int at;

    CutStream(byte[] bytes, int piece) {
        this.bytes = bytes;
        this.piece = piece;
    }

    @Override
    public int read() {
        return at < bytes.length ? bytes[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (at == bytes.length) {
            return -1;
        }
        int count = Math.min(Math.min(piece, length), bytes.length - at);
        System.arraycopy(bytes, at, target, offset, count);
        at += count;
        return count;
    }
}
