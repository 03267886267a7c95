/** The CPU engine. It may depend on the ports and the model files. */
package dev.cairn.engine.cpu;
