/**
 * Text encoders through ONNX Runtime: embedding models in the folder layout that
 * sentence-transformers publishes.
 *
 * <p>Start at {@link dev.cairn.engine.onnx.OnnxPlugin}. Depends on {@code ports} and ONNX Runtime's
 * Java API.
 */
package dev.cairn.engine.onnx;
