package dev.cairn.distribution.cache;

import dev.cairn.distribution.wiring.StartException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompts, one a line: a text as it is, or a JSON object with {@code prompt} or {@code messages}
 * and whatever else goes into the request. Empty lines are left out.
 */
public final class PromptFile {

    private PromptFile() {}

    /**
     * @throws StartException if it cannot be read, or a line is not what it should be; for the user
     */
    public static List<JsonObject> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (MalformedInputException noText) {
            throw new StartException(file + " is no text in UTF-8", noText);
        } catch (IOException unreadable) {
            throw new StartException(
                    "%s cannot be read (%s)".formatted(file, unreadable.getClass().getSimpleName()),
                    unreadable);
        }
        List<JsonObject> prompts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty()) {
                prompts.add(prompt(line, file + " line " + (i + 1)));
            }
        }
        return prompts;
    }

    private static JsonObject prompt(String line, String place) {
        if (!line.startsWith("{")) {
            return JsonObject.builder().put("prompt", line).build();
        }
        try {
            JsonValue value = JsonReader.read(line);
            if (value instanceof JsonObject object
                    && (object.member("prompt") == null) != (object.member("messages") == null)) {
                return object;
            }
        } catch (JsonException wrong) {
            throw new StartException(place + " is not JSON: " + wrong.getMessage(), wrong);
        }
        throw new StartException(
                place + " needs either \"prompt\" or \"messages\"; see `cairn cache warm --help`");
    }
}
