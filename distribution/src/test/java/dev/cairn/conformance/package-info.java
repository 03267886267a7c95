/**
 * OpenAI's own Java client against the running program, with responses validated by the client.
 * Start at {@code OpenAiJavaIT}; {@code src/test/clients} does the same with the clients for Python
 * and Node.js.
 */
package dev.cairn.conformance;
