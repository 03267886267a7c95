package dev.cairn.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.MonitorInstruction;
import java.util.Set;

/**
 * The core decides and does nothing else: no thread, lock, sleep, clock, random source or I/O, so
 * that every decision can be tested and replayed in virtual time.
 */
final class CorePurity {

    private static final Set<String> FORBIDDEN_PACKAGES =
            Set.of(
                    "java.io",
                    "java.net",
                    "java.net.http",
                    "java.nio.channels",
                    "java.nio.file",
                    "java.util.concurrent",
                    "java.util.concurrent.locks",
                    "java.util.random",
                    "java.lang.foreign");

    /** What of those packages touches memory alone and never waits. */
    private static final Set<String> ALLOWED_CLASSES =
            Set.of(
                    "java.io.ByteArrayOutputStream",
                    "java.io.Serializable",
                    "java.net.URI",
                    "java.net.URISyntaxException",
                    "java.net.URLDecoder",
                    "java.util.concurrent.ConcurrentHashMap",
                    "java.util.concurrent.ConcurrentHashMap$KeySetView",
                    "java.util.concurrent.ConcurrentMap",
                    "java.util.concurrent.TimeUnit");

    private static final Set<String> FORBIDDEN_CLASSES =
            Set.of(
                    "java.lang.Process",
                    "java.lang.ProcessBuilder",
                    "java.lang.Runtime",
                    "java.lang.Thread",
                    "java.lang.ThreadGroup",
                    "java.security.SecureRandom",
                    "java.time.Clock",
                    "java.util.Random",
                    "java.util.SplittableRandom",
                    "java.util.Timer");

    private static final Set<String> FORBIDDEN_CALLS =
            Set.of(
                    "java.lang.Math.random",
                    "java.lang.Object.notify",
                    "java.lang.Object.notifyAll",
                    "java.lang.Object.wait",
                    "java.lang.StrictMath.random",
                    "java.lang.System.currentTimeMillis",
                    "java.lang.System.err",
                    "java.lang.System.getenv",
                    "java.lang.System.getProperty",
                    "java.lang.System.in",
                    "java.lang.System.nanoTime",
                    "java.lang.System.out",
                    "java.util.UUID.randomUUID");

    private CorePurity() {}

    static ArchRule noForbiddenClasses(String packages) {
        return noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .dependOnClassesThat(
                        DescribedPredicate.describe(
                                "are threads, locks, sources of chance or I/O",
                                CorePurity::isForbidden))
                .because("the core decides and does nothing else");
    }

    static ArchRule noForbiddenCalls(String packages) {
        return noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .accessTargetWhere(
                        DescribedPredicate.<JavaAccess<?>>describe(
                                "is a clock, chance, a wait or the process's surroundings",
                                access -> isForbidden(access.getTarget())))
                .because("time and chance come in through events");
    }

    static ArchRule noMonitors(String packages) {
        return classes()
                .that()
                .resideInAPackage(packages)
                .should(new NotSynchronize())
                .because("one mailbox owns each state machine, so nothing in it needs a lock");
    }

    private static boolean isForbidden(JavaClass type) {
        return !ALLOWED_CLASSES.contains(type.getName())
                && (FORBIDDEN_CLASSES.contains(type.getName())
                        || FORBIDDEN_PACKAGES.contains(type.getPackageName()));
    }

    private static boolean isForbidden(AccessTarget target) {
        return FORBIDDEN_CALLS.contains(target.getOwner().getName() + "." + target.getName())
                || target.getName().equals("parallelStream")
                || (target.getOwner().getPackageName().equals("java.time")
                        && target.getName().equals("now"));
    }

    /** ArchUnit sees synchronized methods; a synchronized block shows in the instructions alone. */
    private static final class NotSynchronize extends ArchCondition<JavaClass> {

        NotSynchronize() {
            super("not synchronize");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            type.getMethods().stream()
                    .filter(method -> method.getModifiers().contains(JavaModifier.SYNCHRONIZED))
                    .forEach(method -> violated(type, method.getName(), events));
            parse(type).methods().stream()
                    .filter(NotSynchronize::entersMonitor)
                    .forEach(method -> violated(type, method.methodName().stringValue(), events));
        }

        private static void violated(JavaClass type, String method, ConditionEvents events) {
            events.add(
                    SimpleConditionEvent.violated(
                            type, type.getName() + "." + method + " synchronizes"));
        }

        private static boolean entersMonitor(MethodModel method) {
            return method.code().stream()
                    .flatMap(code -> code.elementStream())
                    .anyMatch(
                            element ->
                                    element instanceof MonitorInstruction monitor
                                            && monitor.opcode() == Opcode.MONITORENTER);
        }

        private static ClassModel parse(JavaClass type) {
            var uri = type.getSource().orElseThrow().getUri();
            try (InputStream bytes = uri.toURL().openStream()) {
                return ClassFile.of().parse(bytes.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
