package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What two sides say before anything else: versions, proofs of the shared key, credit, and whether
 * they are on one machine.
 *
 * <p>Threads: any; each call is one connection's.
 */
final class Handshake {

    private final Preamble ours;
    private final SharedKey key;
    private final long credit;
    private final Rings rings;
    private final SecureRandom random = new SecureRandom();

    Handshake(Preamble ours, SharedKey key, long credit, Rings rings) {
        this.ours = ours;
        this.key = key;
        this.credit = credit;
        this.rings = rings;
    }

    /**
     * The side that connects and pulls.
     *
     * @throws RefusedException if either side does not want to
     */
    Session pulling(Pipe pipe) throws IOException {
        ours.write(pipe);
        Preamble theirs = Preamble.read(pipe);
        var frames = new FrameReader(pipe, Wire.TALK_BYTES);
        int version = ours.agree(theirs);

        frames.expect(FrameType.CHALLENGE);
        byte[] challenge = nonce(frames.body());
        boolean keyed = frames.body().get() != 0;
        if (keyed && !key.isSet()) {
            throw new RefusedException("it asks for a shared key; set " + KvSettings.KEY);
        }
        byte[] nonce = nonce();
        byte[][] said = {ours.bytes(), theirs.bytes(), challenge, nonce};
        var answers = new FrameWriter(pipe);
        ByteBuffer hello = answers.begin(FrameType.HELLO, 0, 0, 0, 0);
        hello.put(nonce).put(key.proof(SharedKey.Side.PULLING, said)).putLong(credit);
        Wire.putText(hello, version >= 2 ? rings.machine() : "");
        answers.end(null);
        answers.flush();

        frames.expect(FrameType.WELCOME);
        byte[] proof = bytes(frames.body(), SharedKey.PROOF_BYTES);
        if (!key.proves(proof, SharedKey.Side.SERVING, said)) {
            throw new RefusedException(
                    "it does not know the shared key that " + KvSettings.KEY + " holds here");
        }
        String offered = Wire.text(frames.body());
        Optional<Ring> ring = Optional.empty();
        if (!offered.isEmpty()) {
            ring = rings.accept(offered);
            ByteBuffer answer = answers.begin(FrameType.RING, 0, 0, 0, ring.isPresent() ? 1 : 0);
            answer.put(ring.map(Ring::token).orElseGet(() -> new byte[Ring.TOKEN_BYTES]));
            answers.end(null);
            answers.flush();
        }
        return new Session(version, credit, ring, frames, answers);
    }

    /**
     * The side that was connected to and serves.
     *
     * @throws RefusedException if either side does not want to; the other side was told
     */
    Session serving(Pipe pipe) throws IOException {
        Preamble theirs = Preamble.read(pipe);
        ours.write(pipe);
        var answers = new FrameWriter(pipe);
        var frames = new FrameReader(pipe, Wire.PULL_BYTES);
        int version = ours.agree(theirs);
        byte[] challenge = nonce();
        answers.begin(FrameType.CHALLENGE, 0, 0, 0, 0)
                .put(challenge)
                .put((byte) (key.isSet() ? 1 : 0));
        answers.end(null);
        answers.flush();

        frames.expect(FrameType.HELLO);
        byte[] nonce = nonce(frames.body());
        byte[] proof = bytes(frames.body(), SharedKey.PROOF_BYTES);
        byte[][] said = {theirs.bytes(), ours.bytes(), challenge, nonce};
        if (!key.proves(proof, SharedKey.Side.PULLING, said)) {
            String why = "the shared key is another one; " + KvSettings.KEY + " must be the same";
            throw refuse(answers, why);
        }
        long granted = frames.body().getLong();
        if (granted < 1 || granted > Wire.MOST_CREDIT) {
            throw new ProtocolException("granted " + granted + " bytes of credit");
        }
        String machine = Wire.text(frames.body());
        Optional<Ring> ring = version >= 2 ? rings.offer(machine) : Optional.empty();
        try {
            ByteBuffer welcome = answers.begin(FrameType.WELCOME, 0, 0, 0, 0);
            welcome.put(key.proof(SharedKey.Side.SERVING, said));
            Wire.putText(welcome, ring.map(Ring::name).orElse(""));
            answers.end(null);
            answers.flush();
            if (ring.isPresent() && !opened(ring.get(), frames)) {
                ring.get().close();
                ring = Optional.empty();
            }
        } catch (IOException | RuntimeException e) {
            ring.ifPresent(Ring::close);
            throw e;
        } finally {
            ring.ifPresent(Ring::unlink);
        }
        return new Session(version, granted, ring, frames, answers);
    }

    private static boolean opened(Ring ring, FrameReader frames) throws IOException {
        Frame answer = frames.expect(FrameType.RING);
        byte[] token = bytes(frames.body(), Ring.TOKEN_BYTES);
        if (answer.count == 0) {
            return false;
        }
        if (!ring.hasToken(token)) {
            throw new ProtocolException("says that it opened memory which it has not seen");
        }
        return true;
    }

    private static RefusedException refuse(FrameWriter answers, String why) throws IOException {
        Wire.putText(answers.begin(FrameType.REFUSAL, 0, 0, 0, 0), why);
        answers.end(null);
        answers.flush();
        return new RefusedException(why);
    }

    private byte[] nonce() {
        byte[] nonce = new byte[Wire.NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }

    private static byte[] nonce(ByteBuffer body) throws ProtocolException {
        return bytes(body, Wire.NONCE_BYTES);
    }

    private static byte[] bytes(ByteBuffer body, int count) throws ProtocolException {
        if (body.remaining() < count) {
            throw new ProtocolException("said too little in its handshake");
        }
        byte[] bytes = new byte[count];
        body.get(bytes);
        return bytes;
    }
}
