/**
 * How those who share something are served in turns: what each tenant was given, and who is next. A
 * scheduler divides an engine by it, a router its fleet. Depends on nothing. Start at {@link
 * dev.cairn.core.fair.TenantShares}.
 */
package dev.cairn.core.fair;
