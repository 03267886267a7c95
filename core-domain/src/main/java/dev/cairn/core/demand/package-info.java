/**
 * Models on demand: several backends that take turns with one machine's memory. A request wakes the
 * model that it asks for; the one that was longest without requests gives way. {@link
 * dev.cairn.core.demand.DemandDesk} decides, {@link dev.cairn.core.demand.DemandBackend} is what
 * requests see. Depends on {@code dev.cairn.ports} and {@code core.mailbox}. Start at {@code
 * DemandDesk}.
 */
package dev.cairn.core.demand;
