package dev.cairn.distribution.config;

import static dev.cairn.ports.system.SettingDescription.Type.BOOLEAN;
import static dev.cairn.ports.system.SettingDescription.Type.DECIMAL;
import static dev.cairn.ports.system.SettingDescription.Type.DURATION;
import static dev.cairn.ports.system.SettingDescription.Type.INTEGER;
import static dev.cairn.ports.system.SettingDescription.Type.LIST;
import static dev.cairn.ports.system.SettingDescription.Type.SIZE;
import static dev.cairn.ports.system.SettingDescription.Type.STRING;

import dev.cairn.ports.system.SettingDescription;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The keys that the program itself reads; adapters and plugins describe theirs. */
public final class ProgramSettings {

    public static final String HOME = "cairn.home";
    public static final String ROLE = "cairn.role";
    public static final String MODELS = "cairn.models";
    public static final String ENGINE = "cairn.engine";
    public static final String DTYPE = "cairn.dtype";
    public static final String KV_CACHE_DTYPE = "cairn.kv-cache-dtype";
    public static final String MAX_MODEL_LENGTH = "cairn.max-model-len";
    public static final String MAX_SEQUENCES = "cairn.max-num-seqs";
    public static final String MAX_BATCHED_TOKENS = "cairn.max-num-batched-tokens";
    public static final String STEP_STRETCH = "cairn.step-stretch";
    public static final String LONGEST_PAUSE = "cairn.longest-pause";
    public static final String MAX_WAITING = "cairn.max-waiting-requests";
    public static final String BLOCK_TOKENS = "cairn.block-size";
    public static final String PREFIX_CACHING = "cairn.cache.prefix-caching";
    public static final String DEVICE_CACHE_SIZE = "cairn.cache.device.size";
    public static final String CACHE_TIERS = "cairn.cache.tiers";
    public static final String HOST_STORE = "cairn.cache.host.store";
    public static final String HOST_STORE_AFTER = "cairn.cache.host.store-after";
    public static final String DISK_STORE = "cairn.cache.disk.store";
    public static final String DISK_STORE_AFTER = "cairn.cache.disk.store-after";
    public static final String STAGING_SIZE = "cairn.cache.staging.size";
    public static final String FETCH_POLICY = "cairn.cache.fetch";
    public static final String FETCH_DEADLINE = "cairn.cache.fetch-deadline";
    public static final String KV_EVENTS = "cairn.kv-events.publish";
    public static final String CACHE_PEERS = "cairn.cache.peers";
    public static final String PEERS_STAGING = "cairn.cache.peers.staging-size";
    public static final String HAND_OVER_TIME = "cairn.cache.peers.hand-over-time";
    public static final String HAND_OVER_SIZE = "cairn.cache.peers.hand-over-size";
    public static final String SPLIT_LEASE = "cairn.split.lease";
    public static final String SPLIT_PATIENCE = "cairn.split.patience";
    public static final String CANARY = "cairn.cache.canary";
    public static final String CLUSTER_PORT = "cairn.cluster.port";
    public static final String CLUSTER_JOIN = "cairn.cluster.join";
    public static final String CLUSTER_HOST = "cairn.cluster.host";
    public static final String CLUSTER_PUBLIC_ADDRESS = "cairn.cluster.public-address";
    public static final String CLUSTER_DIRECT_PORT = "cairn.cluster.direct-port";
    public static final String CLUSTER_DIRECT_ADDRESS = "cairn.cluster.direct-address";
    public static final String CLUSTER_NAME = "cairn.cluster.name";
    public static final String CLUSTER_KEY = "cairn.cluster.key";
    public static final String CLUSTER_HEARTBEAT = "cairn.cluster.heartbeat";
    public static final String CLUSTER_DIRECTORY_SIZE = "cairn.cluster.directory-size";
    public static final String TOOL_PARSER = "cairn.tools.parser";
    public static final String REASONING_PARSER = "cairn.reasoning.parser";
    public static final String MOST_AWAKE = "cairn.models.most-awake";
    public static final String IDLE_SLEEP = "cairn.models.idle-sleep";
    public static final String WAKE_ON_REQUEST = "cairn.sleep.wake-on-request";
    public static final String SHUTDOWN_GRACE = "cairn.shutdown.grace";
    public static final String LOG_LEVEL = "cairn.log.level";
    public static final String LOG_FORMAT = "cairn.log.format";
    public static final String TRACE_EXPORTER = "cairn.telemetry.traces.exporter";
    public static final String OTLP_ENDPOINT = "cairn.telemetry.otlp.endpoint";
    public static final String OTLP_HEADERS = "cairn.telemetry.otlp.headers";
    public static final String STEP_LOG = "cairn.log.steps";

