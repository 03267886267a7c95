package dev.cairn.tck;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that signed itself, made by the JDK's keytool.
 *
 * @param certificate PEM file
 * @param privateKey PEM file, PKCS#8
 */
public record MadeCertificate(Path certificate, Path privateKey) {

    private static final String PASSWORD = "password";

    public static MadeCertificate make(Path folder, String name)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = folder.resolve(name + ".p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments =
                "-genkeypair -alias it -keyalg EC -validity 2 -storetype PKCS12 -dname CN=%s -storepass %s"
                        .formatted(name, PASSWORD);
        ProcessBuilder making = new ProcessBuilder(keytool);
        making.command().addAll(List.of(arguments.split(" ")));
        making.command().addAll(List.of("-keystore", store.toString()));
        making.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        if (making.start().waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Path certificate = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        Files.writeString(certificate, pem("CERTIFICATE", keys.getCertificate("it").getEncoded()));
        Files.writeString(
                key, pem("PRIVATE KEY", keys.getKey("it", PASSWORD.toCharArray()).getEncoded()));
        return new MadeCertificate(certificate, key);
    }

    private static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }
}
