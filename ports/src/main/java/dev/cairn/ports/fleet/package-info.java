/**
 * The fleet as decisions see it: members and their roles ({@link
 * dev.cairn.ports.fleet.Membership}), and how a worker is picked ({@link
 * dev.cairn.ports.fleet.RoutingPolicy}). Depends on the JDK and the packages {@code cache}, {@code
 * engine} and {@code system} of {@code ports}.
 */
package dev.cairn.ports.fleet;
