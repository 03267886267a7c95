/**
 * The {@code cairn} program: the only place that sees every other module and wires them together.
 */
package dev.cairn.distribution;
