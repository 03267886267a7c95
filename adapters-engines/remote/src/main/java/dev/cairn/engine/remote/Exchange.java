package dev.cairn.engine.remote;

import dev.cairn.engine.remote.BodyCheck.Checked;
import dev.cairn.engine.remote.BodyFraming.Kind;
import dev.cairn.ports.relay.AttemptFailure;
import dev.cairn.ports.relay.BlockShape;
import dev.cairn.ports.relay.ReadPrompt;
import dev.cairn.ports.relay.RelayCall;
import dev.cairn.ports.relay.RelayQuestion;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request and everything that is done to have it answered: attempts at workers, until one of
 * them answers; then its bytes go to the client as they come. The loop's thread.
 */
final class Exchange {

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED =
            "Transfer-Encoding: chunked\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int BAD_GATEWAY = 502;
    private static final int GATEWAY_TIMEOUT = 504;

    private final Relay relay;
    private final Client client;
    private final RequestHead head;
    private final String tenant;
    private final RelayedPath path;
    private final IncomingRequest incoming;
    private final String id;
    private RelayCall call;
    private Checked checked;
    private Attempt attempt;
    private Attempt other;
    private boolean hasBegun;
    private boolean hasEnded;
    private boolean isEventStream;
    private BodyFraming framing;
    private AnswerMeter meter;
    private ByteBuffer headToWrite = NOTHING;
    private long began;

    Exchange(
            Relay relay,
            Client client,
            RequestHead head,
            String tenant,
            RelayedPath path,
            IncomingRequest incoming) {
        this.relay = relay;
        this.client = client;
        this.head = head;
        this.tenant = tenant;
        this.path = path;
        this.incoming = incoming;
        this.id = head.requestId().isEmpty() ? randomId() : head.requestId();
    }

