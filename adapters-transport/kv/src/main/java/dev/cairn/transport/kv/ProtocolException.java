package dev.cairn.transport.kv;

import java.io.IOException;

/** The peer broke the protocol; the connection ends. The message says what the peer did. */
class ProtocolException extends IOException {

    private static final long serialVersionUID = 1L;

    ProtocolException(String whatThePeerDid) {
        super(whatThePeerDid);
    }
}
