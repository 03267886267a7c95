package dev.cairn.distribution.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTreeTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({
        "srve, 'cairn: there is no command srve; did you mean serve?'",
        "frobnicate, 'cairn: there is no command frobnicate; see `cairn --help`'",
        "serve --prot, 'cairn: there is no option --prot; did you mean --port?'",
        "serve --api-key=, 'cairn: --api-key is empty; give a value or leave it out'",
        "serve --model=, 'cairn: --model is empty; give a value or leave it out'",
        "serve --port, 'cairn: missing required parameter for option ''--port'' (PORT); see `cairn serve --help`'"
    })
    void aMistypedLineIsToldInOneLine(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(text(err).strip()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource({
        "bench nothing, 'cairn: there is no command nothing; see `cairn bench --help`'",
        "replay trace --policy fastest, 'cairn: --policy: \"fastest\" is not a policy; there are kv-aware, approximate-prefix, consistent-hash, session-affinity, least-load, power-of-two, round-robin, random'",
        "replay trace --workers 0, 'cairn: --workers must be 1 to 16000, got 0'",
        "replay trace --credits much, 'cairn: --credits: \"much\" is no number from 0 on'",
        "replay trace --costs gpu, 'cairn: --costs: \"gpu\" is no known MODEL@DEVICE; the usual one is llama-3.1-8b@h200'",
        "bench engine --runs 0, 'cairn: --runs must be 1 to 1000, got 0'",
        "bench serve --dataset cats, 'cairn: --dataset: \"cats\" is not a data set; there are fixed, chat, shared-prefix, multi-turn, agentic'",
        "bench serve --case speed, 'cairn: --cases: \"speed\" is not a case; there are fairness, long-prompt, abort, priority, deadline, overload'",
        "bench serve --rate 0, 'cairn: --rate: \"0\" is not a number above 0'",
        "bench serve --rate 1 --concurrency 2, 'cairn: --rate and --concurrency exclude each other'",
        "bench serve --requests many, 'cairn: --requests: \"many\" is not a whole number from 1 to 10000000'",
        "bench serve --url ftp://x, 'cairn: --url: \"ftp://x\" is not an address of a server; write http://127.0.0.1:8000'",
        "bench serve --slo fast, 'cairn: --slo: \"fast\" is no objective; write milliseconds as in ttft:500,tpot:50,e2el:9000'",
        "bench serve --extra [1], 'cairn: --extra: \"[1]\" is not a JSON object'"
    })
    void aBenchmarkThatMakesNoSenseIsToldInOneLine(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(text(err).strip()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cache lookup | cairn: say which prompt by one of --prompt, --ids and --messages, got none",
                "cache pin --ids 1 --prompt x | cairn: say which prompt by one of --prompt, --ids and --messages, got --prompt and --ids",
                "cache lookup --ids 1,x | cairn: --ids: [1,x] is no list",
                "cache clear | cairn: say what to clear by --model, --tenant, --older-than or --tiers, or say --all",
                "cache clear --older-than 7y | cairn: --older-than: \"7y\" is no time; write 30s, 15m, 12h or 7d",
                "cache --url ftp://x | cairn: --url: \"ftp://x\" is no address of a server; write http://127.0.0.1:8080",
                "cache warm f --concurrency 0 | cairn: --concurrency must be 1 to 256, got 0"
            })
    void aCacheVerbThatMakesNoSenseIsToldInOneLine(String line, String message) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(text(err).strip()).isEqualTo(message);
    }

    @Test
    void benchSaysWhatItMeasures() {
        assertThat(run("bench")).isEqualTo(2);
        assertThat(text(err)).startsWith("cairn: say what bench measures: engine, device, serve, ");
    }

    @Test
    void fleetVerbsWantWhatTheyCanUse() {
        assertThat(run("role", "decode", "--url", "ftp://x")).isEqualTo(2);
        assertThat(text(err)).startsWith("cairn: --url: \"ftp://x\" is no address of a server;");
        assertThat(run("drain", "--seconds", "x")).isEqualTo(2);
    }

    @Test
    void everyFlagNamesItsKey() {
        assertThat(run("serve", "--help")).isZero();
        assertThat(text(out))
                .contains("--port")
                .contains("Key: cairn.http.port")
                .contains("--kv-cache-dtype")
                .contains("Key: cairn.kv-cache-dtype");
    }

    @Test
    void theCompletionScriptKnowsCommandsAndFlags() {
        assertThat(run("completion")).isZero();
        assertThat(text(out)).contains("complete ").contains("--max-model-len").contains("plugins");
    }

    private int run(String... arguments) {
        return new CommandTree(
                        new Terminal(
                                new ByteArrayInputStream(new byte[0]),
                                new PrintStream(out, true, StandardCharsets.UTF_8),
                                new PrintStream(err, true, StandardCharsets.UTF_8)))
                .run(arguments);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
