package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All tensors of a model by name, and the checks that each use of one starts with. */
public final class TensorDirectory {

    private final String source;
    private final String configuration;
    private final Map<String, Tensor> tensors = new HashMap<>();

    /**
     * @param source what is said to lack a tensor
     * @param configuration what shapes are measured by: {@code "config.json"}, {@code "its
     *     metadata"}
     */
    TensorDirectory(String source, String configuration) {
        this.source = source;
        this.configuration = configuration;
    }

    void add(Tensor tensor) {
        Tensor other = tensors.putIfAbsent(tensor.name(), tensor);
        if (other != null) {
            throw new ModelException(
                    tensor.described()
                            + " appears twice"
                            + (other.file().equals(tensor.file())
                                    ? ""
                                    : ", also in " + other.file()));
        }
    }

    /** Whether there is a tensor of that name. */
    boolean has(String name) {
        return tensors.containsKey(name);
    }

    Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * A tensor of exactly the given shape.
     *
     * @throws ModelException naming the file, the tensor, what it is and what was expected
     */
    Tensor require(String name, long... shape) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelException(
                    source
                            + ": tensor "
                            + name
                            + " is missing, "
                            + configuration
                            + " asks for it with shape "
                            + Arrays.toString(shape));
        }
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!tensor.shape().equals(wanted)) {
            throw new ModelException(
                    tensor.described()
                            + " is "
                            + tensor.shape()
                            + " in "
                            + tensor.encoding()
                            + ", "
                            + configuration
                            + " asks for "
                            + wanted);
        }
        return tensor;
    }

    /** Bytes of all tensors as stored. */
    long storedBytes() {
        return tensors.values().stream()
                .map(Tensor::bytes)
                .mapToLong(MemorySegment::byteSize)
                .sum();
    }
}
