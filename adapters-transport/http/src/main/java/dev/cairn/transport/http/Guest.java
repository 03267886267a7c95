package dev.cairn.transport.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * Somebody else who answers paths of this server's port: one port serves clients and other nodes.
 * Who may use them, and how much may be sent, is the guest's affair; the server's bounds on
 * connections, heads, bodies and slow senders hold for it, too.
 */
public interface Guest {

    /** What its paths begin with, for example {@code "/node/"}. */
    String prefix();

    /** Answers on the request's own thread; may wait. */
    void serve(ServerRequest request, ServerResponse response, Connection connection);

    /** The connection that a request came by. */
    interface Connection {

        /** The body was read; until then the client must not dawdle. */
        void bodyReceived();

        /** Calls back, on any thread, once the client goes away. */
        void watch(Runnable gone);
    }
}
