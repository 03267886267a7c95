/**
 * The use cases that front ends call: validate, apply defaults, render and encode once, hand to the
 * model's backend, and turn its tokens into text. Depends on {@code core.text} and the ports. Start
 * at {@link dev.cairn.core.request.Inference}.
 */
package dev.cairn.core.request;
