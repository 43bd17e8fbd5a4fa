package org.bitbeam.root.internal.remote;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;

/**
 * Signs tokens (RFC 7519, RS256) as a grid site's issuer does, and knows the file in which the
 * SciTokens library of a server keeps the keys of issuers, so that the server need not ask anyone
 * for them.
 */
final class TokenIssuer {
  static final String ADDRESS = "https://localhost";

  private static final int PAGE_BYTES = 4096;

  private final KeyPair keys;

  TokenIssuer() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
  }

  /** A token that lets its bearer read below a path until then. */
  String token(String path, Instant expires) throws GeneralSecurityException {
    long now = Instant.now().getEpochSecond();
    String claims =
        "{\"iss\":\""
            + ADDRESS
            + "\",\"sub\":\"bitbeam\",\"aud\":\"ANY\",\"ver\":\"scitoken:2.0\",\"jti\":\"1\","
            + "\"scope\":\"read:"
            + path
            + "\",\"iat\":"
            + (now - 60)
            + ",\"nbf\":"
            + (now - 60)
            + ",\"exp\":"
            + expires.getEpochSecond()
            + "}";
    String signed =
        base64("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"key\"}".getBytes(US_ASCII))
            + "."
            + base64(claims.getBytes(US_ASCII));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(signed.getBytes(US_ASCII));
    return signed + "." + base64(signature.sign());
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String base64(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int zeros = bytes[0] == 0 ? 1 : 0;
    return base64(java.util.Arrays.copyOfRange(bytes, zeros, bytes.length));
  }

  /**
   * The cache of keys: an SQLite database of two pages, one for the schema and one for the only row
   * ({@code sqlite.org/fileformat2.html}).
   */
  byte[] keyCache() {
    RSAPublicKey key = (RSAPublicKey) keys.getPublic();
    long later = Instant.now().getEpochSecond() + 86_400;
    String json =
        "{\"expires\":"
            + later
            + ",\"next_update\":"
            + later
            + ",\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"key\","
            + "\"n\":\""
            + base64(key.getModulus())
            + "\",\"e\":\""
            + base64(key.getPublicExponent())
            + "\"}]}}";
    ByteBuffer file = ByteBuffer.allocate(2 * PAGE_BYTES);
    file.put("SQLite format 3\0".getBytes(US_ASCII)).putShort((short) PAGE_BYTES);
    file.put(new byte[] {1, 1, 0, 64, 32, 32}).putInt(1).putInt(2);
    file.putInt(40, 1).putInt(44, 4).putInt(56, 1).putInt(92, 1).putInt(96, 3_040_000);
    String sql = "CREATE TABLE keycache (issuer text, keys text)";
    page(file, 0, 100, record("table", "keycache", "keycache", 2, sql));
    page(file, PAGE_BYTES, 0, record(ADDRESS, json));
    return file.array();
  }

  /** A page of a table with one row. */
  private static void page(ByteBuffer file, int start, int header, byte[] record) {
    ByteBuffer cell = ByteBuffer.allocate(record.length + 4);
    varint(cell, record.length);
    varint(cell, 1);
    cell.put(record).flip();
    int at = PAGE_BYTES - cell.remaining();
    file.position(start + header);
    file.put((byte) 13).putShort((short) 0).putShort((short) 1).putShort((short) at);
    file.put((byte) 0).putShort((short) at);
    file.position(start + at);
    file.put(cell);
  }

  private static byte[] record(Object... values) {
    ByteBuffer types = ByteBuffer.allocate(50);
    ByteBuffer body = ByteBuffer.allocate(PAGE_BYTES);
    for (Object value : values) {
      if (value instanceof Integer number) {
        types.put((byte) 1);
        body.put(number.byteValue());
      } else {
        byte[] text = value.toString().getBytes(US_ASCII);
        varint(types, 13 + 2 * text.length);
        body.put(text);
      }
    }
    types.flip();
    body.flip();
    return ByteBuffer.allocate(1 + types.remaining() + body.remaining())
        .put((byte) (1 + types.remaining()))
        .put(types)
        .put(body)
        .array();
  }

  /** SQLite's numbers: seven bits a byte, the highest first. */
  private static void varint(ByteBuffer out, int value) {
    if (value >= 1 << 14) {
      throw new IllegalArgumentException("too long: " + value);
    }
    if (value >= 1 << 7) {
      out.put((byte) (value >> 7 | 0x80));
    }
    out.put((byte) (value & 0x7f));
  }
}
