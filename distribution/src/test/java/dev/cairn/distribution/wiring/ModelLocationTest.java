package dev.cairn.distribution.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelLocationTest {

    @ParameterizedTest
    @CsvSource({
        "tiny=/models/x, tiny, /models/x",
        "a/b:c=model.gguf, a/b:c, model.gguf",
        "big=dummy:llama-3.2-1b:7, big, dummy:llama-3.2-1b:7",
        "n=/odd=path, n, /odd=path"
    })
    void aNameStandsBeforeTheEqualsSign(String text, String name, String location) {
        ModelLocation parsed = ModelLocation.parse(text);

        assertThat(parsed.name()).hasValue(name);
        assertThat(parsed.location()).isEqualTo(location);
    }

    @Test
    void withoutOneTheTextIsTheLocation() {
        assertThat(ModelLocation.parse("/models/tiny"))
                .isEqualTo(new ModelLocation(Optional.empty(), "/models/tiny"));
    }

    @Test
    void foldersStayUnknownToClients() {
        assertThat(ModelLocation.baseName("/home/anna/models/tiny/")).isEqualTo("tiny");
        assertThat(ModelLocation.baseName("dummy:smollm2-135m")).isEqualTo("dummy:smollm2-135m");
    }
}
