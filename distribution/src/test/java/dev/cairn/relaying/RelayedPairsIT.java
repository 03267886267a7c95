package dev.cairn.relaying;

import static dev.cairn.relaying.RelayUnderTest.CHAT;
import static dev.cairn.relaying.RelayUnderTest.HELLO;
import static dev.cairn.relaying.RelayUnderTest.readUntil;
import static dev.cairn.relaying.RelayUnderTest.request;
import static dev.cairn.relaying.RelayUnderTest.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two engines for one request, of which either fails, or whose client goes away. */
class RelayedPairsIT {

    private static final String STREAM = HELLO.replace("{\"model\"", "{\"stream\":true,\"model\"");
    private static final String LONG =
            "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                    + "long ".repeat(20)
                    + "\"}]}";

    private final SmallEngine prefill = new SmallEngine("prefill");
    private final SmallEngine decode = new SmallEngine("decode");

    @AfterEach
    void end() {
        prefill.close();
        decode.close();
    }

    private RelayUnderTest vllm() {
        return RelayUnderTest.before(
                prefill.url() + ";kind=vllm;role=prefill", decode.url() + ";kind=vllm;role=decode");
    }

    private RelayUnderTest sglang() {
        return RelayUnderTest.before(
                prefill.url() + ";kind=sglang;role=prefill;bootstrap=8998",
                decode.url() + ";kind=sglang;role=decode");
    }

    /** Its client went away: so it finds when it writes. */
    private static void awaitGone(SmallEngine engine) {
        Patience.until(
                "as told",
                () -> {
                    engine.letGo(1);
                    return engine.gone() == 1;
                });
    }

    @Test
    void whereVllmsPrefillFailsTheDecodeWorkerReadsThePromptItself() {
        prefill.answers(SmallEngine.json(500, "{\"error\":{\"message\":\"out of blocks\"}}"));
        try (var relay = vllm()) {
            var answer = relay.post(CHAT, LONG);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"by\":\"decode\"");
            assertThat(prefill.bodies()).isNotEmpty();
            assertThat(decode.bodies()).containsExactly(LONG);
        }
    }

    @Test
    void andWhereItAnswersWithoutAWordOfBlocks() {
        try (var relay = vllm()) {
            assertThat(relay.post(CHAT, LONG).statusCode()).isEqualTo(200);
            assertThat(prefill.bodies()).hasSize(1);
            assertThat(decode.bodies()).containsExactly(LONG);
        }
    }

    @Test
    void whatVllmsPrefillFindsWrongIsToldAndTheDecodeWorkerNotAsked() {
        prefill.answers(SmallEngine.json(400, "{\"error\":{\"message\":\"too long\"}}"));
        try (var relay = vllm()) {
            var answer = relay.post(CHAT, LONG);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("too long");
            assertThat(decode.bodies()).isEmpty();
        }
    }

    @Test
    void aClientThatGoesWhileVllmReadsItsPromptStopsThat() throws IOException {
        prefill.answers(prefill.eventStream(100_000));
        try (var relay = vllm()) {
            try (Socket client = relay.connection()) {
                write(client, request(LONG));
                Patience.until("the prompt is read", () -> prefill.bodies().size() == 1);
            }
            awaitGone(prefill);
            assertThat(decode.bodies()).isEmpty();
        }
    }

    @Test
    void aClientThatGoesStopsBothOfSglangs() throws IOException {
        prefill.answers(prefill.eventStream(100_000));
        decode.answers(decode.eventStream(100_000));
        try (var relay = sglang()) {
            try (Socket client = relay.connection()) {
                write(client, request(STREAM));
                decode.letGo(1);
                readUntil(client, "\"i\":0");
                Patience.until("both are asked", () -> prefill.bodies().size() == 1);
            }
            awaitGone(decode);
            awaitGone(prefill);
        }
    }

    @Test
    void aDecodeWorkerOfSglangsThatDiesLeavesNoPrefillBehind() throws IOException {
        prefill.answers(prefill.eventStream(100_000));
        decode.answers(decode.eventStream(100_000));
        try (var relay = sglang();
                Socket client = relay.connection()) {
            write(client, request(STREAM));
            decode.letGo(1);
            readUntil(client, "\"i\":0");
            Patience.until("both are asked", () -> prefill.bodies().size() == 1);
            decode.kill();
            assertThat(readUntil(client, "0\r\n\r\n")).contains("worker_lost");
            awaitGone(prefill);
        }
    }

    @Test
    void aPrefillWorkerOfSglangsThatFailsIsToldWhereThereIsNoOther() {
        prefill.answers(SmallEngine.json(500, "{\"error\":{\"message\":\"no\"}}"));
        decode.answers(decode.silent());
        try (var relay = sglang()) {
            var answer = relay.chat();
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("\"error\"").doesNotContain("127.0.0.1");
        }
    }
}
