package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRA adapters that come and go while a server runs. */
class AdaptersIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final String LOAD = "/v1/load_lora_adapter";
    private static final String UNLOAD = "/v1/unload_lora_adapter";
    private static final int REGISTERED = 1000;
    private static final int AT_ONCE = 50;
    private static final int[] RANKS = {1, 3, 8, 16, 32};
    private static final long SEED = Long.getLong("cairn.test.seed", 20_261_122);

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir private Path folder;

    private CairnProcess serve(String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("--model", "base=" + HOME.resolve("models/cairn-pebble")));
        arguments.addAll(List.of(more));
        return CairnProcess.serve(HOME, arguments.toArray(String[]::new));
    }

    private String[] fromFolder(String... more) {
        List<String> settings = new ArrayList<>(List.of("--set", "cairn.lora.folder=" + folder));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    private HttpRequest post(CairnProcess cairn, String path, String body) {
        return HttpRequest.newBuilder(cairn.url().resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private Said say(CairnProcess cairn, String path, String body) throws Exception {
        HttpResponse<String> answer =
                client.send(post(cairn, path, body), HttpResponse.BodyHandlers.ofString());
        return new Said(answer.statusCode(), answer.body());
    }

    private Said load(CairnProcess cairn, String name, String path) throws Exception {
        return say(
                cairn,
                LOAD,
                "{\"lora_name\": \"%s\", \"lora_path\": \"%s\"}".formatted(name, path));
    }

    private Said unload(CairnProcess cairn, String name) throws Exception {
        return say(cairn, UNLOAD, "{\"lora_name\": \"%s\"}".formatted(name));
    }

    /** Asks for something of every adapter, many at once. */
    private void ofEach(CairnProcess cairn, String path, String body) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < REGISTERED; i++) {
            answers.add(
                    client.sendAsync(
                            post(cairn, path, body.formatted(i)),
                            HttpResponse.BodyHandlers.ofString()));
            if (i % AT_ONCE == AT_ONCE - 1) {
                for (CompletableFuture<HttpResponse<String>> answer : answers) {
                    assertThat(answer.get().statusCode()).as(answer.get().body()).isEqualTo(200);
                }
                answers.clear();
            }
        }
        assertThat(answers).isEmpty();
    }

    private static String question(String model, int tokens, boolean streamed) {
        return ("{\"model\": \"%s\", \"prompt\": \"The cairn\", \"max_tokens\": %d,"
                        + " \"temperature\": 0, \"ignore_eos\": true, \"stream\": %s}")
                .formatted(model, tokens, streamed);
    }

    private CompletableFuture<String> ask(CairnProcess cairn, String model) {
        return client.sendAsync(
                        post(cairn, "/v1/completions", question(model, 24, false)),
                        HttpResponse.BodyHandlers.ofString())
                .thenApply(
                        answer -> {
                            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                            return answer.body().replaceFirst("^.*\"choices\":", "");
                        });
    }

    private int served(CairnProcess cairn) throws Exception {
        String models =
                client.send(
                                HttpRequest.newBuilder(cairn.url().resolve("/v1/models")).build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return (int) Pattern.compile("\"parent\":\"base\"").matcher(models).results().count();
    }

    @Test
    void aThousandAdaptersAreKnownAndAnyFewAnswerAtOnceAsEachAlone() throws Exception {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        for (int i = 0; i < REGISTERED; i++) {
            new MadeAdapter(RANKS[i % RANKS.length], MadeAdapter.HIDDEN, i % 4, random.nextLong())
                    .write(folder.resolve("a" + i));
        }
        List<String> asked = new ArrayList<>(List.of("base"));
        while (asked.size() < 16) {
            asked.add("a" + random.nextInt(REGISTERED));
        }
        try (CairnProcess cairn = serve(fromFolder("--set", "cairn.lora.max-loaded=6"))) {
            ofEach(cairn, LOAD, "{\"lora_name\": \"a%1$d\", \"lora_path\": \"a%1$d\"}");
            assertThat(served(cairn)).isEqualTo(REGISTERED);
            List<String> alone = new ArrayList<>();
            for (String model : asked) {
                alone.add(ask(cairn, model).get());
            }
            assertThat(new HashSet<>(alone))
                    .as("each adapter answers in its own way")
                    .hasSameSizeAs(new HashSet<>(asked));
            List<CompletableFuture<String>> together = new ArrayList<>();
            for (int i = 0; i < 3 * asked.size(); i++) {
                together.add(ask(cairn, asked.get(i % asked.size())));
            }
            for (int i = 0; i < together.size(); i++) {
                assertThat(together.get(i).get()).isEqualTo(alone.get(i % asked.size()));
            }
            ofEach(cairn, UNLOAD, "{\"lora_name\": \"a%d\"}");
            assertThat(served(cairn)).isZero();
            Said gone = say(cairn, "/v1/completions", question(asked.getLast(), 4, false));
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.body()).contains(asked.getLast());
            assertThat(ask(cairn, "base").get()).isEqualTo(alone.getFirst());
        }
    }

    @Test
    void whatIsNoAdapterOfThisModelIsRefusedAndSaysWhy() throws Exception {
        new MadeAdapter(2, MadeAdapter.HIDDEN, 0, 1).write(folder.resolve("good"));
        new MadeAdapter(2, 128, 0, 1).write(folder.resolve("narrow"));
        new MadeAdapter(2, MadeAdapter.HIDDEN, 9, 1).write(folder.resolve("deep"));
        new MadeAdapter(300, MadeAdapter.HIDDEN, 0, 1).write(folder.resolve("wide"));
        try (CairnProcess cairn = serve(fromFolder())) {
            refused(load(cairn, "x", "nothing"), 400, "lora_path", "no adapter at this place");
            refused(load(cairn, "x", "../elsewhere"), 400, "lora_path", "leads out of the folder");
            refused(load(cairn, "x", "/etc"), 400, "lora_path", "leads out of the folder");
            refused(load(cairn, "x", "narrow"), 400, "lora_path", "q_proj.lora_A.weight");
            refused(load(cairn, "x", "deep"), 400, "lora_path", "layer");
            refused(load(cairn, "x", "wide"), 400, "lora_path", "cairn.lora.max-rank=256");
            refused(load(cairn, "", "good"), 400, "lora_name", "must be given");
            refused(load(cairn, "base", "good"), 400, "lora_name", "is the model itself");
            refused(say(cairn, LOAD, "{\"lora_name\": \"x\"}"), 400, "lora_path", "must be given");
            refused(say(cairn, UNLOAD, "{}"), 400, "lora_name", "must be given");
            refused(unload(cairn, "x"), 404, "lora_name", "there is no LoRA adapter");
            assertThat(served(cairn)).as("nothing that was refused is served").isZero();

            assertThat(load(cairn, "x", "good").status()).isEqualTo(200);
            refused(load(cairn, "x", "good"), 400, "lora_name", "already been loaded");
            assertThat(
                            say(
                                            cairn,
                                            LOAD,
                                            "{\"lora_name\": \"x\", \"lora_path\": \"good\","
                                                    + " \"load_inplace\": true}")
                                    .status())
                    .isEqualTo(200);
            assertThat(served(cairn)).isEqualTo(1);
        }
        try (CairnProcess cairn = serve()) {
            Said none = load(cairn, "x", "good");
            assertThat(none.status()).isEqualTo(501);
            assertThat(none.body()).contains("cairn.lora.folder");
        }
    }

    private static void refused(Said said, int status, String field, String why) {
        assertThat(said.status()).as(said.body()).isEqualTo(status);
        assertThat(said.body()).contains("\"" + field + "\"", why);
    }

    @Test
    void whoeverIsAnsweredByAnAdapterThatGoesHearsItsAnswerToTheEnd() throws Exception {
        new MadeAdapter(4, MadeAdapter.HIDDEN, 1, SEED).write(folder.resolve("good"));
        try (CairnProcess cairn = serve(fromFolder())) {
            load(cairn, "x", "good");
            String question = question("x", 2000, true);
            List<String> undisturbed;
            try (BufferedReader stream = stream(cairn, question)) {
                undisturbed = texts(stream);
            }
            try (BufferedReader stream = stream(cairn, question)) {
                String first = text(stream.readLine());
                assertThat(unload(cairn, "x").status()).isEqualTo(200);
                refused(unload(cairn, "x"), 404, "lora_name", "there is no LoRA adapter");
                List<String> rest = texts(stream);
                assertThat(first + String.join("", rest)).isEqualTo(String.join("", undisturbed));
            }
            assertThat(say(cairn, "/v1/completions", question("x", 4, false)).status())
                    .isEqualTo(404);
        }
    }

    private BufferedReader stream(CairnProcess cairn, String question) throws Exception {
        var answer =
                client.send(
                        post(cairn, "/v1/completions", question),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private static List<String> texts(BufferedReader stream) throws IOException {
        List<String> texts = new ArrayList<>();
        String line = stream.readLine();
        while (line != null) {
            texts.add(text(line));
            line = stream.readLine();
        }
        assertThat(texts.stream().mapToInt(String::length).sum()).isGreaterThan(500);
        return texts;
    }

    /** The part of an event that does not name the request. */
    private static String text(String line) {
        return line.replaceFirst("^.*?\"text\":\"(.*?)\",\".*$", "$1").replace("data: [DONE]", "");
    }

    private record Said(int status, String body) {}
}
