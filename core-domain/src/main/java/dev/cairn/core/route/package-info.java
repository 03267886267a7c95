/**
 * Where a request goes: who holds which blocks of its prefix ({@link
 * dev.cairn.core.route.PrefixIndex}), which worker is picked, what was booked there and why.
 * Workers say what they hold ({@link dev.cairn.core.route.CacheNews}), routers follow them ({@link
 * dev.cairn.core.route.LiveIndex}). Depends on the ports and {@code core.mailbox}. Start at {@link
 * dev.cairn.core.route.PrefixIndex}.
 */
package dev.cairn.core.route;
