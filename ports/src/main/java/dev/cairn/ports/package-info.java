/** The vocabulary of Cairn and every interface that its core offers or needs. It may depend on the JDK alone;
 * start reading at the package {@code dev.cairn.ports.plugin}. */
package dev.cairn.ports;
