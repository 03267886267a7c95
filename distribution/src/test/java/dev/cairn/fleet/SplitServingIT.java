package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.PrefillPlace;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.serving.CudaStandIn;
import dev.cairn.tck.Patience;
import dev.cairn.transport.node.NodeAddress;
import dev.cairn.transport.node.NodeClient;
import dev.cairn.transport.node.NodeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One process reads a prompt, another one answers; a third one does both, and is right. */
class SplitServingIT {

    private static final boolean NIGHTLY = "nightly".equals(System.getProperty("cairn.test.size"));
    private static final int PROMPTS = NIGHTLY ? 200 : 8;
    private static final int BLOCK = 16;
    private static final int ANSWER = 40;
    private static final int MOST_TRIES = 20;
    private static final long A_FEW_BLOCKS = 64 << 10;
    private static final String[] SMALL = {
        "cairn.cache.device.size=64MiB",
        "cairn.cache.host.size=64MiB",
        "cairn.cluster.heartbeat=2s",
        "cairn.shutdown.grace=5s",
        "cairn.split.patience=3s"
    };

    /** Nobody is given up, however busy the machine is. */
    private static final String[] PATIENT = {
        "cairn.cache.device.size=64MiB",
        "cairn.cache.host.size=64MiB",
        "cairn.cluster.heartbeat=60s",
        "cairn.node.silence=60s",
        "cairn.split.patience=60s",
        "cairn.shutdown.grace=5s"
    };

    private final List<NodeClient> clients = new ArrayList<>();
    private final FleetOfRoles fleet;
    private final Random random;
    private int requests;

