package dev.cairn.distribution.bench.grammar;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of MaskBench (github.com/guidance-ai/jsonschemabench): {@code {"schema": ..., "tests":
 * [{"data": ..., "valid": true}]}}.
 *
 * @param name of the file
 */
record SchemaCase(String name, JsonValue schema, List<Instance> instances) {

    /** As deep as the files are. */
    private static final int MOST_DEPTH = 1024;

    /**
     * @param text as Python's {@code json.dumps(data, ensure_ascii=False)} writes it, which is what
     *     the benchmark's own runner gives to other implementations
     */
    record Instance(String text, boolean isValid) {}

    /**
     * @throws IOException if it cannot be read or is no such file
     */
    static SchemaCase read(Path file) throws IOException {
        JsonValue value;
        try {
            value = JsonReader.read(Files.readString(file), MOST_DEPTH);
        } catch (JsonException malformed) {
            throw new IOException(file + " is not JSON: " + malformed.getMessage(), malformed);
        }
        if (!(value instanceof JsonObject root)
                || root.member("schema") == null
                || !(root.member("tests") instanceof JsonArray(var tests))) {
            throw new IOException(file + " has no \"schema\" and \"tests\"");
        }
        List<Instance> instances = new ArrayList<>(tests.size());
        for (JsonValue test : tests) {
            if (!(test instanceof JsonObject object)
                    || object.member("data") == null
                    || !(object.member("valid") instanceof JsonBoolean(var valid))) {
                throw new IOException(file + " has a test without \"data\" and \"valid\"");
            }
            instances.add(new Instance(SpacedJson.write(object.member("data")), valid));
        }
        return new SchemaCase(file.getFileName().toString(), root.member("schema"), instances);
    }
}
