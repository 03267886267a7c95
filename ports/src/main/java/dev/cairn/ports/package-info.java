/**
 * The vocabulary of Cairn and every interface that its core offers or needs: the SPI. JDK only.
 *
 * <p>Start at {@link dev.cairn.ports.plugin.CairnPlugin} to write an adapter, at {@link
 * dev.cairn.ports.request.InferenceService} to write a front end.
 */
package dev.cairn.ports;
