package dev.cairn.distribution.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.plugin.CairnPlugin;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A plugin's project of its own: sources that are compiled against the ports and nothing else, and
 * packed as a jar.
 */
final class PluginProject {

    private static final String SERVICE = "META-INF/services/" + CairnPlugin.class.getName();

    private final Path folder;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private String provider;

    /**
     * @param folder where it is built
     */
    PluginProject(Path folder) {
        this.folder = folder;
        attributes.put(
                CairnPlugin.SPI_VERSION_ATTRIBUTE, Integer.toString(CairnPlugin.SPI_VERSION));
    }

    PluginProject source(String className, String text) {
        sources.put(className, text);
        return this;
    }

    PluginProject provider(String className) {
        provider = className;
        return this;
    }

    PluginProject attribute(String name, String value) {
        attributes.put(name, value);
        return this;
    }

    PluginProject withoutAttribute(String name) {
        attributes.remove(name);
        return this;
    }

    /**
     * A Jackson of another version than everybody else's, as far as one class goes: what a plugin
     * sees of it must be its own.
     */
    PluginProject bundlingJackson(String version) {
        return source(
                "com.fasterxml.jackson.core.json.PackageVersion",
                """
                package com.fasterxml.jackson.core.json;
                public final class PackageVersion {
                    public static final String VERSION = "%s";
                }
                """
                        .formatted(version));
    }

    /** Compiles and packs. */
    Path jar(Path target) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        compile(classes);
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach(manifest.getMainAttributes()::putValue);
        Files.createDirectories(target.getParent());
        try (OutputStream out = Files.newOutputStream(target);
                JarOutputStream jar = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            if (provider != null) {
                add(jar, SERVICE, provider.getBytes(StandardCharsets.UTF_8));
            }
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                add(jar, classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return target;
    }

    private void compile(Path classes) throws IOException {
        List<Path> files = writeSources();
        if (files.isEmpty()) {
            return;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager manager =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            Iterable<? extends JavaFileObject> units = manager.getJavaFileObjectsFromPaths(files);
            List<String> options =
                    List.of(
                            "-d",
                            classes.toString(),
                            "-proc:none",
                            "-classpath",
                            portsLocation().toString());
            boolean compiled =
                    compiler.getTask(complaints, manager, null, options, null, units).call();
            assertThat(compiled).as(complaints.toString()).isTrue();
        }
    }

    private List<Path> writeSources() throws IOException {
        List<Path> files = new ArrayList<>();
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = folder.resolve("src").resolve(source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            files.add(Files.writeString(file, source.getValue()));
        }
        return files;
    }

    private static Path portsLocation() {
        return Path.of(
                URI.create(
                        CairnPlugin.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()));
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }
}
