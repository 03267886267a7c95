/**
 * Text encoders through ONNX Runtime: embedding models and cross-encoders in the folder layouts
 * that sentence-transformers publishes.
 *
 * <p>Start at {@link dev.cairn.engine.onnx.OnnxPlugin}. Depends on {@code ports} and ONNX Runtime's
 * Java API.
 */
package dev.cairn.engine.onnx;
