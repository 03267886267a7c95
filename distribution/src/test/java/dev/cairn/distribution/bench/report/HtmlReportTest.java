package dev.cairn.distribution.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import dev.cairn.distribution.bench.load.LoadRun;
import dev.cairn.distribution.bench.load.LoadSummary;
import dev.cairn.distribution.bench.load.Pace;
import dev.cairn.distribution.bench.load.Records;
import dev.cairn.distribution.bench.load.RequestRecord;
import dev.cairn.distribution.bench.load.Slo;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {

    private static final String HOSTILE = "</code><script>alert(1)</script>&amp;\"'\u0001\uD800";

    @Test
    void thePageIsWellFormedWhateverTheTextsSay() throws Exception {
        String page = page(load(20, HOSTILE), HOSTILE);
        Document document = parsed(page);

        assertThat(document.getElementsByTagName("script").getLength()).isZero();
        assertThat(document.getElementsByTagName("code").item(0).getTextContent())
                .isEqualTo("</code><script>alert(1)</script>&amp;\"'");
        assertThat(document.getDocumentElement().getTextContent()).contains("1 http 500");
    }

    @Test
    void nothingIsLoadedFromAnywhere() throws Exception {
        NodeList all = parsed(page(load(20, "x"), "cairn")).getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            Element element = (Element) all.item(i);
            assertThat(element.getTagName()).isNotIn("link", "img", "script", "iframe", "object");
            assertThat(element.hasAttribute("src") || element.hasAttribute("href")).isFalse();
        }
        assertThat(page(load(20, "x"), "cairn")).doesNotContain("@import").doesNotContain("url(");
    }

    @Test
    void everyLoadHasItsPlotsWithItsPoints() throws Exception {
        Document document = parsed(page(load(20, "x"), "cairn"));
        NodeList plots = document.getElementsByTagName("svg");

        assertThat(plots.getLength()).isEqualTo(8);
        assertThat(((Element) plots.item(0)).getElementsByTagName("circle").getLength())
                .as("a dot per first token")
                .isEqualTo(20);
    }

    @Test
    void aRunWithoutAnswersHasAPageToo() throws Exception {
        Document document = parsed(page(load(0, "x"), "cairn"));
        assertThat(document.getElementsByTagName("svg").getLength()).isEqualTo(8);
    }

    @Test
    void goalsAreShownWithTheirVerdict() throws Exception {
        BenchmarkReport report =
                new BenchmarkReport(
                        "serve",
                        "m",
                        List.of(
                                Result.judged("a", "share", List.of(0.5), "0.45 to 0.55", true),
                                Result.judged("b", "share", List.of(0.9), "<= 0.5", false),
                                Result.unjudged("c", "share", "<= 0.5", "no metric")));
        String text =
                parsed(new HtmlReport(report, List.of(), "cairn", "now").page())
                        .getDocumentElement()
                        .getTextContent();

        assertThat(text).contains("holds").contains("MISSED").contains("not judged");
        assertThat(report.goals().lines()).hasSize(3).allMatch(line -> line.contains(" goal "));
    }

    @Test
    void axesHaveFewRoundTicks() {
        for (double most : new double[] {0.0013, 0.9, 1, 6, 7, 59, 61, 1e6, 3.3e9}) {
            Plot.Axis axis = Plot.Axis.upTo(most);
            assertThat(axis.end()).isBetween(most * 0.999999, most * 2);
            assertThat(axis.end() / axis.step()).isBetween(1.0, 7.0);
        }
        assertThat(new Plot.Axis(1, 0.2).shown(0.6)).isEqualTo("0.6");
        assertThat(new Plot.Axis(1000, 200).shown(600)).isEqualTo("600");
    }

    private static String page(LoadReport load, String commandLine) {
        BenchmarkReport report = new BenchmarkReport("serve", commandLine, load.results());
        return new HtmlReport(report, List.of(load), commandLine, "today").page();
    }

    private static LoadReport load(int answers, String message) {
        List<RequestRecord> records = new ArrayList<>();
        IntStream.range(0, answers)
                .forEach(
                        i ->
                                records.add(
                                        Records.answered(
                                                i,
                                                10L * i,
                                                10L * i + 100,
                                                new TokenUsage(10, 4, Optional.empty()),
                                                10L * i + 40,
                                                10L * i + 60,
                                                10L * i + 99)));
        records.add(Records.failed(answers, "http 500", message));
        LoadRun.Outcome outcome = new LoadRun.Outcome(records, 1_000_000_000L, 0, false);
        Slo slo = Slo.read("ttft:500");
        return new LoadReport(
                "chat", 21, 21, new Pace.Closed(4), outcome, LoadSummary.of(outcome, slo), slo);
    }

    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page)));
    }
}
