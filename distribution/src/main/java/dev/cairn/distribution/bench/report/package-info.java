/**
 * What is shown of a load: a table for the terminal, figures for the JSON report, and a page with
 * plots in one file that needs no network.
 *
 * <p>Start at {@link dev.cairn.distribution.bench.report.HtmlReport}. Depends on {@code
 * bench.load}.
 */
package dev.cairn.distribution.bench.report;
