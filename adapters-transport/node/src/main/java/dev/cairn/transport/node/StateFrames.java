package dev.cairn.transport.node;

import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a worker says of itself and of its load, as frames and back. */
final class StateFrames {

    /** Texts that a worker says of itself; they are kept for as long as it is known. */
    private static final int MOST_TEXT = 1 << 16;

    private StateFrames() {}

    static void write(FrameWriter out, NodeSelf self, BackendDescription description) {
        JsonValue.Builder properties = JsonObject.builder();
        self.properties().forEach(properties::put);
        JsonObject state =
                JsonObject.builder()
                        .put("version", NodeProtocol.VERSION)
                        .put("member", self.member())
                        .put("role", self.role().name().toLowerCase(Locale.ROOT))
                        // Who does not know "starting" yet sends nothing there either.
                        .put("draining", self.draining() || self.starting())
                        .put("starting", self.starting())
                        .put("models", Members.texts(self.models()))
                        .put("model", description.model())
                        .put("max_model_length", description.maxModelLength())
                        .put("report", description.report())
                        .put("properties", properties.build())
                        .build();
        out.begin(NodeProtocol.STATE).putText(JsonWriter.write(state));
        out.end();
    }

    /** What a worker said of itself, and of the backend that is watched. */
    record Said(NodeSelf self, BackendDescription description) {}

    static Said readState(Payload payload, String name) throws ProtocolException {
        if (payload.left() > MOST_TEXT) {
            throw new ProtocolException("a worker says too much of itself");
        }
        try {
            Members state = Members.of(JsonReader.read(payload.getText()), "the state");
            Map<String, String> properties = new LinkedHashMap<>();
            Members said = state.object("properties");
            for (String key : said.object().members().keySet()) {
                properties.put(key, said.text(key, ""));
            }
            boolean starting = state.flag("starting", false);
            return new Said(
                    new NodeSelf(
                            state.text("member", ""),
                            role(state.text("role", "all")),
                            starting,
                            !starting && state.flag("draining", false),
                            state.texts("models"),
                            properties),
                    new BackendDescription(
                            name,
                            state.text("model", ""),
                            state.integer("max_model_length", Integer.MAX_VALUE),
                            state.text("report", "")));
        } catch (JsonException malformed) {
            throw new ProtocolException("the state is no JSON: " + malformed.getMessage());
        }
    }

    /** Who has a role that is not known here can do everything that is asked of it. */
    private static Role role(String name) {
        for (Role role : Role.values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
                return role;
            }
        }
        return Role.ALL;
    }

    /**
     * A load in all.
     *
     * @param others routers that are not the one who is told
     */
    record Load(LoadReport all, OtherRouters others) {}

    static void write(FrameWriter out, Load load) {
        out.begin(NodeProtocol.LOAD);
        write(out, load.all());
        write(out, load.others().booked());
        out.putInt(load.others().place()).putInt(load.others().routers());
        out.end();
    }

    private static void write(FrameWriter out, LoadReport load) {
        out.putInt(load.running())
                .putInt(load.waiting())
                .putLong(load.usedBlocks())
                .putLong(load.totalBlocks())
                .putLong(load.waitingPrefillTokens());
    }

    /** Older workers do not say what others booked, or how many they are. */
    static Load readLoad(Payload payload) throws ProtocolException {
        LoadReport all = read(payload);
        LoadReport booked = payload.left() == 0 ? LoadReport.NONE : read(payload);
        if (payload.left() == 0) {
            return new Load(all, new OtherRouters(booked, 0, 1));
        }
        int place = payload.getInt();
        int routers = payload.getInt();
        if (place < 0 || place >= routers) {
            throw new ProtocolException("a router's place is " + place + " of " + routers);
        }
        return new Load(all, new OtherRouters(booked, place, routers));
    }

    private static LoadReport read(Payload payload) throws ProtocolException {
        return new LoadReport(
                payload.getCount(Integer.MAX_VALUE, "running requests"),
                payload.getCount(Integer.MAX_VALUE, "waiting requests"),
                notNegative(payload.getLong()),
                notNegative(payload.getLong()),
                notNegative(payload.getLong()));
    }

    private static long notNegative(long value) throws ProtocolException {
        if (value < 0) {
            throw new ProtocolException("a load is " + value);
        }
        return value;
    }
}
