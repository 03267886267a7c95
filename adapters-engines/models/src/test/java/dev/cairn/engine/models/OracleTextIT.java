package dev.cairn.engine.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.model.ModelFormat;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.TextCodec.TemplateException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ids, texts and rendered conversations against Hugging Face's answers. {@code
 * -Dcairn.oracles=FOLDER} takes other folders of oracles than the few that are copied here.
 */
class OracleTextIT {

    static List<Path> folders() throws IOException {
        Path root = Path.of(System.getProperty("cairn.oracles", "target/test-classes/oracles"));
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(folder -> Files.exists(folder.resolve("oracle.json")))
                    .sorted()
                    .toList();
        }
    }

    private static TextCodec codec(OracleFolder oracle) {
        ModelFormat format =
                ModelsPlugin.formats().stream()
                        .filter(candidate -> candidate.recognises(oracle.location()))
                        .findFirst()
                        .orElseThrow();
        return format.openCodec(oracle.location());
    }

    @ParameterizedTest
    @MethodSource("folders")
    void textsBecomeTheSameIdsAndIdsTheSameTexts(Path folder) {
        OracleFolder oracle = OracleFolder.read(folder);
        TextCodec codec = codec(oracle);
        assertThat(oracle.texts()).isNotEmpty();
        SoftAssertions.assertSoftly(
                softly -> {
                    for (OracleFolder.TextCase text : oracle.texts()) {
                        text.text()
                                .ifPresent(
                                        value -> {
                                            softly.assertThat(codec.encode(value, false))
                                                    .as(value)
                                                    .isEqualTo(text.ids());
                                            softly.assertThat(codec.encode(value, true))
                                                    .as(value)
                                                    .isEqualTo(text.idsWithSpecial());
                                        });
                        softly.assertThat(codec.decode(text.ids(), false))
                                .isEqualTo(text.decoded());
                        text.decodedSkippingSpecial()
                                .ifPresent(
                                        decoded ->
                                                softly.assertThat(
                                                                codec.decode(
                                                                        text.idsWithSpecial(),
                                                                        true))
                                                        .isEqualTo(decoded));
                    }
                });
    }

    /**
     * What incremental detokenization relies on: the bytes of the tokens, one behind the other, are
     * the text.
     */
    @ParameterizedTest
    @MethodSource("folders")
    void bytesOfTokensAreTheDecodedText(Path folder) {
        OracleFolder oracle = OracleFolder.read(folder);
        TextCodec codec = codec(oracle);
        SoftAssertions.assertSoftly(
                softly -> {
                    for (OracleFolder.TextCase text : oracle.texts()) {
                        if (text.text().isEmpty()) {
                            continue;
                        }
                        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                        for (int id : text.ids()) {
                            bytes.writeBytes(codec.tokenBytes(id));
                        }
                        String joined = bytes.toString(StandardCharsets.UTF_8);
                        boolean strip = codec.stripsLeadingSpace() && joined.startsWith(" ");
                        softly.assertThat(strip ? joined.substring(1) : joined)
                                .isEqualTo(text.decoded());
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("folders")
    void conversationsRenderTheSame(Path folder) {
        OracleFolder oracle = OracleFolder.read(folder);
        TextCodec codec = codec(oracle);
        SoftAssertions.assertSoftly(
                softly -> {
                    for (OracleFolder.ChatCase chat : oracle.chats()) {
                        if (chat.rendered().isPresent()) {
                            String rendered = codec.render(chat.conversation());
                            softly.assertThat(rendered).isEqualTo(chat.rendered().get());
                            softly.assertThat(codec.encode(rendered, false)).isEqualTo(chat.ids());
                        } else {
                            softly.check(
                                    () ->
                                            assertThatThrownBy(
                                                            () -> codec.render(chat.conversation()))
                                                    .isInstanceOf(TemplateException.class)
                                                    .hasMessageContaining(
                                                            chat.refusal().orElse("")));
                        }
                    }
                });
    }
}
