package dev.cairn.transport.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the HTTP server listens and what it allows. {@link HttpSettings} reads it from configuration.
 *
 * @param host address or name to bind
 * @param port 0 = any free one
 * @param apiKeys clients send one as {@code Authorization: Bearer}; empty = no key is asked for
 * @param apiKeyFile more keys, as digests, with what they may do: see {@link ApiKeyFile}
 * @param adminKey what {@code /v1/cairn} asks for; empty = those verbs are for loopback only
 * @param insecure allows to bind beyond loopback without a key
 * @param tls empty = plain HTTP
 * @param trustChatTemplates whether a request may bring a {@code chat_template}: templates are
 *     programs, and one can burn a core
 * @param keepAliveComment how long an open stream may be silent before a comment is sent
 * @param tlsPoll how often the certificate files are looked at
 * @param limits what a request may weigh
 */
public record HttpOptions(
        String host,
        int port,
        List<String> apiKeys,
        Optional<Path> apiKeyFile,
        Optional<String> adminKey,
        boolean insecure,
        Optional<TlsFiles> tls,
        boolean trustChatTemplates,
        Duration keepAliveComment,
        Duration tlsPoll,
        Limits limits) {

    /**
     * PEM files.
     *
     * @param certificates the server's certificate, then those between it and the root
     * @param privateKey PKCS#8, or PKCS#1 for RSA; not encrypted
     */
    public record TlsFiles(Path certificates, Path privateKey) {}

    /**
     * Bounds, each checked before anything of that size is held.
     *
     * @param bodyBytes of one request
     * @param headerBytes of one request
     * @param jsonDepth nesting of a body
     * @param sequences prompts times {@code n} of one request
     * @param logprobs most that {@code logprobs}, {@code top_logprobs} or {@code prompt_logprobs}
     *     may ask for
     * @param connections open at once
     * @param sendTime for a client to send a request, from its first byte to its last
     */
    public record Limits(
            long bodyBytes,
            int headerBytes,
            int jsonDepth,
            int sequences,
            int logprobs,
            int connections,
            Duration sendTime) {

        public static Limits defaults() {
            return new Limits(32L << 20, 16 << 10, 64, 128, 20, 4096, Duration.ofMinutes(2));
        }
    }

    public HttpOptions {
        apiKeys = List.copyOf(apiKeys);
    }

    /** Loopback, no key, no TLS. */
    public static HttpOptions loopback(int port) {
        return new HttpOptions(
                "127.0.0.1",
                port,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                false,
                Duration.ofSeconds(15),
                Duration.ofSeconds(10),
                Limits.defaults());
    }

    /**
     * Why a server must not start with these options, worded for the user; empty if it may.
     * Resolves the host's name.
     */
    public Optional<String> problem() {
        if (apiKeys.stream().anyMatch(String::isBlank)
                || adminKey.filter(String::isBlank).isPresent()) {
            return Optional.of("an API key is empty; give a key, or leave the setting out");
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            return Optional.of(
                    "host \""
                            + host
                            + "\" has no address; write an address of this machine, or"
                            + " 127.0.0.1");
        }
        if (!address.isLoopbackAddress() && asksForNoKey() && !insecure) {
            return Optional.of(
                    "host "
                            + host
                            + " can be reached from other machines, and no API key is set; give"
                            + " --api-key KEY, bind 127.0.0.1, or say --insecure if everybody may"
                            + " use this server");
        }
        return Optional.empty();
    }

    private boolean asksForNoKey() {
        return apiKeys.isEmpty() && apiKeyFile.isEmpty();
    }

    /** The start of every URL, for a server that listens on {@code port}. */
    public String url(int port) {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return (tls.isPresent() ? "https://" : "http://") + name + ":" + port;
    }

    /** Keys are nobody's business. */
    @Override
    public String toString() {
        return "HttpOptions[" + host + ":" + port + ", " + apiKeys.size() + " keys]";
    }
}
