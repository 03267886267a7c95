package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.DeviceProbe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is measured of a device is measured of the stand-in too, to no purpose but to be run. */
class MeasureDeviceTest {

    @Test
    void everyRateIsThereAndNothingStays() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        var probe =
                new DeviceProbe(
                        1 << 20,
                        1 << 16,
                        32,
                        List.of(new DeviceProbe.Shape(48, 32)),
                        List.of(1, 4),
                        2);
        // the stream that is measured needs 3 ms for everything
        standIn.withSlowStream(0);
        List<DeviceProbe.Rate> rates =
                MeasureDevice.measure(standIn.libraries(), StandIn.settings(), probe);
        double most = 2e-9 * probe.bytes() / 3e-3;
        assertThat(rates.subList(0, 3)).allMatch(rate -> rate.runs().getFirst() <= most);
        assertThat(rates)
                .extracting(DeviceProbe.Rate::name)
                .containsExactly(
                        "copy-kernel",
                        "link-in",
                        "link-out",
                        "blocks-out",
                        "fixed-48x32@1",
                        "fixed-48x32@4",
                        "square-product",
                        "fastest-48x32@1",
                        "fastest-48x32@4");
        assertThat(rates).allMatch(rate -> rate.runs().size() == 2);
        assertThat(rates).allMatch(rate -> rate.runs().stream().allMatch(run -> run > 0));
        assertThat(standIn.live()).isEqualTo(before);
    }
}