    private ProgramSettings() {}

    public static List<SettingDescription> descriptions() {
        return Stream.of(models(), engines(), cache(), sharing(), cluster(), operation())
                .flatMap(List::stream)
                .toList();
    }

    /** What is served. */
    private static List<SettingDescription> models() {
        return List.of(
                SettingDescription.optional(
                        HOME, STRING, "Folder of the installation; the launcher sets it."),
                SettingDescription.of(
                        ROLE,
                        STRING,
                        "all",
                        "What this process does: all (everything, in one process), prefill (reads"
                                + " prompts for others), decode (writes answers) or router (sends"
                                + " requests to these)."),
                SettingDescription.optional(
                        MODELS,
                        LIST,
                        "Models to serve: PATH, NAME=PATH, ORG/NAME[@REVISION] of a hub, or dummy:SHAPE; the"
                                + " first is the default."
                                + " Unset serves the bundled model."),
                SettingDescription.of(
                        TOOL_PARSER,
                        STRING,
                        "auto",
                        "How models write tool calls: auto (as their chat template does), hermes,"
                                + " llama3, mistral or none; vLLM's names are known, too."),
                SettingDescription.of(
                        REASONING_PARSER,
                        STRING,
                        "auto",
                        "How models mark their thoughts: auto (by template and vocabulary), qwen3,"
                                + " deepseek_r1 or none."));
    }

    /** How it is computed. */
    private static List<SettingDescription> engines() {
        return List.of(
                SettingDescription.of(
                        ENGINE,
                        STRING,
                        "auto",
                        "Engine that computes; auto takes the best one that works here."),
                SettingDescription.of(
                        DTYPE,
                        STRING,
                        "auto",
                        "Type that weights are kept in: auto, float32, float16, bfloat16, q8_0 or"
                                + " q4_0; auto keeps the file's."),
                SettingDescription.of(
                        KV_CACHE_DTYPE,
                        STRING,
                        "auto",
                        "Type of cached keys and values: auto, float32, bfloat16 or int8."),
                SettingDescription.optional(
                        MAX_MODEL_LENGTH,
                        INTEGER,
                        "Longest prompt and answer together, in tokens; unset takes the model's"
                                + " own."),
                SettingDescription.of(
                        MAX_SEQUENCES, INTEGER, "64", "Most sequences in one step of an engine."),
                SettingDescription.of(
                        MAX_BATCHED_TOKENS,
                        INTEGER,
                        "512",
                        "Most tokens in one step of an engine, prompts and answers together."),
                SettingDescription.of(
                        STEP_STRETCH,
                        DECIMAL,
                        "2",
                        "How many times longer answers may take while a prompt is read than alone;"
                                + " above 1, or 0 for no bound."),
                SettingDescription.of(
                        LONGEST_PAUSE,
                        DURATION,
                        "1s",
                        "How long answers may wait for a prompt that is read in large chunks, where"
                                + " those cost less."),
                SettingDescription.of(
                        MAX_WAITING,
                        INTEGER,
                        "1024",
                        "Most requests that wait for an engine; more are refused with 429."),
                SettingDescription.of(
                        BLOCK_TOKENS, INTEGER, "16", "Tokens per block of the KV cache."),
                SettingDescription.of(
                        PREFIX_CACHING,
                        BOOLEAN,
                        "true",
                        "Whether prompts that begin alike share their computed blocks."),
                SettingDescription.optional(
                        DEVICE_CACHE_SIZE,
                        SIZE,
                        "Memory for the KV cache of each model; unset takes what"
                                + " max-num-seqs answers of full length need, at most a quarter of"
                                + " the free memory."));
    }

