package dev.cairn.serving;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** The model that Cairn bundles, and held-out cases of what it can do. */
final class BundledModel {

    /** Maven runs tests in the module's folder. */
    private static final Path FOLDER = Path.of("bundled-model").toAbsolutePath();

    private BundledModel() {}

    static Path model() {
        return FOLDER.resolve("cairn-pebble");
    }

    static List<Case> cases(String task) {
        Path file = FOLDER.resolve("cases.jsonl.gz");
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)), UTF_8))) {
            return lines.lines()
                    .map(line -> (JsonObject) JsonReader.read(line))
                    .filter(line -> task.equals(text(line, "task")))
                    .map(BundledModel::read)
                    .toList();
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }

    private static Case read(JsonObject line) {
        Prompt prompt =
                line.member("messages") instanceof JsonArray(var messages)
                        ? new Prompt.Chat(
                                new Conversation(
                                        messages.stream()
                                                .map(message -> (JsonObject) message)
                                                .toList(),
                                        List.of(),
                                        true,
                                        false,
                                        JsonObject.empty(),
                                        Optional.empty()),
                                false)
                        : new Prompt.Text(text(line, "prompt"), true);
        int depth =
                line.member("depth") instanceof JsonNumber number
                        ? (int) number.longValueExact()
                        : -1;
        return new Case(prompt, depth, text(line, "answer"));
    }

    private static String text(JsonObject line, String name) {
        return ((JsonString) line.member(name)).value();
    }

    /**
     * @param depth prompt tokens before the key's statement, or -1
     * @param answer the only right one
     */
    record Case(Prompt prompt, int depth, String answer) {

        /** The five digits that are to be recalled. */
        String key() {
            return answer.replaceAll("[^0-9]", "");
        }
    }
}
