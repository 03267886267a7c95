/**
 * Certificates and keys in PEM files, which every transport with TLS reads. Depends on the JDK
 * alone; start at {@link dev.cairn.transport.pem.PemIdentity}.
 */
package dev.cairn.transport.pem;
