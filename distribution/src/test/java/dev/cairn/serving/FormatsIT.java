package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.StepRecord;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Answers with formats over the real engine: of their format, and the same in any company. */
class FormatsIT {

    private static final int REQUESTS = 32;

    private static final List<Form> FORMS =
            List.of(
                    new Form(
                            new OutputFormat.JsonSchema(
                                    JsonReader.read(
                                            """
                                            {"type": "object",
                                             "properties": {"name": {"type": "string"},
                                                            "age": {"type": "integer"}},
                                             "required": ["name", "age"],
                                             "additionalProperties": false}""")),
                            FormatsIT::isPerson),
                    new Form(
                            new OutputFormat.Regex("(The|A) [a-z]{3,12} (is|was) [a-z ]{4,20}\\."),
                            Pattern.compile("(The|A) [a-z]{3,12} (is|was) [a-z ]{4,20}\\.")
                                    .asMatchPredicate()),
                    new Form(
                            new OutputFormat.Choice(List.of("positive", "negative", "neutral")),
                            List.of("positive", "negative", "neutral")::contains),
                    new Form(
                            new OutputFormat.Ebnf("root ::= item (\", \" item)*\nitem ::= [a-z]+"),
                            Pattern.compile("[a-z]+(, [a-z]+)*").asMatchPredicate()));

    @Test
    void thirtyTwoAtOnceAreOfTheirFormatsAndWhatEachGetsAlone() {
        try (LocalCairn cairn =
                LocalCairn.open(BundledModel.model(), LocalCairn.usual(512, 64L << 20))) {
            List<Supplier<GenerationCall>> calls = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                calls.add(() -> call(number));
            }
            List<Collected> alone = new ArrayList<>();
            for (Supplier<GenerationCall> call : calls) {
                alone.add(Collected.start(cairn.inference(), call.get()).join());
            }
            int before = cairn.steps().steps().size();
            List<CompletableFuture<Collected>> together =
                    calls.stream()
                            .map(call -> Collected.start(cairn.inference(), call.get()))
                            .toList();
            for (int i = 0; i < REQUESTS; i++) {
                Collected answer = together.get(i).join();
                Form form = FORMS.get(i % FORMS.size());
                assertThat(form.holds.test(answer.text()))
                        .as("%s: %s", form.format, answer.text())
                        .isTrue();
                assertThat(answer.ids()).as("request %d", i).isEqualTo(alone.get(i).ids());
                assertThat(answer.tokens().stream().map(TokenReport::logprob))
                        .as("log-probabilities of request %d, bit for bit", i)
                        .containsExactlyElementsOf(
                                alone.get(i).tokens().stream().map(TokenReport::logprob).toList());
            }
            List<StepRecord> shared =
                    cairn.steps().steps().subList(before, cairn.steps().steps().size());
            assertThat(shared.stream().mapToInt(StepRecord::sequences).max().orElse(0))
                    .as("requests that shared a step")
                    .isGreaterThanOrEqualTo(8);
        }
    }

    private static GenerationCall call(int number) {
        Form form = FORMS.get(number % FORMS.size());
        String prompt = "Number %d. Tell me about it:".formatted(number);
        return Calls.ofFormat(
                new Prompt.Text(prompt, true), 60, number / FORMS.size() % 2, number, form.format);
    }

    private static boolean isPerson(String text) {
        return JsonReader.read(text) instanceof JsonObject person
                && person.members().size() == 2
                && person.member("name") instanceof JsonString
                && person.member("age") instanceof JsonNumber age
                && age.isIntegerLiteral();
    }

    private record Form(OutputFormat format, Predicate<String> holds) {}
}
