/** The OpenAI API over HTTP. It may depend on the ports and Helidon. */
package dev.cairn.transport.http;