    /** Where computed blocks of the KV cache stay beside the device. */
    private static List<SettingDescription> cache() {
        return List.of(
                SettingDescription.optional(
                        CACHE_TIERS,
                        LIST,
                        "Tiers that keep computed KV blocks beside the engine's own memory, fastest"
                                + " first, for example host,disk; unset keeps none."),
                store(HOST_STORE, "host"),
                storeAfter(HOST_STORE_AFTER, "host"),
                store(DISK_STORE, "disk"),
                storeAfter(DISK_STORE_AFTER, "disk"),
                SettingDescription.of(
                        STAGING_SIZE,
                        SIZE,
                        "64MiB",
                        "Memory through which blocks pass between an engine and its tiers."),
                SettingDescription.of(
                        FETCH_POLICY,
                        STRING,
                        "measured",
                        "When a cached prefix is fetched from a tier: measured, where that is"
                                + " predicted to be sooner than computing it, or always."),
                SettingDescription.of(
                        FETCH_DEADLINE,
                        DURATION,
                        "10s",
                        "Longest that a request waits for a tier; then it computes."),
                SettingDescription.of(
                        CANARY,
                        DECIMAL,
                        "0",
                        "Share of the prefixes fetched from tiers and peers that are computed once"
                                + " more while the engine is idle, and compared: 0 to 1. Who gave"
                                + " something else is not read any more."));
    }

    /** What members of a fleet do with each other's blocks. */
    private static List<SettingDescription> sharing() {
        return List.of(
                SettingDescription.of(
                        KV_EVENTS,
                        LIST,
                        "auto",
                        "Dialects in which this process tells which blocks it holds: cairn, vllm,"
                                + " vllm-array; auto: cairn, where routers are answered; off."),
                SettingDescription.of(
                        CACHE_PEERS,
                        STRING,
                        "auto",
                        "Blocks of other members: auto, where there is a fleet, they are pulled and"
                                + " ours are lent; off: neither."),
                SettingDescription.of(
                        PEERS_STAGING,
                        SIZE,
                        "32MiB",
                        "Memory through which blocks are read to be lent, and as much again through"
                                + " which blocks are taken over."),
                SettingDescription.of(
                        HAND_OVER_TIME,
                        DURATION,
                        "10s",
                        "How long a member that stops hands its hottest blocks to others; 0 hands"
                                + " over nothing."),
                SettingDescription.of(
                        SPLIT_LEASE,
                        DURATION,
                        "30s",
                        "How long a worker that reads prompts keeps a prompt's blocks for the one"
                                + " that answers."),
                SettingDescription.of(
                        SPLIT_PATIENCE,
                        DURATION,
                        "10s",
                        "How long a worker waits without progress for a prompt that another one"
                                + " reads; then it computes."),
                SettingDescription.optional(
                        HAND_OVER_SIZE,
                        SIZE,
                        "Most bytes that are handed over; unset: all of the fastest tier, if the"
                                + " time allows."));
    }

