package dev.cairn.distribution.fleet;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** The workers of a router, a line each for people. */
public final class WorkerLines {

    private WorkerLines() {}

    /**
     * @param told as {@code /v1/cairn/workers} tells it, by a router of any kind
     */
    public static List<String> of(JsonObject told) {
        List<String> lines = new ArrayList<>();
        if (told.member("workers") instanceof JsonArray(var workers)) {
            workers.forEach(each -> lines.add(line((JsonObject) each)));
        }
        return lines.isEmpty() ? List.of("there are no workers") : lines;
    }

    private static String line(JsonObject worker) {
        StringBuilder line = new StringBuilder();
        worker.members()
                .forEach(
                        (name, value) -> {
                            line.append(line.isEmpty() ? "" : "  ");
                            if (value instanceof JsonString(String text)) {
                                line.append(text);
                            } else {
                                line.append(name).append(' ').append(plain(value));
                            }
                        });
        return line.toString();
    }

    private static String plain(JsonValue value) {
        return JsonWriter.write(value).replaceAll("[{}\"]", "").replace(",", ", ");
    }
}
