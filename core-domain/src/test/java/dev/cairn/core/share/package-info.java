/** Tests of {@code core.share}, in virtual time over {@code testing.SimulatedFleet}. */
package dev.cairn.core.share;
