package dev.cairn.transport.kv;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** Makes connections as the options say. Threads: any. */
final class Pipes {

    private final KvOptions options;

    Pipes(KvOptions options) {
        this.options = options;
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
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return new SocketPipe(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    Pipe accepted(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new SocketPipe(channel);
    }
}
