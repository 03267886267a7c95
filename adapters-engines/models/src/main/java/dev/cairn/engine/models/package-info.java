/**
 * Model files, tokenizers and chat templates. It may depend on the ports and the tokenizer library.
 */
package dev.cairn.engine.models;
