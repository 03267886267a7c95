/**
 * What every part needs and the JDK does not give in the form we want: JSON values, settings, time,
 * randomness, leases of off-heap memory, completions.
 *
 * <p>Nothing here waits or starts a thread; drivers in {@code distribution} supply real or virtual
 * versions of {@link dev.cairn.ports.system.Clock}, {@link dev.cairn.ports.system.Timers} and
 * {@link dev.cairn.ports.system.RandomSource}. Depends on the JDK alone. Start at {@link
 * dev.cairn.ports.system.Settings} and {@link dev.cairn.ports.system.JsonValue}.
 */
package dev.cairn.ports.system;
