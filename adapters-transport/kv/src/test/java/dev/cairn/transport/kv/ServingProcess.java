package dev.cairn.transport.kv;

import static dev.cairn.tck.LentBlocks.KIND;

import dev.cairn.tck.LentBlocks;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process of its own that serves blocks until it is killed, or until whoever started it is gone.
 */
final class ServingProcess implements AutoCloseable {

    static final int BLOCKS = 64;

    private final Process process;
    private final String address;

    private ServingProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    static ServingProcess start(boolean sharedMemory) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                List.of(
                                        java,
                                        "-XX:TieredStopAtLevel=1",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        ServingProcess.class.getName(),
                                        String.valueOf(sharedMemory)))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        var lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        return new ServingProcess(process, lines.readLine());
    }

    String address() {
        return address;
    }

    long pid() {
        return process.pid();
    }

    void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        process.getOutputStream().close();
    }

    public static void main(String[] arguments) throws IOException {
        LentBlocks blocks = new LentBlocks();
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(KIND, i);
        }
        boolean sharedMemory = Boolean.parseBoolean(arguments[0]);
        try (KvTransport transport = TestTransports.open(TestTransports.options(sharedMemory))) {
            transport.serve(blocks);
            System.out.println(transport.address());
            while (System.in.read() >= 0) {
                // Until the other end is closed.
            }
        }
    }
}
