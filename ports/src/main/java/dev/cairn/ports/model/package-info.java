/**
 * Models as every engine sees them: an architecture made of numbers, weights by role, text by
 * codec.
 *
 * <p>A {@link dev.cairn.ports.model.ModelFormat} opens a place (a folder, a file, a name) as a
 * {@link dev.cairn.ports.model.ModelArtifact}; engines read {@link
 * dev.cairn.ports.model.ModelArchitecture} and {@link dev.cairn.ports.model.WeightSource} and never
 * learn which file format or naming scheme lay behind them. Routers load only the {@link
 * dev.cairn.ports.model.TextCodec}. Start at {@code ModelFormat}. Depends on the JDK and {@code
 * dev.cairn.ports.system}.
 */
package dev.cairn.ports.model;
