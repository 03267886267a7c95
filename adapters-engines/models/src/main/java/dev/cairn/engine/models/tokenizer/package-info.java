/**
 * Tokenizers: text to ids and back, and what each id stands for.
 *
 * <p>{@code tokenizer.json} files go to Hugging Face's own library (through DJL); a GGUF vocabulary
 * is first written as such a file, in memory. What that library does not tell, each token's bytes
 * and flags, is read from the same JSON. {@code clean_up_tokenization_spaces} is not applied: a
 * server gives the text that the tokens spell. Start at {@link
 * dev.cairn.engine.models.tokenizer.Tokenizer}. Depends on {@code ports}, the model files' package
 * and DJL's tokenizers.
 */
package dev.cairn.engine.models.tokenizer;
