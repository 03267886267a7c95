package dev.cairn.plugin.hazelcast;

import com.hazelcast.config.ClassFilter;
import com.hazelcast.config.Config;
import com.hazelcast.config.ExecutorConfig;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.instance.EndpointQualifier;
import com.hazelcast.spi.MemberAddressProvider;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperty;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Hazelcast reduced to what we need of it: a list of members, and calls between them. No data, so
 * few partitions and threads; no clients, REST, discovery, statistics or messages home.
 */
final class HazelcastConfiguration {

    /** Attribute of a member: its Cairn id. */
    static final String ID = "dev.cairn.id";

    /** Attribute of a member: where its {@link DirectLine} is reached. */
    static final String DIRECT = "dev.cairn.direct";

    /** One thread, so that messages are heard in the order in which they came. */
    static final String STATE = "cairn-state";

    static final String COMMANDS = "cairn-commands";

    /** No bound: senders keep to one of theirs, and a full queue would refuse their questions. */
    private static final int STATE_QUEUE = 0;

    private static final int COMMANDS_AT_ONCE = 8;
    private static final int COMMAND_QUEUE = 64;

    private HazelcastConfiguration() {}

    static Config of(FleetOptions options, String id, HazelcastLink link) {
        Config config = new Config();
        config.setInstanceName(id);
        config.setClusterName(options.name());
        config.setClassLoader(HazelcastConfiguration.class.getClassLoader());
        config.getMemberAttributeConfig().setAttribute(ID, id);
        config.getMemberAttributeConfig().setAttribute(DIRECT, link.directAddress());
        config.getUserContext().put(Envelope.LINK, link);
        config.getMetricsConfig().setEnabled(false);
        config.getJetConfig().setEnabled(false);
        config.getIntegrityCheckerConfig().setEnabled(false);
        config.addExecutorConfig(executor(STATE, 1, STATE_QUEUE));
        config.addExecutorConfig(executor(COMMANDS, COMMANDS_AT_ONCE, COMMAND_QUEUE));
        network(config, options);
        serialization(config);
        properties(config, options);
        return config;
    }

    private static ExecutorConfig executor(String name, int threads, int queue) {
        return new ExecutorConfig(name, threads)
                .setQueueCapacity(queue)
                .setStatisticsEnabled(false);
    }

    /** The advanced form has an endpoint for members and none for anybody else. */
    private static void network(Config config, FleetOptions options) {
        var endpoint = new ServerSocketEndpointConfig();
        endpoint.setPort(options.port()).setPortAutoIncrement(false);
        var network = config.getAdvancedNetworkConfig().setEnabled(true);
        network.setMemberEndpointConfig(endpoint);
        network.getMemberAddressProviderConfig()
                .setEnabled(true)
                .setImplementation(
                        new Addresses(options.listenAddress(), options.reachedAddress()));
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig()
                .setEnabled(true)
                .setConnectionTimeoutSeconds(2)
                .setMembers(options.join());
    }

    /**
     * Our bytes have a serializer. Java's is left for what Hazelcast itself sends by it: failures
     * and a few states.
     */
    private static void serialization(Config config) {
        config.getSerializationConfig()
                .addSerializerConfig(
                        new SerializerConfig()
                                .setTypeClass(Envelope.class)
                                .setImplementation(new Envelope.Serializer()))
                .setJavaSerializationFilterConfig(
                        new JavaSerializationFilterConfig()
                                .setDefaultsDisabled(true)
                                .setWhitelist(
                                        new ClassFilter()
                                                .addPrefixes("com.hazelcast.")
                                                .addClasses(
                                                        "[Ljava.lang.StackTraceElement;",
                                                        "java.lang.StackTraceElement",
                                                        "java.lang.Enum",
                                                        "java.lang.Throwable",
                                                        "java.lang.Exception",
                                                        "java.lang.RuntimeException",
                                                        "java.lang.IllegalStateException",
                                                        "java.lang.IllegalArgumentException",
                                                        "java.util.ArrayList",
                                                        "java.util.Collections$EmptyList",
                                                        "java.util.Collections$UnmodifiableList",
                                                        "java.util.Collections$UnmodifiableCollection",
                                                        "java.util.concurrent.RejectedExecutionException",
                                                        "java.util.concurrent.CancellationException")));
    }

    private static void properties(Config config, FleetOptions options) {
        long heartbeat =
                Math.max(2, TimeUnit.MILLISECONDS.toSeconds(options.heartbeat().toMillis()));
        set(config, ClusterProperty.PHONE_HOME_ENABLED, false);
        set(config, ClusterProperty.SHUTDOWNHOOK_ENABLED, false);
        set(config, ClusterProperty.LOGGING_TYPE, "jdk");
        set(config, ClusterProperty.SOCKET_SERVER_BIND_ANY, false);
        // Others know us by the address that we listen on; we call from it, too.
        set(config, ClusterProperty.SOCKET_CLIENT_BIND_ANY, false);
        set(config, ClusterProperty.HEARTBEAT_INTERVAL_SECONDS, 1);
        set(config, ClusterProperty.MAX_NO_HEARTBEAT_SECONDS, heartbeat);
        // After a split the survivors agree on a master, and ask those who are gone for as long.
        set(config, ClusterProperty.MASTERSHIP_CLAIM_TIMEOUT_SECONDS, heartbeat);
        // Who finds nobody begins alone and goes on looking, as the halves of a split do.
        set(config, ClusterProperty.WAIT_SECONDS_BEFORE_JOIN, 0);
        set(config, ClusterProperty.MERGE_FIRST_RUN_DELAY_SECONDS, 1);
        set(config, ClusterProperty.MERGE_NEXT_RUN_DELAY_SECONDS, 1);
        set(config, ClusterProperty.OPERATION_CALL_TIMEOUT_MILLIS, 10_000);
        set(config, ClusterProperty.PARTITION_COUNT, 11);
        set(config, ClusterProperty.PARTITION_OPERATION_THREAD_COUNT, 2);
        set(config, ClusterProperty.GENERIC_OPERATION_THREAD_COUNT, 2);
        set(config, ClusterProperty.RESPONSE_THREAD_COUNT, 1);
        set(config, ClusterProperty.IO_THREAD_COUNT, 1);
        set(config, ClusterProperty.EVENT_THREAD_COUNT, 1);
        set(config, ClusterProperty.HEALTH_MONITORING_LEVEL, "OFF");
    }

    private static void set(Config config, HazelcastProperty property, Object value) {
        config.setProperty(property.getName(), value.toString());
    }

    /**
     * Where this member listens and is reached, in our words: Hazelcast would search interfaces.
     */
    private record Addresses(InetSocketAddress listens, InetSocketAddress reached)
            implements MemberAddressProvider {

        @Override
        public InetSocketAddress getBindAddress() {
            return listens;
        }

        @Override
        public InetSocketAddress getBindAddress(EndpointQualifier endpoint) {
            return listens;
        }

        @Override
        public InetSocketAddress getPublicAddress() {
            return reached;
        }

        @Override
        public InetSocketAddress getPublicAddress(EndpointQualifier endpoint) {
            return reached;
        }
    }
}