    private static String randomId() {
        var random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong());
    }

    String id() {
        return id;
    }

    Relay relay() {
        return relay;
    }

    IncomingRequest incoming() {
        return incoming;
    }

    Checked checked() {
        return checked;
    }

    /**
     * Judges the body and sends it on, as soon as it is known to whom.
     *
     * @throws dev.cairn.ports.request.RequestRefused if it goes nowhere
     */
    void start() {
        checked = relay.check().check(path, incoming.body(), relay.mayEdit());
        began = relay.loop().now();
        if (relay.options().letsWait()
                && relay.desk().mustWait(checked.model(), began)
                && relay.waits(this)) {
            relay.began(this);
            return;
        }
        place();
    }

    /** Nobody could answer when the request came; it has waited since then. */
    void stillWaits(long now) {
        boolean isLate = now - began > relay.options().waitTime().toNanos();
        if (!isLate && relay.desk().mustWait(checked.model(), now)) {
            return;
        }
        relay.waitsNoMore(this);
        guarded(this::place);
    }

    /** What is refused after {@link #start} has returned has nobody above to hear it. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RequestRefused refused) {
            end(false);
            client.refuse(refused.problem());
        }
    }

    /** Engines that tell their blocks want the prompt's to be known first. */
    private void place() {
        Optional<BlockShape> shape =
                path.isRead() ? relay.desk().blocksOf(checked.model()) : Optional.empty();
        if (shape.isEmpty()) {
            open(ReadPrompt.NONE);
            return;
        }
        relay.began(this);
        byte[] body = incoming.body().toArray(ValueLayout.JAVA_BYTE);
        String at = path.path();
        relay.reader()
                .read(
                        checked.model(),
                        shape.get(),
                        checked.salt(),
                        () -> PromptText.of(at, body),
                        read -> relay.loop().execute(() -> promptRead(read)));
    }

    private void promptRead(ReadPrompt read) {
        if (!hasEnded) {
            guarded(() -> open(read));
        }
    }

    private void open(ReadPrompt read) {
        call =
                relay.desk()
                        .open(
                                new RelayQuestion(
                                        id,
                                        tenant,
                                        checked.model(),
                                        head.session(),
                                        relay.prompt(checked.prompt()),
                                        read,
                                        path.generates()),
                                relay.loop().now());
        relay.began(this);
        launch();
    }

    private void launch() {
        began = relay.loop().now();
        RemoteWorker worker = call.worker();
        Optional<RemoteWorker> prefill = call.prefill();
        if (prefill.isEmpty()) {
            attempt = new Attempt(this, worker);
            attempt.send(Attempt.Body.PLAIN, null, 0);
            return;
        }
        switch (prefill.get().dialect()) {
            case OPENAI -> throw new IllegalStateException("nobody splits for " + worker.name());
            case VLLM -> {
                other = new Attempt(this, prefill.get());
                other.send(Attempt.Body.VLLM_PREFILL, null, 0);
            }
            case SGLANG -> {
                long room = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
                other = new Attempt(this, prefill.get());
                Attempt decode = new Attempt(this, worker);
                attempt = decode;
                other.send(Attempt.Body.SGLANG_PREFILL, prefill.get(), room);
                // What fails at once has been tried again already.
                if (attempt == decode) {
                    decode.send(Attempt.Body.SGLANG_DECODE, prefill.get(), room);
                }
            }
        }
    }

    /** vLLM's prefill worker is done. */
    void prefilled(Attempt by, int status, byte[] answer) {
        if (by != other || hasEnded) {
            return;
        }
        other = null;
        if (status >= BAD_GATEWAY - 2) {
            failed(by, AttemptFailure.UNAVAILABLE);
        } else if (status >= 400) {
            // The prompt is at fault; the client hears it from who found it.
            hasBegun = true;
            call.answered(status, relay.loop().now());
            end(true);
            client.answer(status, OwnPages.JSON, "", answer);
        } else {
            attempt = new Attempt(this, call.worker());
            Optional<String> transfer = HalvedWork.transfer(answer);
            attempt.transfer(transfer);
            attempt.send(
                    transfer.isPresent() ? Attempt.Body.VLLM_DECODE : Attempt.Body.PLAIN, null, 0);
        }
    }

    byte[] forwardedHead() {
        return head.forwarded(id, relay.passesKeys());
    }

    /** An answer begins, before its first byte is told. */
    void began(Attempt by, AnswerHead answer, BodyFraming framing) {
        int status = answer.status();
        if (status >= BAD_GATEWAY && status <= GATEWAY_TIMEOUT) {
            by.abandon();
            failed(by, AttemptFailure.UNAVAILABLE);
            return;
        }
        if (other != null && !other.isPrefill()) {
            settleHedge(by);
        }
        hasBegun = true;
        this.framing = framing;
        isEventStream = answer.isEventStream();
        call.answered(status, relay.loop().now());
        if (answer.closes() && framing.kind() == Kind.CLOSE && head.method().equals("HEAD")) {
            client.closeAfter();
        }
        meter = call.isMetered() ? new AnswerMeter() : null;
        headToWrite = headFor(answer);
        relay.requests().add(1, path.path(), statusText(status));
        if (by.hasAsked() && (other == null || other.hasAsked())) {
            incoming.forgetBody();
        }
    }

    private static String statusText(int status) {
        return status == 200 ? "200" : Integer.toString(status);
    }

    /** Whoever answers first has it; the other one is not waited for. */
    private void settleHedge(Attempt winner) {
        Attempt loser = winner == attempt ? other : attempt;
        attempt = winner;
        other = null;
        call.answeredBy(winner.worker(), relay.loop().now());
        loser.abandon();
    }

    private ByteBuffer headFor(AnswerHead answer) {
        ByteBuffer out = relay.loop().head();
        out.put(answer.lines(), 0, answer.linesLength());
        out.put("x-request-id: ".getBytes(StandardCharsets.US_ASCII));
        out.put(id.getBytes(StandardCharsets.ISO_8859_1)).put(CRLF);
        if (framing.kind() == Kind.CLOSE) {
            out.put(CHUNKED);
        }
        if (client.closesAfter()) {
            out.put(CLOSE);
        }
        return out.put(CRLF).flip();
    }

    /** Bytes of the answer, as they were on the wire. */
    void bytes(Attempt by, ByteBuffer data, boolean last) {
        if (hasEnded || by != attempt) {
            return;
        }
        if (meter != null) {
            meter.read(data);
        }
        ByteBuffer first = headToWrite;
        headToWrite = NOTHING;
        if (framing.kind() == Kind.CLOSE) {
            rechunk(first, data, last);
        } else {
            client.write(first, data);
        }
        if (last) {
            end(true);
            client.answered();
        } else if (client.isBehind()) {
            by.pause();
        }
    }

    /** The worker ends its answer by closing; the client's connection goes on. */
    private void rechunk(ByteBuffer first, ByteBuffer data, boolean last) {
        if (data.hasRemaining()) {
            ByteBuffer chunk = ByteBuffer.allocate(data.remaining() + 16);
            chunk.put(Integer.toHexString(data.remaining()).getBytes(StandardCharsets.US_ASCII));
            chunk.put(CRLF).put(data).put(CRLF);
            client.write(first, chunk.flip());
        } else if (first.hasRemaining()) {
            client.write(first, null);
        }
        if (last) {
            client.write(ByteBuffer.wrap(LAST_CHUNK), null);
        }
    }

    void clientCaughtUp() {
        if (attempt != null) {
            attempt.resume();
        }
    }

    /** An attempt came to nothing. */
    void failed(Attempt by, AttemptFailure failure) {
        if (hasEnded || (by != attempt && by != other && !by.isPrefill())) {
            return;
        }
        if (hasBegun) {
            if (by == attempt) {
                breakOff();
            }
            return;
        }
        relay.retries().add(1, failure.name().toLowerCase(Locale.ROOT));
        boolean isHedged = other != null && attempt != null && !other.isPrefill();
        boolean again = call.retry(by.worker(), failure, relay.loop().now());
        if (isHedged) {
            attempt = by == attempt ? other : attempt;
            other = null;
            return;
        }
        abandonAll();
        if (again) {
            launch();
        } else {
            RequestProblem problem = call.problem();
            end(false);
            client.refuse(problem);
        }
    }

    /** The worker is gone in the middle of its answer; the client learns as much as can be said. */
    private void breakOff() {
        boolean canSpeak = framing.kind() == Kind.CLOSE || framing.isBetweenChunks();
        // Who reads the prompt for it would wait for somebody who never comes.
        abandonAll();
        end(false);
        client.closeAfter();
        if (!isEventStream || !canSpeak) {
            client.close();
            return;
        }
        String event =
                "\n\ndata: "
                        + Refusals.body(
                                RequestProblem.of(
                                        Category.UNAVAILABLE,
                                        "worker_lost",
                                        "the worker was lost while it answered; send it again"))
                        + "\n\n";
        byte[] body = event.getBytes(StandardCharsets.UTF_8);
        String size = Integer.toHexString(body.length) + "\r\n";
        client.write(
                ByteBuffer.wrap(size.getBytes(StandardCharsets.US_ASCII)), ByteBuffer.wrap(body));
        client.write(ByteBuffer.wrap(CRLF), ByteBuffer.wrap(LAST_CHUNK));
        client.answered();
    }

    private void abandonAll() {
        if (attempt != null) {
            attempt.abandon();
        }
        if (other != null) {
            other.abandon();
        }
        attempt = null;
        other = null;
    }

    /** The client went away: nobody works for it any longer. */
    void clientGone() {
        if (!hasEnded) {
            abandonAll();
            end(true);
        }
    }

    private void end(boolean complete) {
        if (!hasEnded) {
            hasEnded = true;
            if (meter != null) {
                call.answeredTokens(meter.tokens());
            }
            if (call != null) {
                call.end(complete, relay.loop().now());
            }
            relay.waitsNoMore(this);
            relay.ended(this);
        }
    }

    /** Time has passed: a second worker is asked, or a silent one is given up. */
    void tick(long now) {
        if (hasBegun || hasEnded || call == null) {
            return;
        }
        long waited = now - began;
        for (Attempt one : new Attempt[] {attempt, other}) {
            boolean isLate = waited > relay.options().answerTime().toNanos();
            if (one != null && !hasEnded && (isLate || relay.desk().isGone(one.worker()))) {
                one.giveUp();
                return;
            }
        }
        long hedgeAfter = call.hedgeAfterNanos();
        if (hedgeAfter > 0 && waited >= hedgeAfter && other == null && attempt != null) {
            call.hedge(now)
                    .ifPresent(
                            worker -> {
                                other = new Attempt(this, worker);
                                other.send(Attempt.Body.PLAIN, null, 0);
                            });
        }
    }
}
