/**
 * The whole path from a request to its tokens, in one process and without HTTP: real model files,
 * the real engine, the real scheduler on its thread. Start at {@link dev.cairn.serving.LocalCairn}.
 */
package dev.cairn.serving;
