package dev.cairn.transport.kv;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Somebody who sends a greeting byte by byte and never gets to its end. */
final class Dribble {

    private Dribble() {}

    /**
     * Sends until the other side hangs up, and listens for that between two bytes.
     *
     * @throws IOException if it hangs up while a byte is sent
     */
    static void into(SocketChannel socket, Duration between) throws IOException {
        byte[] greeting = Preamble.OURS.bytes();
        socket.socket().setSoTimeout((int) between.toMillis());
        InputStream heard = socket.socket().getInputStream();
        byte[] answer = new byte[64];
        for (int i = 0; true; i++) {
            byte next = greeting[i % (greeting.length - 1)];
            socket.write(ByteBuffer.wrap(new byte[] {next}));
            try {
                if (heard.read(answer) < 0) {
                    return;
                }
            } catch (SocketTimeoutException _) {
                // It is still there and has nothing to say.
            }
        }
    }
}
