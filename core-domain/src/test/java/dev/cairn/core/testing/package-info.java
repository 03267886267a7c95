/**
 * The world in which the core is tested: a runner in virtual time whose answers depend on every
 * block that it should have read, a codec of bytes. Start at {@code ToyRunner}.
 */
package dev.cairn.core.testing;
