/** Tests of the parts of answers. Start at {@link dev.cairn.core.parts.AnswerPartsTest}. */
package dev.cairn.core.parts;
