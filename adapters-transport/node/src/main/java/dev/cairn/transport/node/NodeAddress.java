package dev.cairn.transport.node;

/**
 * Where a worker listens.
 *
 * @param host name or address, an IPv6 address without brackets
 */
public record NodeAddress(String host, int port) {

    /**
     * Reads {@code HOST:PORT}, with brackets around an IPv6 address.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    public static NodeAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (!host.isEmpty() && port > 0 && port < 1 << 16 && isPlain(host)) {
                return new NodeAddress(host, port);
            }
        } catch (NumberFormatException notANumber) {
            // Told below.
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is no address of a worker; write HOST:PORT");
    }

    /** It goes into a header. */
    private static boolean isPlain(String host) {
        return host.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
