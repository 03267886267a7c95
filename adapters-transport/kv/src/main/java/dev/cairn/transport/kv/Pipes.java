package dev.cairn.transport.kv;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** Makes connections as the options say. Threads: any. */
final class Pipes {

    private final KvOptions options;
    private final Optional<MemberTls> tls;

    /**
     * @throws IllegalArgumentException if a file for TLS cannot be used, naming it
     */
    Pipes(KvOptions options) {
        this.options = options;
        this.tls = options.tls().map(MemberTls::new);
    }

    /**
     * Connects; waits no longer than the time-out.
     *
     * @param address {@code host:port}
     */
    Pipe connect(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        if (colon < 1) {
            throw new IOException("\"" + address + "\" is no address; host:port is");
        }
        InetSocketAddress target;
        try {
            String host = address.substring(0, colon);
            target = new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new IOException("\"" + address + "\" is no address; host:port is", e);
        }
        if (target.isUnresolved()) {
            throw new IOException("nobody knows the host of " + address);
        }
        SocketChannel channel = SocketChannel.open();
        try {
            channel.socket().connect(target, (int) options.times().timeout().toMillis());
            return pipe(channel, true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Pipe accepted(SocketChannel channel) throws IOException {
        return pipe(channel, false);
    }

    private Pipe pipe(SocketChannel channel, boolean connecting) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return tls.isPresent()
                ? new TlsPipe(channel, tls.get().engine(connecting))
                : new SocketPipe(channel);
    }
}
