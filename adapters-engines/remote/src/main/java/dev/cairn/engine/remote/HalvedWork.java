package dev.cairn.engine.remote;

import dev.cairn.ports.relay.Dialect;
import dev.cairn.ports.relay.RemoteWorker;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The bodies that two workers get who share a request: one reads the prompt, the other writes the
 * answer.
 *
 * <p>vLLM: the prefill worker generates one token and answers with {@code kv_transfer_params},
 * which the decode worker is given. SGLang: both get the request at once, with the prefill worker's
 * bootstrap address and a number under which they meet.
 */
final class HalvedWork {

    private static final String TRANSFER = "kv_transfer_params";

    private static final String RANK = "data_parallel_rank";

    private static final String DO_PREFILL =
            "{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,"
                    + "\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}";

    /** Asks for what has no meaning where one token is generated. */
    private static final Set<String> OF_ANSWERS =
            Set.of("stream_options", "min_tokens", "max_completion_tokens", TRANSFER);

    private HalvedWork() {}

    /** vLLM's first leg. */
    static ByteBuffer[] vllmPrefill(IncomingRequest request, List<BodyField> fields) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("max_tokens", "1");
        set.put("stream", "false");
        set.put(TRANSFER, DO_PREFILL);
        Set<String> dropped = OF_ANSWERS;
        if (fields.stream().anyMatch(field -> field.name().equals("max_completion_tokens"))) {
            set.put("max_completion_tokens", "1");
        }
        return BodyEdit.edited(request, fields, set, dropped);
    }

    /** vLLM's second leg. */
    static ByteBuffer[] vllmDecode(
            IncomingRequest request, List<BodyField> fields, String transfer) {
        return BodyEdit.edited(request, fields, Map.of(TRANSFER, transfer), Set.of());
    }

    /**
     * What the prefill worker wants the decode worker to know.
     *
     * @return empty if it says nothing: the decode worker reads the prompt itself
     */
    static Optional<String> transfer(byte[] answer) {
        try {
            JsonValue read = JsonReader.read(new String(answer, StandardCharsets.UTF_8));
            if (read instanceof JsonObject object) {
                JsonValue transfer = object.member(TRANSFER);
                return transfer == null || transfer instanceof JsonNull
                        ? Optional.empty()
                        : Optional.of(JsonWriter.write(transfer));
            }
            return Optional.empty();
        } catch (JsonException nonsense) {
            return Optional.empty();
        }
    }

    /** SGLang's body, the same for both. */
    static ByteBuffer[] sglang(
            IncomingRequest request,
            List<BodyField> fields,
            RemoteWorker worker,
            RemoteWorker prefill,
            long room) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("bootstrap_host", '"' + prefill.host() + '"');
        set.put("bootstrap_port", Integer.toString(prefill.bootstrapPort()));
        set.put("bootstrap_room", Long.toString(room));
        if (namesRank(worker)) {
            set.put(RANK, Integer.toString(worker.rank()));
        }
        return BodyEdit.edited(request, fields, set, Set.of());
    }

    /** Whether bodies for this worker name its rank; vLLM reads a header instead. */
    static boolean namesRank(RemoteWorker worker) {
        return worker.rank() >= 0 && worker.dialect() == Dialect.SGLANG;
    }

    /** A whole request for one data-parallel rank of SGLang. */
    static ByteBuffer[] ranked(
            IncomingRequest request, List<BodyField> fields, RemoteWorker worker) {
        return BodyEdit.edited(
                request, fields, Map.of(RANK, Integer.toString(worker.rank())), Set.of());
    }
}
