/**
 * The client of a server's cache verbs: what {@code cairn cache} says to {@code /v1/cairn/cache},
 * and how it shows the answers. Depends on {@code ports.system} and the JDK's HTTP client. Start at
 * {@link dev.cairn.distribution.cache.CacheClient}.
 */
package dev.cairn.distribution.cache;
