package dev.cairn.transport.node;

/** Names and numbers on which both sides agree; {@code docs/node-protocol.md} has all of it. */
final class NodeProtocol {

    /** What this side speaks; readers ignore what they do not know, so any two may talk. */
    static final int VERSION = 1;

    /** Everything lies below it. */
    static final String PREFIX = "/node/";

    static final String GENERATE = PREFIX + "generate";
    static final String WATCH = PREFIX + "watch";
    static final String PREFILL = PREFIX + "prefill";
    static final String COMMAND = PREFIX + "command";

    /** The media type of bodies in both directions. */
    static final String MEDIA_TYPE = "application/vnd.cairn.node";

    /** Most bytes of a frame's payload. */
    static final int MAX_FRAME = 16 << 20;

    /** Payload from which on lists of tokens go on in a further frame. */
    static final int FULL_FRAME = 1 << 18;

    /** Bytes before a frame's payload: four of its length, one of its type. */
    static final int FRAME_HEADER = 5;

    /** Nesting of JSON in a request: formats carry schemas. */
    static final int JSON_DEPTH = 256;

    static final int PROMPT_TOKENS = 1;
    static final int PROMPT_DONE = 2;
    static final int TOKENS = 3;
    static final int CHOICE_ENDED = 4;
    static final int ENDED = 5;
    static final int FAILED = 6;
    static final int INTERRUPTED = 7;
    static final int HEARTBEAT = 8;
    static final int STATE = 9;
    static final int LOAD = 10;
    static final int OFFERED = 11;
    static final int READY = 12;
    static final int ALL_READY = 13;
    static final int ANSWERED = 14;

    /** In frames with tokens: what is said of each of them. */
    static final int WITHOUT_LOGPROBS = 0;

    static final int WITH_LOGPROBS = 1;

    private NodeProtocol() {}
}
