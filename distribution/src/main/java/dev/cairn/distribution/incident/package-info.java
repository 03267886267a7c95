/**
 * The decision log of a router: written while it runs, read to make its decisions again. May depend
 * on the router of the core and on files. {@link dev.cairn.distribution.incident.DecisionLog}
 * writes, {@link dev.cairn.distribution.incident.Incident} replays; {@link
 * dev.cairn.distribution.incident.RecordFormat} is the format, to the byte.
 */
package dev.cairn.distribution.incident;
