/**
 * Models for engines: Hugging Face folders, GGUF files and generated dummies, each with its
 * weights, tokenizer and chat template.
 *
 * <p>Start at {@link dev.cairn.engine.models.ModelsPlugin}, which lists the formats. {@code files}
 * reads configuration and weights, {@code tokenizer} text, {@code template} conversations; {@link
 * dev.cairn.engine.models.ModelCodec} joins the latter two. Depends on {@code ports} and, in {@code
 * tokenizer} alone, on DJL's tokenizers.
 */
package dev.cairn.engine.models;
