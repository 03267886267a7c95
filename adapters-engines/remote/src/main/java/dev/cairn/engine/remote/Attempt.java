package dev.cairn.engine.remote;

import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.RemoteWorker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One request to one worker, on behalf of an {@link Exchange}. The loop's thread. */
final class Attempt implements AnswerSink {

    /** What the worker is sent. */
    enum Body {
        PLAIN,
        VLLM_PREFILL,
        VLLM_DECODE,
        SGLANG_PREFILL,
        SGLANG_DECODE
    }

    /** An answer that is not for the client and longer than this is none. */
    private static final int MOST_COLLECTED = 1 << 20;

    private final Exchange exchange;
    private final RemoteWorker worker;
    private Body body = Body.PLAIN;
    private RemoteWorker meetsAt;
    private long room;
    private String transfer = "";
    private WorkerConnection connection;
    private boolean hasHeard;
    private int status;
    private BodyFraming own;
    private ByteArrayOutputStream collected;

    Attempt(Exchange exchange, RemoteWorker worker) {
        this.exchange = exchange;
        this.worker = worker;
    }

    RemoteWorker worker() {
        return worker;
    }

    /** Whether its answer is not the client's. */
    boolean isPrefill() {
        return body == Body.VLLM_PREFILL || body == Body.SGLANG_PREFILL;
    }

    boolean hasAsked() {
        return connection == null || connection.hasAsked();
    }

    void transfer(Optional<String> params) {
        transfer = params.orElse("");
    }

    /**
     * @param meetsAt SGLang's prefill worker
     * @param room under which both meet
     */
    void send(Body body, RemoteWorker meetsAt, long room) {
        this.body = body;
        this.meetsAt = meetsAt;
        this.room = room;
        send(false);
    }

    private void send(boolean fresh) {
        WorkerPool pool = exchange.relay().pool(worker);
        try {
            connection = pool.connection(fresh);
        } catch (ConnectException refused) {
            exchange.failed(this, AttemptFailure.REFUSED);
            return;
        } catch (IOException none) {
            exchange.failed(this, AttemptFailure.UNREACHABLE);
            return;
        }
        connection.ask(request(pool), this);
    }

    private ByteBuffer[] request(WorkerPool pool) {
        ByteBuffer[] parts = parts();
        long length = 0;
        for (ByteBuffer part : parts) {
            length += part.remaining();
        }
        byte[] start = exchange.forwardedHead();
        byte[] end = ("Content-Length: " + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] own = pool.lines();
        ByteBuffer head = ByteBuffer.allocate(start.length + own.length + end.length);
        head.put(start).put(own).put(end).flip();
        ByteBuffer[] all = new ByteBuffer[parts.length + 1];
        all[0] = head;
        System.arraycopy(parts, 0, all, 1, parts.length);
        return all;
    }

    private ByteBuffer[] parts() {
        IncomingRequest request = exchange.incoming();
        return switch (body) {
            case PLAIN ->
                    HalvedWork.namesRank(worker)
                            ? HalvedWork.ranked(request, exchange.checked().fields(), worker)
                            : new ByteBuffer[] {request.bodyBytes(0, request.bodyLength())};
            case VLLM_PREFILL -> HalvedWork.vllmPrefill(request, exchange.checked().fields());
            case VLLM_DECODE ->
                    HalvedWork.vllmDecode(request, exchange.checked().fields(), transfer);
            case SGLANG_PREFILL, SGLANG_DECODE ->
                    HalvedWork.sglang(request, exchange.checked().fields(), worker, meetsAt, room);
        };
    }

    @Override
    public void began(AnswerHead head, BodyFraming framing) {
        hasHeard = true;
        status = head.status();
        if (isPrefill()) {
            own = head.framing();
            collected = new ByteArrayOutputStream();
        } else {
            exchange.began(this, head, framing);
        }
    }

    @Override
    public void bytes(ByteBuffer data, boolean last) {
        WorkerConnection used = connection;
        if (last) {
            connection = null;
        }
        if (!isPrefill()) {
            exchange.bytes(this, data, last);
            return;
        }
        own.end(data, payload -> collect(payload));
        if (collected.size() > MOST_COLLECTED && !last) {
            used.fail(AttemptFailure.NONSENSE);
        } else if (last) {
            prefilled();
        }
    }

    private void prefilled() {
        if (body == Body.VLLM_PREFILL) {
            exchange.prefilled(this, status, collected.toByteArray());
        } else if (status >= 500) {
            exchange.failed(this, AttemptFailure.UNAVAILABLE);
        }
    }

    /** SGLang's prefill worker answers as the other one does; only vLLM's says something new. */
    private void collect(ByteBuffer payload) {
        if (body == Body.VLLM_PREFILL) {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            collected.writeBytes(bytes);
        }
    }

    @Override
    public void failed(AttemptFailure failure) {
        boolean wasUsed = connection != null && connection.isUsed();
        connection = null;
        if (wasUsed && !hasHeard && failure == AttemptFailure.BROKEN) {
            // Kept from an earlier request, and closed by the worker just now: that says nothing.
            send(true);
        } else {
            exchange.failed(this, failure);
        }
    }

    void pause() {
        if (connection != null) {
            connection.pause();
        }
    }

    void resume() {
        if (connection != null) {
            connection.resume();
        }
    }

    /** Ends it without a word to anybody but the worker. */
    void abandon() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    /** Ends it as failed: it was waited for long enough. */
    void giveUp() {
        abandon();
        exchange.failed(this, AttemptFailure.SILENT);
    }
}
