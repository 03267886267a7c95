package dev.cairn.transport.events;

import java.util.Optional;

/**
 * Where a worker's events are, as text {@code
 * tcp://host:port[;replay=tcp://host:port][;topic=prefix][;bind]}.
 *
 * @param events its PUB socket
 * @param replay its ROUTER socket, which is asked for what was lost; empty = it has none
 * @param topic what topics begin with that are heard; empty = all
 * @param bind whether the subscriber binds and the worker connects, as vLLM does for addresses
 *     without an asterisk
 */
record EventAddress(String events, Optional<String> replay, String topic, boolean bind) {

    /**
     * @throws IllegalArgumentException if the text is no address
     */
    static EventAddress parse(String text) {
        String[] parts = text.split(";", -1);
        String events = endpoint(parts[0], text);
        Optional<String> replay = Optional.empty();
        String topic = "";
        boolean bind = false;
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip();
            if (part.startsWith("replay=")) {
                replay = Optional.of(endpoint(part.substring(7), text));
            } else if (part.startsWith("topic=")) {
                topic = part.substring(6);
            } else if (part.equals("bind")) {
                bind = true;
            } else {
                throw new IllegalArgumentException(
                        "\"%s\" in \"%s\" is nothing of an address; write replay=, topic= or bind"
                                .formatted(part, text));
            }
        }
        return new EventAddress(events, replay, topic, bind);
    }

    private static String endpoint(String endpoint, String text) {
        String stripped = endpoint.strip();
        if (!stripped.matches("(tcp|ipc|inproc)://.+")) {
            throw new IllegalArgumentException(
                    "\"%s\" in \"%s\" is no address of events; write tcp://host:port"
                            .formatted(stripped, text));
        }
        return stripped;
    }

    @Override
    public String toString() {
        return events
                + replay.map(address -> ";replay=" + address).orElse("")
                + (topic.isEmpty() ? "" : ";topic=" + topic)
                + (bind ? ";bind" : "");
    }
}
