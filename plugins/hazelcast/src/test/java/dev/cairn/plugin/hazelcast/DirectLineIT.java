package dev.cairn.plugin.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames between members without Hazelcast, over sockets. */
class DirectLineIT {

    private static DirectLine open(int port) throws IOException {
        return new DirectLine(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                DirectLineIT::reversed);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] back = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            back[bytes.length - 1 - i] = bytes[i];
        }
        return back;
    }

    private static String at(int port) {
        return "127.0.0.1:" + port;
    }

    @Test
    void framesGoThereAndAnswersBack() throws Exception {
        long seed = RandomGenerator.getDefault().nextLong();
        System.out.println("DirectLineIT seed " + seed);
        Random random = new Random(seed);
        try (DirectLine one = open(0);
                DirectLine two = open(0)) {
            for (int round = 0; round < 20; round++) {
                List<byte[]> frames = new ArrayList<>();
                List<CompletableFuture<byte[]>> answers = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    byte[] frame = new byte[random.nextInt(i == 0 ? 1 << 20 : 5000)];
                    random.nextBytes(frame);
                    frames.add(frame);
                    answers.add(one.call(at(two.port()), frame));
                }
                for (int i = 0; i < 10; i++) {
                    assertThat(answers.get(i).get()).isEqualTo(reversed(frames.get(i)));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, (1 << 20) + 1, Integer.MAX_VALUE})
    void whoSpeaksNonsenseIsHungUpOnAndOthersAreNot(int length) throws Exception {
        try (DirectLine one = open(0);
                DirectLine two = open(0);
                Socket stranger = new Socket(InetAddress.getLoopbackAddress(), two.port())) {
            new DataOutputStream(stranger.getOutputStream()).writeInt(length);
            assertThat(stranger.getInputStream().read()).isEqualTo(-1);
            assertThat(one.call(at(two.port()), new byte[] {1, 2}).get())
                    .isEqualTo(new byte[] {2, 1});
        }
    }

    /** It takes calls and never answers: what waits fails, all of it. */
    @Test
    void whatWaitsForASilentMemberFails() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                DirectLine line = open(0)) {
            List<CompletableFuture<byte[]>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(line.call(at(silent.getLocalPort()), new byte[10]));
            }
            for (CompletableFuture<byte[]> answer : answers) {
                assertThatThrownBy(answer::get).isInstanceOf(ExecutionException.class);
            }
        }
    }

    @Test
    void aMemberThatComesBackIsReachedAgain() throws Exception {
        try (DirectLine line = open(0)) {
            int port;
            try (DirectLine first = open(0)) {
                port = first.port();
                assertThat(line.call(at(port), new byte[] {1, 2}).get())
                        .isEqualTo(new byte[] {2, 1});
            }
            assertThatThrownBy(line.call(at(port), new byte[1])::get)
                    .isInstanceOf(ExecutionException.class);
            try (DirectLine second = open(port)) {
                assertThat(line.call(at(second.port()), new byte[] {3, 4}).get())
                        .isEqualTo(new byte[] {4, 3});
            }
        }
    }
}
