package dev.cairn.distribution.config;

import static dev.cairn.ports.system.SettingDescription.Type.DECIMAL;
import static dev.cairn.ports.system.SettingDescription.Type.DURATION;
import static dev.cairn.ports.system.SettingDescription.Type.INTEGER;
import static dev.cairn.ports.system.SettingDescription.Type.LIST;
import static dev.cairn.ports.system.SettingDescription.Type.SIZE;
import static dev.cairn.ports.system.SettingDescription.Type.STRING;

import dev.cairn.ports.system.SettingDescription;
import java.util.List;

/** The keys that a router reads ({@code cairn.role=router}). */
public final class RoutingSettings {

    public static final String WORKERS = "cairn.workers";
    public static final String POLICY = "cairn.routing.policy";
    public static final String SHADOW_POLICY = "cairn.routing.shadow-policy";
    public static final String DECISION_LOG = "cairn.routing.decision-log";
    public static final String DECISION_LOG_SIZE = "cairn.routing.decision-log-size";
    public static final String LONGEST_WAIT = "cairn.routing.longest-wait";
    public static final String MAX_WAITING = "cairn.routing.max-waiting-requests";
    public static final String WORKER_REQUESTS = "cairn.routing.worker-requests";
    public static final String WORKER_TOKENS = "cairn.routing.worker-tokens";
    public static final String MAX_WORKERS = "cairn.routing.max-workers";
    public static final String INDEX_BLOCKS = "cairn.routing.index-blocks";
    public static final String SPLIT_TOKENS = "cairn.routing.split-tokens";
    public static final String SPLIT_SHARE = "cairn.routing.split-share";

    private RoutingSettings() {}

    public static List<SettingDescription> descriptions() {
        return List.of(
                SettingDescription.optional(
                        WORKERS,
                        LIST,
                        "Workers of a router, HOST:PORT each, beside those that it finds in its"
                                + " fleet (cairn.cluster.port)."),
                SettingDescription.of(
                        POLICY,
                        STRING,
                        "kv-aware",
                        "Who gets a request: kv-aware, approximate-prefix, consistent-hash,"
                                + " session-affinity, least-load, power-of-two, round-robin, random, or"
                                + " a plugin's."),
                SettingDescription.optional(
                        SHADOW_POLICY,
                        STRING,
                        "A policy that is asked about every request without a say, to be compared:"
                                + " cairn:shadow_* in /metrics, shadow in explain."),
                SettingDescription.optional(
                        DECISION_LOG,
                        STRING,
                        "File to which a router writes what it is told and what it decides, for"
                                + " `cairn replay --incident`. With several models the model's name"
                                + " is appended."),
                SettingDescription.of(
                        DECISION_LOG_SIZE,
                        SIZE,
                        "256MiB",
                        "Most bytes of that file and the one before it, FILE.1, together."),
                SettingDescription.of(
                        LONGEST_WAIT,
                        DURATION,
                        "10s",
                        "How long a request waits for a worker that is starting, and an answer that"
                                + " lost its worker for another one."),
                SettingDescription.of(
                        MAX_WAITING,
                        INTEGER,
                        "1024",
                        "Most requests that wait at the router, while no worker is ready or all are"
                                + " busy; more are refused."),
                SettingDescription.of(
                        WORKER_REQUESTS,
                        INTEGER,
                        "128",
                        "A worker with so many requests whose prompts it has not read is busy: while"
                                + " all are, requests wait at the router, by priority and in turns of"
                                + " API keys. 0 = they wait at the workers."),
                SettingDescription.of(
                        WORKER_TOKENS,
                        INTEGER,
                        "16384",
                        "As is one with so many tokens of such prompts to compute. 0 = any number."),
                SettingDescription.of(
                        MAX_WORKERS, INTEGER, "1024", "Most workers that a router knows."),
                SettingDescription.of(
                        INDEX_BLOCKS,
                        INTEGER,
                        "1048576",
                        "Most cached blocks of all workers together that a router knows of."),
                SettingDescription.of(
                        SPLIT_TOKENS,
                        INTEGER,
                        "512",
                        "Prompts of which at least so many tokens are to be computed are read by a"
                                + " prefill worker, where there is one."),
                SettingDescription.of(
                        SPLIT_SHARE,
                        DECIMAL,
                        "0.3",
                        "The least share of a prompt that is to be computed for that."));
    }
}
