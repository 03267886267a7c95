package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.fleet.Membership;

/**
 * What it takes to have blocks from peers.
 *
 * @param membership who is there, and under which address of the transport
 * @param directory who says to hold what
 * @param transport brings it
 */
public record PeerPorts(
        Membership membership, BlockDirectory directory, BlockTransport transport) {}
