package dev.cairn.engine.remote;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A client's body with some fields set or left out; the others are not copied. */
final class BodyEdit {

    private BodyEdit() {}

    /**
     * @param set fields and their JSON, in order; what the client said of them is left out
     * @param dropped other fields to leave out
     */
    static ByteBuffer[] edited(
            IncomingRequest request,
            List<BodyField> fields,
            Map<String, String> set,
            Set<String> dropped) {
        List<ByteBuffer> parts = new ArrayList<>(2 * fields.size() + 2);
        String before = "{";
        for (Map.Entry<String, String> field : set.entrySet()) {
            parts.add(bytes(before + '"' + field.getKey() + "\":" + field.getValue()));
            before = ",";
        }
        for (BodyField field : fields) {
            if (!set.containsKey(field.name()) && !dropped.contains(field.name())) {
                parts.add(bytes(before));
                parts.add(request.bodyBytes(field.nameFrom(), field.valueTo()));
                before = ",";
            }
        }
        parts.add(bytes(before.equals("{") ? "{}" : "}"));
        return parts.toArray(ByteBuffer[]::new);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
