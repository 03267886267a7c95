/**
 * KV events over ZeroMQ: what workers hold, told and heard in the dialects of several engines.
 * Depends on {@code dev.cairn.ports} and JeroMQ.
 *
 * <p>Start reading at {@link dev.cairn.transport.events.ZmqKvEvents}. Who tells: {@code Publisher}
 * with its {@code ReplayBuffer}. Who hears: {@code Subscriber} and, per worker, {@code Followed}.
 * Bytes: {@code BatchReader} and {@code BatchWriter} over {@code MsgpackReader} and {@code
 * MsgpackWriter}. The format, to the byte: {@code docs/kv-events.md}.
 */
package dev.cairn.transport.events;
