/**
 * Models by name: {@code org/name[@revision]} of a hub that speaks Hugging Face's file API. {@link
 * dev.cairn.storage.hub.HubStore} is the port's implementation: {@link
 * dev.cairn.storage.hub.HubClient} asks what a repository holds, {@link
 * dev.cairn.storage.hub.FileChoice} takes what serving needs, {@link
 * dev.cairn.storage.hub.Download} fetches and verifies one file, {@link
 * dev.cairn.storage.hub.HubCache} keeps all of it as {@code huggingface_hub} does, so that both
 * share one copy. Depends on {@code dev.cairn.ports} and the JDK. Start at {@code HubStore}.
 */
package dev.cairn.storage.hub;
