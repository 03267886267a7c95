package dev.cairn.engine.remote;

import dev.cairn.ports.relay.WorkerList;
import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The configuration keys of the relay. */
public final class RemoteSettings {

    public static final String WORKERS = "cairn.remote.workers";
    public static final String WORKERS_FILE = "cairn.remote.workers-file";
    public static final String WORKERS_NAME = "cairn.remote.workers-dns";
    public static final String WORKERS_POLL = "cairn.remote.workers-poll";
    public static final String POLICY = "cairn.remote.policy";
    public static final String CONNECT_TIME = "cairn.remote.connect-time";
    public static final String ANSWER_TIME = "cairn.remote.answer-time";
    public static final String PROBE_TIME = "cairn.remote.probe-time";
    public static final String PROBE_PATH = "cairn.remote.probe-path";
    public static final String API_KEY = "cairn.remote.api-key";
    public static final String BUFFER_SIZE = "cairn.remote.buffer-size";
    public static final String MAX_RUNNING = "cairn.remote.max-running";
    public static final String RETRY_SHARE = "cairn.remote.retry-share";
    public static final String HEDGE_AFTER = "cairn.remote.hedge-after";
    public static final String SPLIT_FROM = "cairn.remote.split-from";
    public static final String TOKENIZERS = "cairn.remote.tokenizers";
    public static final String INDEX_BLOCKS = "cairn.remote.index-blocks";
    public static final String LONGEST_WAIT = "cairn.remote.longest-wait";
    public static final String MAX_WAITING = "cairn.remote.max-waiting";
    public static final String PREFIX_BLOCKS = "cairn.remote.prefix-blocks";

    private RemoteSettings() {}

    public static List<SettingDescription> describe() {
        return List.of(
                SettingDescription.optional(
                        WORKERS,
                        Type.LIST,
                        "Engines behind an OpenAI API that a router relays to: http://HOST:PORT,"
                                + " then options: ;kind=openai|cairn|vllm|sglang"
                                + ";role=all|prefill|decode;bootstrap=PORT;ranks=N;name=NAME"
                                + ";events=PORT;replay=PORT;topic=PREFIX."),
                SettingDescription.optional(
                        WORKERS_FILE,
                        Type.STRING,
                        "File with such engines, a line each; read again when it changes."),
                SettingDescription.optional(
                        WORKERS_NAME,
                        Type.STRING,
                        "Such an engine whose host stands for all addresses that DNS has for it."),
                SettingDescription.of(
                        WORKERS_POLL,
                        Type.DURATION,
                        "1s",
                        "How often the file or the name is looked at."),
                SettingDescription.of(
                        POLICY,
                        Type.STRING,
                        "kv-aware",
                        "Policy that picks the engine of a relayed request."),
                SettingDescription.of(
                        CONNECT_TIME, Type.DURATION, "1s", "How long a connection may take."),
                SettingDescription.of(
                        ANSWER_TIME,
                        Type.DURATION,
                        "10m",
                        "How long an engine may take until its answer begins."),
                SettingDescription.of(
                        PROBE_TIME, Type.DURATION, "1s", "How long a look at an engine may take."),
                SettingDescription.of(
                        PROBE_PATH, Type.STRING, "/health", "What is asked to see it is well."),
                new SettingDescription(
                        API_KEY,
                        Type.STRING,
                        Optional.empty(),
                        "Key that engines are sent; unset, clients' own go on where this server asks"
                                + " for none.",
                        true),
                SettingDescription.of(
                        BUFFER_SIZE,
                        Type.SIZE,
                        "512MiB",
                        "Memory for requests that are not answered yet, at most."),
                SettingDescription.of(
                        MAX_RUNNING,
                        Type.INTEGER,
                        "8192",
                        "Most requests relayed at once; more are refused with 429."),
                SettingDescription.of(
                        RETRY_SHARE,
                        Type.DECIMAL,
                        "0.2",
                        "Most second attempts, as a share of the requests."),
                SettingDescription.of(
                        HEDGE_AFTER,
                        Type.DURATION,
                        "0s",
                        "Silence of an engine after which a second one is asked, too; 0s = never."),
                SettingDescription.of(
                        SPLIT_FROM,
                        Type.SIZE,
                        "4KiB",
                        "Uncached text of a prompt from which on a prefill engine reads it."),
                SettingDescription.of(
                        PREFIX_BLOCKS,
                        Type.INTEGER,
                        "262144",
                        "Blocks of prompts whose engine is remembered, 16 bytes each."),
                SettingDescription.optional(
                        TOKENIZERS,
                        Type.LIST,
                        "Folders with tokenizer.json, [MODEL=]FOLDER each, for engines that tell KV"
                                + " events: their prompts are encoded here to know what is cached where."),
                SettingDescription.of(
                        INDEX_BLOCKS,
                        Type.INTEGER,
                        "1048576",
                        "Cache blocks of engines with KV events that are known at once, some 40 bytes"
                                + " each."),
                SettingDescription.of(
                        LONGEST_WAIT,
                        Type.DURATION,
                        "0s",
                        "How long a request waits while no engine can answer; 0s = it is refused at"
                                + " once."),
                SettingDescription.of(
                        MAX_WAITING, Type.INTEGER, "256", "Most requests that wait for that."));
    }

    /** Whether a list of workers is configured in any way. */
    public static boolean areSet(Settings settings) {
        return !settings.list(WORKERS).isEmpty()
                || settings.text(WORKERS_FILE).isPresent()
                || settings.text(WORKERS_NAME).isPresent();
    }

    /**
     * The one list that is configured.
     *
     * @throws SettingException for the user, if it is written wrong, or there are two
     */
    public static WorkerList workers(Settings settings) {
        List<String> written = settings.list(WORKERS);
        Optional<String> file = settings.text(WORKERS_FILE);
        Optional<String> name = settings.text(WORKERS_NAME);
        int count =
                (written.isEmpty() ? 0 : 1) + (file.isEmpty() ? 0 : 1) + (name.isEmpty() ? 0 : 1);
        if (count != 1) {
            throw new SettingException(
                    "give one of " + WORKERS + ", " + WORKERS_FILE + " and " + WORKERS_NAME);
        }
        Duration every = settings.duration(WORKERS_POLL).orElseThrow();
        if (file.isPresent()) {
            return WorkerLists.inFile(path(file.get()), every);
        }
        try {
            return name.isPresent()
                    ? WorkerLists.behindName(name.get(), every)
                    : WorkerLists.of(written);
        } catch (IllegalArgumentException wrong) {
            throw new SettingException(
                    (name.isPresent() ? WORKERS_NAME : WORKERS) + ": " + wrong.getMessage());
        }
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException none) {
            throw new SettingException(WORKERS_FILE + ": \"" + text + "\" is no path");
        }
    }
}
