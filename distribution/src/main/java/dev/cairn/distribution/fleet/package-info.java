/**
 * A fleet of one: membership, block directory and commands of a process that no configuration joins
 * to others. They answer as the real ones do where nobody else is there, so that whoever uses them
 * need not ask whether there is a cluster.
 *
 * <p>Depends on {@code ports}. Start at {@code LoneMember}.
 */
package dev.cairn.distribution.fleet;
