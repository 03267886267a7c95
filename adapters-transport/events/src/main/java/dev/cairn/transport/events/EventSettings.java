package dev.cairn.transport.events;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.util.List;

/** The configuration keys of KV events. */
public final class EventSettings {

    public static final String ADDRESS = "cairn.kv-events.address";
    public static final String REPLAY_ADDRESS = "cairn.kv-events.replay-address";
    public static final String ADVERTISED_HOST = "cairn.kv-events.advertised-host";
    public static final String TOPIC = "cairn.kv-events.topic";
    public static final String WHOLE_HASHES = "cairn.kv-events.whole-hashes";
    public static final String QUEUE = "cairn.kv-events.queue";
    public static final String REPLAY_BATCHES = "cairn.kv-events.replay-batches";
    public static final String REPLAY_SIZE = "cairn.kv-events.replay-size";
    public static final String MESSAGE_SIZE = "cairn.kv-events.message-size";

    private EventSettings() {}

    /** Every key that {@link #read} asks for. */
    public static List<SettingDescription> describe() {
        return List.of(
                SettingDescription.of(
                        ADDRESS,
                        Type.STRING,
                        "tcp://127.0.0.1:*",
                        "Where KV events are published (ZeroMQ PUB); * takes a free port."),
                SettingDescription.of(
                        REPLAY_ADDRESS,
                        Type.STRING,
                        "tcp://127.0.0.1:*",
                        "Where they are asked for again (ZeroMQ ROUTER)."),
                SettingDescription.optional(
                        ADVERTISED_HOST,
                        Type.STRING,
                        "Host that subscribers are told; unset: that of the addresses."),
                SettingDescription.of(
                        TOPIC,
                        Type.STRING,
                        "kv@{worker}@{model}",
                        "Topic of published batches; {worker} and {model} are filled in."),
                SettingDescription.of(
                        WHOLE_HASHES,
                        Type.BOOLEAN,
                        "false",
                        "Publish all 32 bytes of block hashes instead of the last 8 as a number."),
                SettingDescription.of(
                        QUEUE,
                        Type.INTEGER,
                        "10000",
                        "Batches that wait to be published; what does not fit is a gap."),
                SettingDescription.of(
                        REPLAY_BATCHES,
                        Type.INTEGER,
                        "10000",
                        "Published batches that are kept for who lost them."),
                SettingDescription.of(REPLAY_SIZE, Type.SIZE, "64MiB", "Memory for them at most."),
                SettingDescription.of(
                        MESSAGE_SIZE,
                        Type.SIZE,
                        "16MiB",
                        "The largest batch of events that is published or heard."));
    }

    /**
     * The options as configured.
     *
     * @throws SettingException for a value out of range, naming its key
     */
    public static EventOptions read(Settings settings) {
        return new EventOptions(
                settings.text(ADDRESS).orElseThrow(),
                settings.text(REPLAY_ADDRESS).orElseThrow(),
                settings.text(ADVERTISED_HOST),
                settings.text(TOPIC).orElseThrow(),
                settings.flag(WHOLE_HASHES).orElse(false),
                new EventOptions.Limits(
                        (int) within(QUEUE, settings.integer(QUEUE).orElseThrow(), 1, 1 << 20),
                        (int)
                                within(
                                        REPLAY_BATCHES,
                                        settings.integer(REPLAY_BATCHES).orElseThrow(),
                                        1,
                                        1 << 20),
                        within(
                                REPLAY_SIZE,
                                settings.size(REPLAY_SIZE).orElseThrow(),
                                1 << 16,
                                1L << 36),
                        (int)
                                within(
                                        MESSAGE_SIZE,
                                        settings.size(MESSAGE_SIZE).orElseThrow(),
                                        1 << 12,
                                        1 << 28)));
    }

    private static long within(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new SettingException(
                    key + " is " + value + "; write a value from " + least + " to " + most);
        }
        return value;
    }
}
