/**
 * Where requests go that are relayed as bytes: a bounded index of byte prefixes ({@link
 * dev.cairn.core.relay.ByteBlockIndex}), the pick by a routing policy, bookings, retries and hedges
 * ({@link dev.cairn.core.relay.RelayRouting}). Depends on the ports, {@code core.route}, {@code
 * core.request} and {@code core.fleet.health}. Start at {@link dev.cairn.core.relay.RelayRouting}.
 */
package dev.cairn.core.relay;