    /** How processes become a fleet; the plugin that joins them reads these. */
    private static List<SettingDescription> cluster() {
        return List.of(
                SettingDescription.optional(
                        CLUSTER_PORT,
                        INTEGER,
                        "Port at which members of a fleet reach this process; unset joins none."),
                SettingDescription.optional(
                        CLUSTER_JOIN,
                        LIST,
                        "Members to join, HOST:PORT each; those that are not there yet are found"
                                + " when they come."),
                SettingDescription.of(
                        CLUSTER_HOST,
                        STRING,
                        "127.0.0.1",
                        "Address to listen on for members; what listens beyond loopback wants"
                                + " cairn.cluster.key."),
                SettingDescription.optional(
                        CLUSTER_PUBLIC_ADDRESS,
                        STRING,
                        "HOST:PORT at which others reach this member, where it is not the one that"
                                + " it listens on."),
                SettingDescription.of(
                        CLUSTER_DIRECT_PORT,
                        INTEGER,
                        "0",
                        "Port at which members that were cut off from each other call again; 0 ="
                                + " any that is free."),
                SettingDescription.optional(
                        CLUSTER_DIRECT_ADDRESS,
                        STRING,
                        "HOST:PORT at which others reach that port, where it is another one."),
                SettingDescription.of(
                        CLUSTER_NAME,
                        STRING,
                        "cairn",
                        "Name of the fleet; processes of other names are not joined."),
                new SettingDescription(
                        CLUSTER_KEY,
                        STRING,
                        Optional.empty(),
                        "Key that all members share; what was not signed with it is dropped. It"
                                + " hides nothing from who reads along.",
                        true),
                SettingDescription.of(
                        CLUSTER_HEARTBEAT,
                        DURATION,
                        "5s",
                        "Silence after which a member counts as gone, at least 2s."),
                SettingDescription.of(
                        CLUSTER_DIRECTORY_SIZE,
                        INTEGER,
                        "1048576",
                        "Most blocks of other members that are known of, and most of this one that"
                                + " they are told of."));
    }

    private static SettingDescription store(String key, String tier) {
        return SettingDescription.of(
                key,
                STRING,
                "write-through",
                "When a block goes to the tier "
                        + tier
                        + ": write-through (as it is computed), selective (after so many uses, see"
                        + " store-after) or write-back (when it is about to leave the tier above,"
                        + " or the device).");
    }

    private static SettingDescription storeAfter(String key, String tier) {
        return SettingDescription.of(
                key,
                INTEGER,
                "2",
                "Uses of a block, the first is computing it, after which a selective tier "
                        + tier
                        + " gets it.");
    }

    /** How the process behaves and what it tells. */
    private static List<SettingDescription> operation() {
        return List.of(
                SettingDescription.optional(
                        MOST_AWAKE,
                        INTEGER,
                        "How many models have memory at once; a request for another one wakes it,"
                                + " and the one used longest ago gives way. Unset for all."),
                SettingDescription.optional(
                        IDLE_SLEEP,
                        DURATION,
                        "How long a model may be without requests before it gives its memory back,"
                                + " until the next request. Unset for ever."),
                SettingDescription.of(
                        WAKE_ON_REQUEST,
                        BOOLEAN,
                        "false",
                        "Whether a request wakes an engine that POST /sleep put to sleep, instead"
                                + " of being refused with 503."),
                SettingDescription.of(
                        SHUTDOWN_GRACE,
                        DURATION,
                        "30s",
                        "How long running answers may go on after SIGTERM."),
                SettingDescription.of(
                        LOG_LEVEL, STRING, "info", "error, warning, info, debug or trace."),
                SettingDescription.of(LOG_FORMAT, STRING, "text", "text or json."),
                SettingDescription.of(
                        STEP_LOG,
                        BOOLEAN,
                        "false",
                        "Whether every step of an engine is logged, with its requests."),
                SettingDescription.of(
                        TRACE_EXPORTER,
                        STRING,
                        "none",
                        "Where spans go: none, otlp or logging; otlp if an endpoint is set."),
                SettingDescription.optional(
                        OTLP_ENDPOINT,
                        STRING,
                        "Address of an OpenTelemetry collector (OTLP over HTTP), for example"
                                + " http://127.0.0.1:4318."),
                new SettingDescription(
                        OTLP_HEADERS,
                        STRING,
                        Optional.empty(),
                        "Headers for the collector, NAME=VALUE separated by commas.",
                        true));
    }
}
