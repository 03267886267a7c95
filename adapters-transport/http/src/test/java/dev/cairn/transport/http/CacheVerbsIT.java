package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockTally;
import dev.cairn.ports.cache.CacheStatus;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.cache.PinLabel;
import dev.cairn.ports.cache.PromptBlocks;
import dev.cairn.ports.request.CacheService;
import dev.cairn.ports.request.CachedPrompt;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a request reaches the caches, and what is refused before. */
class CacheVerbsIT {

    private static final String CACHE = "/v1/cairn/cache";

    private final RunningServer running = RunningServer.start();
    private final Recorded recorded = new Recorded();

    CacheVerbsIT() {
        running.service.caches(recorded);
    }

    @AfterEach
    void stop() {
        running.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lookup | {} | prompt",
                "lookup | {'prompt': 7} | prompt",
                "lookup | {'prompt': []} | prompt",
                "lookup | {'prompt': ['a', 'b']} | prompt",
                "lookup | {'prompt': 'a', 'tier': 'host'} | tier",
                "lookup | {'prompt': 'a', 'cache_salt': ''} | cache_salt",
                "lookup | {'prompt': 'a', 'tenant': 1} | tenant",
                "lookup | {'messages': 'hi'} | messages",
                "pin | {'prompt': 'a', 'tier': 3} | tier",
                "pin | {'prompt': 'a', 'path': '/etc/passwd'} | path",
                "unpin | {'tier': 'host'} | prompt",
                "unpin | {'name': 'a b'} | name",
                "unpin | {'name': 'a', 'prompt': 'a'} | prompt",
                "pin | {'prompt': 'a', 'name': ''} | name",
                "pin | {'prompt': 'a', 'ttl_seconds': 5} | ttl_seconds",
                "pin | {'prompt': 'a', 'name': 'b', 'ttl_seconds': 0} | ttl_seconds",
                "pin | {'prompt': 'a', 'name': 'b', 'ttl_seconds': 1e12} | ttl_seconds",
                "move | {'prompt': 'a', 'to': 'disk'} | from",
                "move | {'prompt': 'a', 'from': 'host'} | to",
                "clear | {} | all",
                "clear | {'all': false} | all",
                "clear | {'all': true, 'model': 'm'} | all",
                "clear | {'all': 'yes'} | all",
                "clear | {'tiers': 'host'} | tiers",
                "clear | {'tiers': [1]} | tiers[0]",
                "clear | {'tier': 'host'} | tier",
                "clear | {'older_than_seconds': -1} | older_than_seconds",
                "clear | {'older_than_seconds': 1e30} | older_than_seconds",
                "clear | {'older_than_seconds': 5, 'tiers': ['device']} | older_than_seconds",
                "drain | {'seconds': 0} | seconds",
                "drain | {'force': true} | force"
            })
    void aFieldThatIsWrongIsNamed(String verb, String body, String field) {
        HttpResponse<String> answer = running.post(CACHE + "/" + verb, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("\"param\":\"" + field + "\"");
        assertThat(recorded.calls).isEmpty();
    }

    @Test
    void verbsReachTheCachesAsTheyWereSaid() {
        running.post(CACHE + "/lookup", "{'prompt': 'ab', 'tenant': 't'}");
        running.post(CACHE + "/pin", "{'prompt': [1, 2], 'tier': 'disk'}");
        running.post(CACHE + "/unpin", "{'prompt': 'ab'}");
        running.post(CACHE + "/pin", "{'prompt': 'ab', 'name': 'faq', 'ttl_seconds': 60}");
        running.post(CACHE + "/unpin", "{'name': 'faq', 'tenant': 't'}");
        running.post(CACHE + "/move", "{'prompt': 'ab', 'from': 'host', 'to': 'peer:m1'}");
        running.post(CACHE + "/clear", "{'tenant': 't', 'older_than_seconds': 2}");
        running.post(CACHE + "/clear", "{'all': true}");
        running.post(CACHE + "/drain", "{'seconds': 7}");
        assertThat(recorded.calls)
                .containsExactly(
                        "lookup tiny t Text[text=ab, addSpecialTokens=true]",
                        "pin true tiny  Optional[disk]",
                        "pin false tiny  Optional.empty",
                        "pin faq Optional[PT1M] Optional.empty",
                        "unpin faq t",
                        "move tiny host peer:m1",
                        "clear Optional.empty "
                                + new ClearOrder(
                                        false, Optional.of("t"), OptionalLong.of(3_000), Set.of()),
                        "clear Optional.empty "
                                + new ClearOrder(
                                        false, Optional.empty(), OptionalLong.empty(), Set.of()),
                        "drain PT7S");
    }

    @Test
    void whatTheCachesRefuseIsTheClientsToKnow() {
        recorded.refusal =
                new RequestRefused(RequestProblem.invalid("from", "there is no tier \"x\""));
        HttpResponse<String> answer =
                running.post(CACHE + "/move", "{'prompt': 'ab', 'from': 'x', 'to': 'y'}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"param\":\"from\"").contains("no tier");
    }

    @Test
    void whoIsElsewhereOrHasNoKeyIsRefused() {
        assertThat(running.get(CACHE, "X-Forwarded-For", "1.2.3.4").statusCode()).isEqualTo(403);
        assertThat(running.get(CACHE).body()).contains("\"tiers\":[]");
        try (RunningServer locked =
                RunningServer.start(
                        options -> RunningServer.withKeys(options, List.of("key"), "root"))) {
            locked.service.caches(recorded);
            assertThat(locked.get(CACHE).statusCode()).isEqualTo(401);
            assertThat(locked.get(CACHE, "Authorization", "Bearer key").statusCode())
                    .isEqualTo(401);
            HttpResponse<String> admitted = locked.get(CACHE, "Authorization", "Bearer root");
            assertThat(admitted.statusCode()).isEqualTo(200);
            assertThat(admitted.body()).containsPattern("\"tenant\":\"[0-9a-f]{64}\"");
        }
    }

    private static final class Recorded implements CacheService {

        private final List<String> calls = new ArrayList<>();
        private RequestRefused refusal;

        @Override
        public void status(Completion<CacheStatus> done) {
            done.completed(new CacheStatus(List.of(), List.of(), List.of()));
        }

        @Override
        public void lookup(CachedPrompt prompt, Completion<PromptBlocks> done) {
            Prompt what = prompt.prompt();
            note("lookup %s %s %s".formatted(prompt.model(), prompt.tenant(), what));
            done.completed(new PromptBlocks(2, 0, 0, List.of()));
        }

        @Override
        public void pin(
                CachedPrompt prompt,
                Optional<String> tier,
                boolean pinned,
                Completion<BlockTally> done) {
            note("pin %s %s %s %s".formatted(pinned, prompt.model(), prompt.tenant(), tier));
            done.completed(new BlockTally(0, 0, 0, 0));
        }

        @Override
        public void pinAs(
                PinLabel label,
                CachedPrompt prompt,
                Optional<String> tier,
                Completion<BlockTally> done) {
            note("pin %s %s %s".formatted(label.name(), label.atMost(), tier));
            done.completed(new BlockTally(0, 0, 0, 0));
        }

        @Override
        public void unpin(String name, String tenant, Completion<BlockTally> done) {
            note("unpin %s %s".formatted(name, tenant));
            done.completed(new BlockTally(0, 0, 0, 0));
        }

        @Override
        public void move(CachedPrompt prompt, String from, String to, Completion<BlockTally> done) {
            if (refusal != null) {
                done.failed(refusal);
                return;
            }
            note("move %s %s %s".formatted(prompt.model(), from, to));
            done.completed(new BlockTally(0, 0, 0, 0));
        }

        @Override
        public void clear(
                Optional<String> model, ClearOrder order, Completion<Map<String, Integer>> done) {
            note("clear " + model + " " + order);
            done.completed(Map.of("host", 3));
        }

        @Override
        public void drain(Duration atMost, Completion<JsonObject> done) {
            note("drain " + atMost);
            done.completed(JsonObject.empty());
        }

        private synchronized void note(String call) {
            calls.add(call);
        }
    }
}
