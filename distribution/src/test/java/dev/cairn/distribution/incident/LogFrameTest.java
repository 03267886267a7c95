package dev.cairn.distribution.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LogFrameTest {

    private static final int RECORDS = 5;

    private final List<byte[]> records = new ArrayList<>();
    private final byte[] log = written();

    @Test
    void recordsComeAsTheyWereWritten() throws IOException {
        assertThat(read(log)).containsExactlyElementsOf(records);
    }

    @Test
    void everyChangedBitIsNoticed() {
        for (int bit = 0; bit < log.length * Byte.SIZE; bit++) {
            byte[] damaged = log.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> read(damaged))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(EOFException.class);
        }
    }

    @Test
    void aLogMayEndAfterARecordOnly() throws IOException {
        long whole = LogFrame.MAGIC.length();
        List<Long> ends = new ArrayList<>(List.of(whole));
        for (byte[] record : records) {
            whole += LogFrame.length(record);
            ends.add(whole);
        }
        for (int length = LogFrame.MAGIC.length(); length <= log.length; length++) {
            byte[] cut = Arrays.copyOf(log, length);
            int records = ends.indexOf((long) length);
            if (records >= 0) {
                assertThat(read(cut)).hasSize(records);
            } else {
                assertThatThrownBy(() -> read(cut)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void recordsThatChangedPlacesAreNoticed() {
        byte[] swapped = log.clone();
        int first = LogFrame.MAGIC.length();
        int length = (int) LogFrame.length(records.getFirst());
        System.arraycopy(log, first + length, swapped, first, length);
        System.arraycopy(log, first, swapped, first + length, length);
        assertThatThrownBy(() -> read(swapped)).hasMessageContaining("record 0");
    }

    private byte[] written() {
        Random random = new Random(11);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            LogFrame.begin(out);
            for (int number = 0; number < RECORDS; number++) {
                // The first two are as long as each other.
                byte[] record = new byte[7 + number / 2 * 6];
                random.nextBytes(record);
                records.add(record);
                LogFrame.write(record, number, out);
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return out.toByteArray();
    }

    private static List<byte[]> read(byte[] bytes) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        LogFrame.readBegin(in);
        List<byte[]> read = new ArrayList<>();
        for (long number = 0; ; number++) {
            Optional<byte[]> record = LogFrame.read(number, in);
            if (record.isEmpty()) {
                return read;
            }
            read.add(record.get());
        }
    }
}
