package dev.cairn.plugin.hazelcast;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;

/** Two members that found each other, for tests that only need somebody else. */
final class Pair implements AutoCloseable {

    private final Map<String, String> extra;
    private final TestMember first;
    private final TestMember second;
    private final int meetingPoint;

    /**
     * @param extra settings of both
     */
    Pair(Map<String, String> extra) throws IOException {
        this.extra = extra;
        meetingPoint = freePort();
        first = open(meetingPoint);
        second = open(freePort());
    }

    private TestMember open(int port) {
        Map<String, String> settings = new HashMap<>(extra);
        settings.put("port", Integer.toString(port));
        settings.put("join", "127.0.0.1:" + meetingPoint);
        return TestMember.open(settings);
    }

    /** One more. */
    TestMember join() {
        try {
            return open(freePort());
        } catch (IOException noPort) {
            throw new AssertionError(noPort);
        }
    }

    TestMember first() {
        return first;
    }

    TestMember second() {
        return second;
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Override
    public void close() {
        second.close();
        first.close();
    }
}
