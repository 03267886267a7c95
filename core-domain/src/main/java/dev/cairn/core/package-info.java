/**
 * All decisions and use cases, as non-blocking state machines: events and the time in, commands
 * out. It may depend on the ports alone.
 */
package dev.cairn.core;
