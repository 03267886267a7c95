package dev.cairn.distribution.incident;

import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A record in a decision log: a head of three {@code int}, big-endian, and the record of {@link
 * RecordFormat}. The head has the record's length, a CRC-32C of the record's number in the file,
 * counted from 0, and of the record, and a CRC-32C of these two. So a damaged length is not taken
 * for a log that ends within a record, as one does whose writer was killed.
 *
 * <p>Stateless.
 */
final class LogFrame {

    /** How a log begins. */
    static final String MAGIC = "CAIRNDL2";

    private static final int HEAD_BYTES = 3 * Integer.BYTES;

    /** A record is no larger. */
    private static final int MOST_BYTES = 64 << 20;

    private LogFrame() {}

    static void begin(OutputStream out) throws IOException {
        out.write(MAGIC.getBytes(StandardCharsets.US_ASCII));
    }

    static void write(byte[] record, long number, OutputStream target) throws IOException {
        // Not closed: it has no buffer of its own.
        DataOutputStream out = new DataOutputStream(target);
        int sum = recordSum(number, record);
        out.writeInt(record.length);
        out.writeInt(sum);
        out.writeInt(headSum(record.length, sum));
        out.write(record);
    }

    /**
     * Reads how a log begins, and says how many bytes that was.
     *
     * @throws IOException if it begins in another way
     */
    static int readBegin(InputStream in) throws IOException {
        byte[] magic = in.readNBytes(MAGIC.length());
        if (!Arrays.equals(magic, MAGIC.getBytes(StandardCharsets.US_ASCII))) {
            throw new IOException("it is no decision log, or one of another version");
        }
        return magic.length;
    }

    /**
     * The next record; empty at the end.
     *
     * @param number that it must have
     * @throws EOFException if the log ends within it
     * @throws IOException if it is not as it was written
     */
    static Optional<byte[]> read(long number, InputStream in) throws IOException {
        byte[] head = in.readNBytes(HEAD_BYTES);
        if (head.length == 0) {
            return Optional.empty();
        }
        if (head.length < HEAD_BYTES) {
            throw new EOFException();
        }
        ByteBuffer fields = ByteBuffer.wrap(head);
        int length = fields.getInt();
        int sum = fields.getInt();
        if (fields.getInt() != headSum(length, sum) || length <= 0 || length > MOST_BYTES) {
            throw new IOException("the log is damaged: a head does not have its checksum");
        }
        byte[] record = in.readNBytes(length);
        if (record.length < length) {
            throw new EOFException();
        }
        if (recordSum(number, record) != sum) {
            throw new IOException(
                    "the log is damaged: record %d does not have its checksum".formatted(number));
        }
        return Optional.of(record);
    }

    /** Bytes that a record takes in the log. */
    static long length(byte[] record) {
        return HEAD_BYTES + record.length;
    }

    private static int headSum(int length, int sum) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(2 * Integer.BYTES).putInt(length).putInt(sum).flip());
        return (int) crc.getValue();
    }

    private static int recordSum(long number, byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        crc.update(record);
        return (int) crc.getValue();
    }
}
