/**
 * Joins processes to a fleet by Hazelcast (Community): who is there, who holds which blocks, and
 * commands between members. No master, and no data in Hazelcast: it tells who lives and carries our
 * bytes from member to member; every member keeps a replica of what the others said of themselves,
 * so that a lookup waits for nobody, and asks the owner where its replica fell behind.
 *
 * <p>Start at {@code Fleet}, which puts the parts together; {@code FleetState} has the protocol,
 * {@code Replica} its heart, {@code HazelcastLink} is what touches Hazelcast. Depends on {@code
 * ports} and Hazelcast.
 */
package dev.cairn.plugin.hazelcast;
