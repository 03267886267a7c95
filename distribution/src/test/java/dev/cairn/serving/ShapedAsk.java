package dev.cairn.serving;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A random chat request whose answer must have a form.
 *
 * @param body without {@code stream}
 * @param holds whether an answer has the form that was asked for
 */
record ShapedAsk(JsonObject body, Predicate<ShapedAnswer> holds) {

    private static final List<String> QUESTIONS =
            List.of("Who are you?", "Weather in Oslo?", "Repeat: {\"a\": 1}", "3 + 4 =");

    static ShapedAsk random(RandomGenerator random) {
        var body =
                JsonObject.builder()
                        .put("messages", JsonValue.array(List.of(question(random))))
                        .put("max_tokens", 400L)
                        .put("temperature", random.nextBoolean() ? 1.0 : 0.0)
                        .put("seed", (long) random.nextInt(1_000));
        return switch (random.nextInt(7)) {
            case 0 -> schema(body, random);
            case 1 ->
                    new ShapedAsk(
                            body.put("response_format", read("{'type':'json_object'}")).build(),
                            answer -> json(answer.text()) instanceof JsonObject);
            case 2 -> matching(body, "regex", JsonValue.of("[a-c]{2,4}-\\d+"), "[a-c]{2,4}-\\d+");
            case 3 -> matching(body, "choice", read("['yes','no','näh']"), "yes|no|näh");
            case 4 ->
                    matching(
                            body,
                            "grammar",
                            JsonValue.of("root ::= \"x\" item+\nitem ::= \",\" [0-9]"),
                            "x(,[0-9])+");
            case 5 -> tools(body, random, false);
            default -> tools(body, random, true);
        };
    }

    private static ShapedAsk schema(JsonValue.Builder body, RandomGenerator random) {
        MadeSchema made = MadeSchema.object(random, 3);
        JsonObject named =
                JsonObject.builder().put("name", "made").put("schema", made.schema()).build();
        JsonObject format =
                JsonObject.builder().put("type", "json_schema").put("json_schema", named).build();
        return new ShapedAsk(
                body.put("response_format", format).build(),
                answer -> answer.calls().isEmpty() && made.allows().test(json(answer.text())));
    }

    private static ShapedAsk matching(
            JsonValue.Builder body, String kind, JsonValue value, String regex) {
        return new ShapedAsk(
                body.put("structured_outputs", JsonObject.builder().put(kind, value).build())
                        .build(),
                answer -> answer.text().matches(regex));
    }

    private static ShapedAsk tools(JsonValue.Builder body, RandomGenerator random, boolean named) {
        Map<String, MadeSchema> tools = new LinkedHashMap<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            tools.put("tool_" + i, MadeSchema.object(random, 2));
        }
        List<JsonValue> offered = new ArrayList<>();
        tools.forEach((name, made) -> offered.add(tool(name, made.schema())));
        boolean parallel = random.nextBoolean();
        body.put("tools", JsonValue.array(offered)).put("parallel_tool_calls", parallel);
        body.put(
                "tool_choice",
                named
                        ? read("{'type':'function','function':{'name':'tool_0'}}")
                        : JsonValue.of("required"));
        String reason = named ? "stop" : "tool_calls";
        return new ShapedAsk(
                body.build(),
                answer ->
                        answer.text().isEmpty()
                                && answer.finishReason().equals(reason)
                                && !answer.calls().isEmpty()
                                && (answer.calls().size() == 1 || (parallel && !named))
                                && answer.calls().stream().allMatch(call -> fits(call, tools))
                                && (!named || answer.calls().getFirst().name().equals("tool_0")));
    }

    private static boolean fits(ShapedAnswer.Call call, Map<String, MadeSchema> tools) {
        return tools.containsKey(call.name())
                && tools.get(call.name()).allows().test(json(call.arguments()));
    }

    private static JsonObject tool(String name, JsonObject parameters) {
        return JsonObject.builder()
                .put("type", "function")
                .put(
                        "function",
                        JsonObject.builder()
                                .put("name", name)
                                .put("parameters", parameters)
                                .build())
                .build();
    }

    private static JsonObject question(RandomGenerator random) {
        return JsonObject.builder()
                .put("role", "user")
                .put("content", QUESTIONS.get(random.nextInt(QUESTIONS.size())))
                .build();
    }

    /** Null for what is no JSON. */
    private static JsonValue json(String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonException none) {
            return null;
        }
    }

    private static JsonValue read(String text) {
        return JsonReader.read(text.replace('\'', '"'));
    }
}
