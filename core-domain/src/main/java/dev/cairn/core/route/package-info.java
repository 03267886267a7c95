/**
 * Where a request goes: who holds which blocks of its prefix ({@link
 * dev.cairn.core.route.PrefixIndex}), which worker is picked, what was booked there and why.
 * Depends on the ports alone. Start at {@link dev.cairn.core.route.PrefixIndex}.
 */
package dev.cairn.core.route;
