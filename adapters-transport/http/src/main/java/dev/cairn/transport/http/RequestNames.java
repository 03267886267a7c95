package dev.cairn.transport.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last requests by the names that their clients know ({@code x-request-id}), for who asks about
 * one. Threads: any.
 */
final class RequestNames {

    private static final int MOST = 8192;

    private final Map<String, String> ids =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                    return size() > MOST;
                }
            };

    /** A request of a client is a call of ours. */
    synchronized void named(String requestId, String call) {
        ids.put(requestId, call);
    }

    /** The call's id; what is no client's name is taken for one. */
    synchronized String idOf(String name) {
        return ids.getOrDefault(name, name);
    }
}
