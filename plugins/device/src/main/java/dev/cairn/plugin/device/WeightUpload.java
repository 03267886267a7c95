package dev.cairn.plugin.device;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Brings weights to the device through two pinned buffers: while one is copied the other is filled.
 * Threads: the device's owner.
 */
final class WeightUpload {

    private static final long BUFFER_BYTES = 8L << 20;

    private final Device device;
    private final WeightCatalogue catalogue;
    private final DeviceStream stream;
    private final MemorySegment[] buffers = new MemorySegment[2];
    private final DeviceEvent[] copied = new DeviceEvent[2];
    private int turn;

    WeightUpload(Device device, WeightCatalogue catalogue, DeviceStream stream) {
        this.device = device;
        this.catalogue = catalogue;
        this.stream = stream;
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = device.allocatePinned(BUFFER_BYTES);
            copied[i] = device.event();
        }
    }

    /** Uploads matrices of one type, one behind the other, as one matrix. */
    DeviceMatrix matrix(List<WeightRole> roles, int layer, int firstExpert, int experts) {
        ElementType type = catalogue.type(roles.getFirst(), layer, firstExpert);
        int columns = catalogue.source().matrix(roles.getFirst(), layer, firstExpert).columns();
        int rows = 0;
        for (WeightRole role : roles) {
            rows += catalogue.source().matrix(role, layer, firstExpert).rows();
        }
        long address = device.allocate((long) experts * rows * type.rowBytes(columns));
        long at = address;
        for (int expert = firstExpert; expert < firstExpert + experts; expert++) {
            for (WeightRole role : roles) {
                if (catalogue.type(role, layer, expert) != type) {
                    throw new ModelException(
                            "%s weights of layer %d are of another type than those before them; this engine wants the experts of a layer in one type"
                                    .formatted(role, layer));
                }
                at = rows(role, layer, expert, type, at);
            }
        }
        return new DeviceMatrix(address, type, rows, columns);
    }

    private long rows(WeightRole role, int layer, int expert, ElementType type, long address) {
        StoredMatrix stored = catalogue.source().matrix(role, layer, expert);
        RowCodec codec = new RowCodec(stored, type);
        long rowBytes = type.rowBytes(stored.columns());
        if (rowBytes > BUFFER_BYTES) {
            throw new ModelException(
                    "%s weights of layer %d have rows of %d bytes, at most %d can be"
                            .formatted(role, layer, rowBytes, BUFFER_BYTES));
        }
        int most = (int) Math.min(stored.rows(), BUFFER_BYTES / rowBytes);
        for (int first = 0; first < stored.rows(); first += most) {
            int count = Math.min(most, stored.rows() - first);
            MemorySegment buffer = nextBuffer();
            for (int i = 0; i < count; i++) {
                codec.write(first + i, buffer, i * rowBytes);
            }
            send(address + first * rowBytes, count * rowBytes);
        }
        return address + stored.rows() * rowBytes;
    }

    /** Uploads norms or biases, one behind the other. */
    long vectors(int layer, WeightRole... roles) {
        int size = 0;
        for (WeightRole role : roles) {
            size += catalogue.source().vector(role, layer).length;
        }
        long address = device.allocate(4L * size);
        long at = 0;
        for (WeightRole role : roles) {
            float[] values = catalogue.source().vector(role, layer);
            floats(address + at, values, 0, values.length);
            at += 4L * values.length;
        }
        return address;
    }

    /** Uploads a part of an array. */
    void floats(long address, float[] values, int from, int count) {
        int most = (int) (BUFFER_BYTES / 4);
        for (int done = 0; done < count; done += most) {
            int part = Math.min(most, count - done);
            MemorySegment buffer = nextBuffer();
            MemorySegment.copy(values, from + done, buffer, ValueLayout.JAVA_FLOAT, 0, part);
            send(address + 4L * done, 4L * part);
        }
    }

    private MemorySegment nextBuffer() {
        turn = 1 - turn;
        while (!device.isPassed(copied[turn])) {
            Thread.onSpinWait();
        }
        return buffers[turn];
    }

    private void send(long address, long bytes) {
        device.copyIn(address, buffers[turn], 0, bytes, stream);
        device.record(copied[turn], stream);
    }
}
