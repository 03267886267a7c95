/**
 * Chat templates: the part of Jinja that published templates use, with Python's semantics for the
 * values that they see.
 *
 * <p>Templates come with model files and from clients, so rendering is bounded in work, nesting and
 * output, and a template reaches nothing but the values that it is given. Start at {@link
 * dev.cairn.engine.models.template.ChatTemplate}. Source text goes through {@code Lexer}, {@code
 * Parser} and {@code ExpressionParser} to a tree of {@code Node}s, which {@code Interpreter} and
 * {@code Evaluator} walk. The reference is Jinja 3.1 as Hugging Face transformers configures it
 * (trim_blocks, lstrip_blocks, immutable sandbox, loop controls, {@code generation} blocks).
 * Depends on the JDK alone.
 *
 * <p>Known to differ: {@code safe} leaves text as it is, where Jinja marks it and then escapes what
 * is added to it; {@code include}, {@code import}, {@code extends} and {@code block} are refused;
 * an unknown filter or test fails when it is reached.
 */
package dev.cairn.engine.models.template;
