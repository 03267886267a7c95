/**
 * The world in which the core is tested: a driver in virtual time, a runner whose answers depend on
 * every block that it should have read, a codec of bytes. Start at {@code VirtualDriver} and {@code
 * ToyRunner}.
 */
package dev.cairn.core.testing;
