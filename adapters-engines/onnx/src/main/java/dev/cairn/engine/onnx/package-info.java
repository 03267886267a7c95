/**
 * Embedding models through ONNX Runtime. It may depend on the ports, the model files and ONNX
 * Runtime.
 */
package dev.cairn.engine.onnx;
