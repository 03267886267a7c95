/**
 * The routing policies that Cairn brings, each a pure function of question and candidates. Depends
 * on {@code ports.fleet}. Start at {@link dev.cairn.core.route.policy.RoutingPolicies}, then {@link
 * dev.cairn.core.route.policy.KvAware}, the default.
 */
package dev.cairn.core.route.policy;
