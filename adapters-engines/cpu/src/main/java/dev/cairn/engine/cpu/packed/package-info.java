/**
 * Packed weights kept on disk, so that a model is packed once and read from then on.
 *
 * <p>{@link dev.cairn.engine.cpu.packed.PackedFolder} finds and keeps images, {@link
 * dev.cairn.engine.cpu.packed.PackedHeader} is what a file begins with, {@link
 * dev.cairn.engine.cpu.packed.PackedWriting} writes one beside other work. What lies in an image is
 * not known here. Depends on the JDK alone. Start reading at {@code PackedFolder}.
 */
package dev.cairn.engine.cpu.packed;
