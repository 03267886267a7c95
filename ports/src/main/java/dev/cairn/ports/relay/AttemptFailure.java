package dev.cairn.ports.relay;

/** Why a worker gave no answer that can be relayed. */
public enum AttemptFailure {
    /** Nobody listens there. */
    REFUSED,
    /** The connection could not be made in time. */
    UNREACHABLE,
    /** The connection broke before the answer began. */
    BROKEN,
    /** The answer did not begin in time. */
    SILENT,
    /** It answered 502, 503 or 504. */
    UNAVAILABLE,
    /** What it said is no HTTP/1.1, or not what its dialect has. */
    NONSENSE
}