    SplitServingIT() throws Exception {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime() & 0xffff);
        System.out.println("SplitServingIT: seed " + seed);
        this.random = new Random(seed);
        this.fleet = new FleetOfRoles();
    }

    @AfterEach
    void end() {
        clients.forEach(NodeClient::close);
        fleet.close();
    }

    private NodeClient client(CairnProcess worker) {
        // Nobody goes away unless the test says so, however busy the machine is.
        NodeOptions patient =
                NodeOptions.defaults().withSilence(Duration.ofMillis(500), Duration.ofSeconds(30));
        var client =
                new NodeClient(
                        NodeAddress.parse(worker.url().getAuthority()),
                        "",
                        "",
                        patient,
                        SystemClock.INSTANCE,
                        _ -> {});
        clients.add(client);
        Patience.until("the worker is ready", () -> client.state().isReady());
        return client;
    }

    private GenerationRequest prompt(NodeClient worker, int tokens) {
        return prompt(worker, random.ints(tokens, 20, 220).toArray());
    }

    private GenerationRequest prompt(NodeClient worker, int[] ids) {
        return GenerationRequest.greedy(
                "split-" + requests++,
                worker.description().model(),
                ids,
                ANSWER,
                SystemClock.INSTANCE.nanos());
    }

    /** What came of a request. */
    private static final class Answer implements TokenListener {

        private final List<Integer> tokens = new ArrayList<>();
        private final CountDownLatch over = new CountDownLatch(1);
        private Usage usage;
        private String trouble;

        @Override
        public void on(TokenEvent event) {
            switch (event) {
                case TokenEvent.PromptDone _, TokenEvent.ChoiceEnded _ -> {}
                case TokenEvent.Tokens(int _, List<GeneratedToken> more) ->
                        more.forEach(token -> tokens.add(token.id()));
                case TokenEvent.Ended(Usage used) -> {
                    usage = used;
                    over.countDown();
                }
                case TokenEvent.Failed(var problem) -> {
                    trouble = problem.message();
                    over.countDown();
                }
                case TokenEvent.Interrupted(String reason, var _) -> {
                    trouble = reason;
                    over.countDown();
                }
            }
        }

        List<Integer> await() throws InterruptedException {
            assertThat(over.await(2, TimeUnit.MINUTES)).as("an end").isTrue();
            assertThat(trouble).isNull();
            return tokens;
        }
    }

    private static Answer ask(NodeClient worker, GenerationRequest request) {
        var answer = new Answer();
        worker.generate(request, answer);
        return answer;
    }

    private static PrefillPlace place(NodeClient reader) {
        return new PrefillPlace(reader.state().self().member(), reader.address().toString());
    }

    private double prefillTokens(CairnProcess worker) {
        return fleet.page(worker, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("cairn:computed_tokens_total"))
                .filter(line -> line.contains("phase=\"prefill\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private List<String> splits(CairnProcess worker) {
        return fleet.page(worker, "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("cairn:split_"))
                .toList();
    }

    @Test
    void whoAnswersComputesAtMostABlockOfAPrompt() throws Exception {
        CairnProcess reading = fleet.alone("prefill", PATIENT);
        CairnProcess answering = fleet.alone("decode", PATIENT);
        NodeClient reader = client(reading);
        NodeClient writer = client(answering);
        NodeClient reference = client(fleet.alone("decode", SMALL));
        for (int i = 0; i < PROMPTS; i++) {
            GenerationRequest request = prompt(writer, 600 + random.nextInt(800));
            double before = prefillTokens(answering);
            Answer split = ask(writer, request.readAt(place(reader)));
            assertThat(split.await())
                    .as("%d tokens", request.prompt().length)
                    .isEqualTo(ask(reference, request).await());
            assertThat(prefillTokens(answering) - before)
                    .as(() -> "what came of prompts: " + splits(answering))
                    .isLessThanOrEqualTo(BLOCK);
            assertThat(split.usage.cachedTokens())
                    .isGreaterThanOrEqualTo(request.prompt().length - BLOCK);
        }
        assertThat(fleet.metric(answering, "cairn:split_prompts_total{outcome=\"whole\"}"))
                .isEqualTo(PROMPTS);
    }

    /** Both on stand-ins for a CUDA device; who is asked alone is the CPU engine. */
    @Test
    void aDeviceReadsAndAnotherOneAnswers() throws Exception {
        List<String> device = new ArrayList<>(List.of("cairn.engine=cuda"));
        CudaStandIn.settings().forEach((key, value) -> device.add(key + "=" + value));
        CairnProcess answering = exact("decode", device);
        NodeClient reader = client(exact("prefill", device));
        NodeClient writer = client(answering);
        NodeClient reference = client(exact("decode", List.of("cairn.engine=cpu")));
        GenerationRequest request = prompt(writer, 150);
        Answer split = ask(writer, request.readAt(place(reader)));
        assertThat(split.await()).isEqualTo(ask(reference, request).await());
        assertThat(prefillTokens(answering)).isLessThanOrEqualTo(BLOCK);
        assertThat(fleet.metric(answering, "cairn:split_prompts_total{outcome=\"whole\"}"))
                .isEqualTo(1);
    }

    /** A small model in float32, so that engines agree on every token. */
    private CairnProcess exact(String role, List<String> engine) throws Exception {
        List<String> settings = new ArrayList<>(engine);
        settings.add("cairn.max-model-len=256");
        settings.add("cairn.cache.device.size=4MiB");
        settings.add("cairn.cache.host.size=16MiB");
        return fleet.start(
                0,
                List.of(
                        "--role",
                        role,
                        "--model",
                        CairnProcess.tinyModel().toString(),
                        "--dtype",
                        "float32",
                        "--kv-cache-dtype",
                        "float32"),
                settings.toArray(String[]::new));
    }

    /** Blocks have come over a slow link while the prompt is still being read. */
    @Test
    void transferOverlapsPrefill() throws Exception {
        int port = FleetOfRoles.freePort();
        List<String> slow = new ArrayList<>(List.of(SMALL));
        slow.add("cairn.transport.kv.shared-memory=off");
        slow.add("cairn.transport.kv.port=" + port);
        slow.add("cairn.transport.kv.advertised-host=" + Link.HOST);
        CairnProcess reading = fleet.alone("prefill", slow.toArray(String[]::new));
        CairnProcess answering =
                fleet.alone("decode", "cairn.transport.kv.shared-memory=off", SMALL[0], SMALL[1]);
        NodeClient reader = client(reading);
        NodeClient writer = client(answering);
        try (Link link = new Link(port)) {
            link.pace(4 << 20);
            boolean overlapped = false;
            for (int i = 0; i < MOST_TRIES && !overlapped; i++) {
                GenerationRequest request = prompt(writer, 4_500);
                long bytes = link.answered();
                double read = prefillTokens(reading);
                Answer split = ask(writer, request.readAt(place(reader)));
                while (split.over.getCount() > 0) {
                    // In this order: what has come by then came before those tokens were read.
                    boolean came = link.answered() > bytes + A_FEW_BLOCKS;
                    overlapped |= came && prefillTokens(reading) < read + request.prompt().length;
                }
                split.await();
            }
            assertThat(overlapped).isTrue();
        }
        assertThat(fleet.metric(answering, "cairn:split_prompts_total{outcome=\"whole\"}"))
                .isPositive();
    }

    @Test
    void readersThatDieOrStopCostARecompute() throws Exception {
        CairnProcess answering = fleet.alone("decode", SMALL);
        NodeClient writer = client(answering);
        NodeClient reference = client(fleet.alone("decode", SMALL));
        for (String signal : List.of("KILL", "STOP")) {
            CairnProcess reading = fleet.alone("prefill", SMALL);
            NodeClient reader = client(reading);
            GenerationRequest request = prompt(writer, 4_000).readAt(place(reader));
            Answer split = ask(writer, request);
            Patience.until("it reads", () -> prefillTokens(reading) > 0);
            reading.signal(signal);
            assertThat(split.await()).as(signal).isEqualTo(ask(reference, request).await());
            reading.close();
        }
        GenerationRequest nobody = prompt(writer, 900);
        Answer alone = ask(writer, nobody.readAt(new PrefillPlace("", "127.0.0.1:1")));
        assertThat(alone.await()).isEqualTo(ask(reference, nobody).await());
    }

    /** The next turn begins with the answer, and is read where the first one was. */
    @Test
    void theReaderGetsTheAnswersBlocks() throws Exception {
        CairnProcess reading = fleet.member("prefill", fetching());
        CairnProcess answering = fleet.member("decode", PATIENT);
        Patience.until(
                "they know each other",
                () -> fleet.metric(answering, "cairn:cluster_members") == 2);
        theAnswersBlocksComeBack(reading, answering);
    }

    /** Workers of a router's list, which no fleet joins. */
    @Test
    void aReaderThatIsNoMemberGetsThemToo() throws Exception {
        theAnswersBlocksComeBack(
                fleet.alone("prefill", fetching()), fleet.alone("decode", PATIENT));
    }

    /** A small model computes three blocks sooner than it fetches them. */
    private static String[] fetching() {
        List<String> fetching = new ArrayList<>(List.of(PATIENT));
        fetching.add("cairn.cache.fetch=always");
        return fetching.toArray(String[]::new);
    }

    private void theAnswersBlocksComeBack(CairnProcess reading, CairnProcess answering)
            throws Exception {
        NodeClient reader = client(reading);
        NodeClient writer = client(answering);
        GenerationRequest request = prompt(writer, 700);
        List<Integer> answer = ask(writer, request.readAt(place(reader))).await();
        int prompt = request.prompt().length;
        int blocks = (prompt + ANSWER - 1) / BLOCK;
        int returned = blocks - prompt / BLOCK;
        Patience.until(
                "blocks of the answer",
                () ->
                        fleet.metric(answering, "cairn:returned_blocks_total{outcome=\"taken\"}")
                                >= returned);
        assertThat(fleet.metric(reading, "cairn:peer_taken_blocks_total"))
                .isGreaterThanOrEqualTo(returned);
        IntStream turn =
                IntStream.concat(
                        Arrays.stream(request.prompt()),
                        answer.stream().mapToInt(Integer::intValue));
        int[] next = IntStream.concat(turn, random.ints(300, 20, 220)).toArray();
        GenerationRequest second = prompt(writer, next);
        double before = prefillTokens(reading);
        ask(writer, second.readAt(place(reader))).await();
        assertThat(prefillTokens(reading) - before)
                .as("tokens that the reader computes of the next turn")
                .isLessThanOrEqualTo(next.length - blocks * BLOCK);
    }
}
